import { ledgerOf } from "../../ledger/bindings.ts";
import { listChannels } from "../../ledger/channels.ts";
import { shardOf } from "../../storage/shard.ts";
import { log } from "../../telemetry/log.ts";

/** The hour's runs are spread over so many minutes, so that channels do not read all at once. */
const spreadMinutes = 50;

/** Channels told at once. */
const channelsAtOnce = 20;

/** Has every channel begin its hourly comparison, each in its own minute. */
export async function reconcileAll(
  env: Pick<Env, "LEDGER" | "LEDGER_SHARDS" | "CHANNEL">,
  nowMs: number,
): Promise<void> {
  const ids = await listChannels(ledgerOf(env).first);
  for (let start = 0; start < ids.length; start += channelsAtOnce) {
    const told = ids.slice(start, start + channelsAtOnce).map(async (channel) => {
      try {
        await env.CHANNEL.getByName(channel).reconcileBySchedule(startOf(channel, nowMs));
      } catch (error) {
        log("reconciliation.not_begun", { channel }, { error });
      }
    });
    await Promise.all(told);
  }
}

/** When a channel begins, in the hour that begins now. */
function startOf(id: string, nowMs: number): number {
  return nowMs + shardOf(id, spreadMinutes) * 60_000;
}
