import { within } from "../storage/within.ts";
import { ledgerOf } from "../ledger/bindings.ts";
import { listChannels } from "../ledger/channels.ts";
import { openCounts } from "../ledger/open-counts.ts";
import { type Family } from "../telemetry/exposition.ts";
import { gauge } from "../telemetry/instruments.ts";
import { isolateFamilies } from "../telemetry/metrics.ts";
import { giveWay } from "../storage/give-way.ts";
import { limiter } from "../storage/limiter.ts";

/** Channels asked at once, and how long one may take before it counts as not there. */
const channelsAtOnce = 20;
const channelAnswersWithinMs = 2_000;

/** Everything there is to measure: what this isolate counted, what D1 holds, and what every channel says of itself. */
export async function collectMetrics(env: Env, nowMs: number): Promise<Family[]> {
  const ledger = ledgerOf(env);
  const [open, channels] = await Promise.all([openCounts(ledger), listChannels(ledger.first)]);
  const run = limiter(channelsAtOnce, giveWay);
  const told = await Promise.all(channels.map((id) => run(() => askChannel(env, id))));
  const up = channels.map((channel, index) => ({
    labels: { channel },
    value: Number(told[index] !== undefined),
  }));
  return [
    ...isolateFamilies(nowMs),
    one("stockwire_oversells_open", "Oversells that nobody has settled", open.oversells),
    one("stockwire_oversold_units_open", "Units of those", open.oversoldUnits),
    one("stockwire_dead_letters", "Stock events that were given up and wait for a replay", open.deadLetters),
    one("stockwire_unmatched_lines", "Order lines of SKUs that nobody knows", open.unmatchedLines),
    gauge("stockwire_channel_up", "1 if the channel's object answered this scrape", up),
    ...told.flatMap((families) => families ?? []),
  ];
}

function one(name: string, help: string, value: number): Family {
  return gauge(name, help, [{ labels: {}, value }]);
}

/** Undefined if it does not answer: a scrape must tell of the others all the same. */
async function askChannel(env: Env, id: string): Promise<Family[] | undefined> {
  try {
    return await within(channelAnswersWithinMs, `channel ${id}`, env.CHANNEL.getByName(id).metrics());
  } catch {
    return undefined;
  }
}
