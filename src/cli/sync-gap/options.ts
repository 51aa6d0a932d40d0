import type { Command } from "commander";
import { defaultRatePerSecond } from "../../lab/sync-gap.ts";
import { integer, number } from "../values.ts";

export interface SyncGapOptions {
  readonly seed: number;
  readonly skus: number;
  readonly orders: number;
  readonly hours: number;
  readonly channels: number;
  readonly soldOutShare: number;
  /** Calls a second that each channel takes from a poller. */
  readonly rate: number;
  /** How long Stockwire's day may take. */
  readonly seconds: number;
  readonly virtual?: true;
  readonly svg?: string;
  readonly json?: string;
}

const description = `sell one day of orders under polling and under Stockwire, and compare

On the same channels: under polling every 15 minutes and every minute, reckoned in virtual time, and under Stockwire, run
for real on a service started for it. docs/sync-gap.md says how to read it.`;

/** Adds the arguments and options of the lab to its command. */
export function syncGapCommand(command: Command): Command {
  return command
    .description(description)
    .summary("sell one day of orders under polling and under Stockwire")
    .argument("[file]", "real orders, as replay takes them; without them a day is made up")
    .option("--seed <n>", "of the day that is made up", integer(0, 4_294_967_295), 1)
    .option("--skus <n>", "of that day", integer(1, 20_000), 300)
    .option("--orders <n>", "of that day", integer(1, 50_000), 600)
    .option("--hours <n>", "of that day", number(0.1, 24), 12)
    .option("--channels <n>", "channels that sell", integer(2, 10), 2)
    .option("--sold-out-share <0..1>", "share of the SKUs that run out", number(0, 1), 0.1)
    .option(
      "--rate <n>",
      "calls a second that each channel takes from a poller",
      number(0.01, 10_000),
      defaultRatePerSecond,
    )
    .option("--seconds <n>", "how long Stockwire's day may take", integer(1, 3_600), 45)
    .option("--virtual", "leave Stockwire out")
    .option("--svg <file>", "write the charts there")
    .option("--json <file>", "write the report there");
}
