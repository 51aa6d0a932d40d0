import type { Command } from "commander";
import { UsageError } from "../exit-codes.ts";
import { integer, number } from "../values.ts";
import type { Pace } from "./pace.ts";

export interface ReplayOptions {
  readonly file: string;
  readonly service: { readonly url: string; readonly key: string } | "embedded";
  readonly keepAwake: boolean;
  readonly pace: Pace;
  readonly concurrency: number;
  readonly channels: number;
  readonly channelHost: string;
  readonly opening: { readonly file: string } | { readonly soldOutShare: number };
  readonly mode: "marketplace" | "shop";
  readonly foldCase: boolean;
  readonly invoicesMax: number | undefined;
  readonly quietTimeoutMs: number;
  readonly json: boolean;
}

// At a given pace invoices start when they are due, however many are under way; this only bounds memory.
const pacedConcurrency = 1_000;

interface Given {
  readonly url?: string;
  readonly key?: string;
  readonly keepAwake?: true;
  readonly rate?: number;
  readonly speed?: number;
  readonly fast?: true;
  readonly concurrency: number;
  readonly channels: number;
  readonly channelHost: string;
  readonly opening?: string;
  readonly soldOutShare?: number;
  readonly mode: string;
  readonly foldCase?: true;
  readonly limit?: number;
  readonly quietSeconds: number;
  readonly json?: true;
}

const description = `replay a file of real orders, then check that stock, ledger and every channel agree

Columns: InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country`;

/** Adds the arguments and options of a replay to its command. */
export function replayCommand(command: Command): Command {
  return command
    .description(description)
    .summary("replay a file of real orders, and check the outcome")
    .argument("<file>", "orders as CSV")
    .option("--url <url>", "a running service, with --key; without them one is started for the replay")
    .option("--key <key>", "its API key")
    .option("--keep-awake", "of the service started for it: keep every object open (3 descriptors a SKU)")
    .option("--rate <orders/s>", "start so many invoices a second (10)", number(0.001, 1e6))
    .option("--speed <factor>", "play the day's own clock so many times faster", number(0.001, 1e6))
    .option("--fast", "as fast as --concurrency lets it")
    .option("--concurrency <n>", "invoices under way at once with --fast", integer(1, 1_000), 16)
    .option("--channels <n>", "webhook channels that receive the stock", integer(1, 20), 2)
    .option("--channel-host <address>", "address on which the channels listen", "127.0.0.1")
    .option("--opening <file>", "opening stock, a file with the columns sku,quantity")
    .option("--sold-out-share <0..1>", "or: computed, so that this share runs out (0.1)", number(0, 1))
    .option(
      "--mode <mode>",
      "marketplace: orders are facts; shop: each line is reserved first",
      "marketplace",
    )
    .option("--fold-case", "codes that differ only in case are one SKU")
    .option("--limit <n>", "the first n invoices only", integer(1, 1e9))
    .option("--quiet-seconds <n>", "how long ledger and channels may take to catch up", number(1, 3_600), 60)
    .option("--json", "print the report as JSON");
}

/** What a parsed command line asks for. Throws UsageError. */
export function replayOptions(command: Command): ReplayOptions {
  const given = command.opts<Given>();
  const { url, key, opening, soldOutShare = 0.1, mode } = given;
  if ((url === undefined) !== (key === undefined)) throw new UsageError("--url and --key go together");
  if (opening !== undefined && given.soldOutShare !== undefined)
    throw new UsageError("--opening and --sold-out-share exclude each other");
  if (mode !== "marketplace" && mode !== "shop") throw new UsageError("--mode is marketplace or shop");
  const pace = paceOf(given);
  return {
    file: command.args[0] ?? "",
    service: url !== undefined && key !== undefined ? { url, key } : "embedded",
    keepAwake: given.keepAwake === true,
    pace,
    concurrency: pace.kind === "fast" ? given.concurrency : pacedConcurrency,
    channels: given.channels,
    channelHost: given.channelHost,
    opening: opening === undefined ? { soldOutShare } : { file: opening },
    mode,
    foldCase: given.foldCase === true,
    invoicesMax: given.limit,
    quietTimeoutMs: given.quietSeconds * 1_000,
    json: given.json === true,
  };
}

function paceOf({ rate, speed, fast }: Given): Pace {
  if ([rate, speed, fast].filter((value) => value !== undefined).length > 1)
    throw new UsageError("--rate, --speed and --fast exclude each other");
  if (fast === true) return { kind: "fast" };
  if (speed !== undefined) return { kind: "speed", factor: speed };
  return { kind: "rate", ordersPerSecond: rate ?? 10 };
}
