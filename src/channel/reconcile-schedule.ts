import { listChannels } from "../ledger/channels.ts";
import { shardOf } from "../storage/shard.ts";

/** The hour's runs are spread over so many minutes, so that channels do not read all at once. */
const spreadMinutes = 50;

/** Channels told at once. */
const channelsAtOnce = 20;

/** Has every channel begin its hourly comparison, each in its own minute. */
export async function reconcileAll(env: Pick<Env, "LEDGER" | "CHANNEL">, nowMs: number): Promise<void> {
  const ids = await listChannels(env.LEDGER);
  for (let start = 0; start < ids.length; start += channelsAtOnce) {
    const told = ids
      .slice(start, start + channelsAtOnce)
      .map((id) => env.CHANNEL.getByName(id).reconcileBySchedule(startOf(id, nowMs)));
    for (const result of await Promise.allSettled(told)) {
      if (result.status === "fulfilled") continue;
      console.error(JSON.stringify({ message: "a comparison was not begun", error: String(result.reason) }));
    }
  }
}

/** When a channel begins, in the hour that begins now. */
function startOf(id: string, nowMs: number): number {
  return nowMs + shardOf(id, spreadMinutes) * 60_000;
}
