import { parseArgs } from "node:util";
import type { Pace } from "./pace.ts";

export const usage = `Usage: npm run replay -- FILE.csv [options]

Replays a file of real orders against Stockwire and checks afterwards that the stock, the ledger and
every channel agree. Columns: InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country

  --url <url> --key <key>    a running service; without them one is started for the replay
  --keep-awake               of the service started for it: keep every object open (3 descriptors a SKU)
  --rate <orders/s>          start so many invoices a second (default 10)
  --speed <factor>           play the day's own clock so many times faster
  --fast                     as fast as --concurrency lets it
  --concurrency <n>          invoices under way at once with --fast (default 16)
  --channels <n>             webhook channels that receive the stock (default 2)
  --channel-host <address>   address on which the channels listen (default 127.0.0.1)
  --opening <file>           opening stock, a file with the columns sku,quantity
  --sold-out-share <0..1>    or: computed, so that this share of the SKUs runs out (default 0.1)
  --mode <mode>              marketplace: orders are facts (default); shop: each line is reserved first
  --fold-case                codes that differ only in case are one SKU
  --limit <n>                the first n invoices only
  --quiet-seconds <n>        how long ledger and channels may take to catch up (default 60)
  --json                     print the report as JSON
  --help                     this text`;

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

/** Whoever calls the tool asked for something it does not do; the message says what it would. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

// At a given pace invoices start when they are due, however many are under way; this only bounds memory.
const pacedConcurrency = 1_000;

/** Reads the command line. Undefined: help was asked for. Throws UsageError. */
export function parseOptions(args: readonly string[]): ReplayOptions | undefined {
  const { values, positionals } = parse(args);
  if (values.help) return undefined;
  const [file, ...others] = positionals;
  if (file === undefined || others.length > 0) throw new UsageError("name one order file");
  if ((values.url === undefined) !== (values.key === undefined))
    throw new UsageError("--url and --key go together");
  if (values.opening !== undefined && values["sold-out-share"] !== undefined) {
    throw new UsageError("--opening and --sold-out-share exclude each other");
  }
  const mode = values.mode ?? "marketplace";
  if (mode !== "marketplace" && mode !== "shop") throw new UsageError("--mode is marketplace or shop");
  const pace = paceOf(values);
  const soldOutShare = numberOf("sold-out-share", values["sold-out-share"] ?? "0.1", 0, 1);
  return {
    file,
    service:
      values.url !== undefined && values.key !== undefined
        ? { url: values.url, key: values.key }
        : "embedded",
    keepAwake: values["keep-awake"] ?? false,
    pace,
    concurrency:
      pace.kind === "fast"
        ? integerOf("concurrency", values.concurrency ?? "16", 1, 1_000)
        : pacedConcurrency,
    channels: integerOf("channels", values.channels ?? "2", 1, 20),
    channelHost: values["channel-host"] ?? "127.0.0.1",
    opening: values.opening !== undefined ? { file: values.opening } : { soldOutShare },
    mode,
    foldCase: values["fold-case"] ?? false,
    invoicesMax: values.limit === undefined ? undefined : integerOf("limit", values.limit, 1, 1e9),
    quietTimeoutMs: numberOf("quiet-seconds", values["quiet-seconds"] ?? "60", 1, 3_600) * 1_000,
    json: values.json ?? false,
  };
}

function parse(args: readonly string[]) {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        url: text,
        key: text,
        "keep-awake": flag,
        rate: text,
        speed: text,
        fast: flag,
        concurrency: text,
        channels: text,
        "channel-host": text,
        opening: text,
        "sold-out-share": text,
        mode: text,
        "fold-case": flag,
        limit: text,
        "quiet-seconds": text,
        json: flag,
        help: flag,
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function paceOf(values: { rate?: string; speed?: string; fast?: boolean }): Pace {
  const given = [values.rate, values.speed, values.fast].filter((value) => value !== undefined);
  if (given.length > 1) throw new UsageError("--rate, --speed and --fast exclude each other");
  if (values.fast === true) return { kind: "fast" };
  if (values.speed !== undefined)
    return { kind: "speed", factor: numberOf("speed", values.speed, 0.001, 1e6) };
  return { kind: "rate", ordersPerSecond: numberOf("rate", values.rate ?? "10", 0.001, 1e6) };
}

function numberOf(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (text.trim() === "" || !(value >= min && value <= max)) {
    throw new UsageError(`--${name} is a number from ${min} to ${max}, not ${text}`);
  }
  return value;
}

function integerOf(name: string, text: string, min: number, max: number): number {
  const value = numberOf(name, text, min, max);
  if (!Number.isInteger(value)) throw new UsageError(`--${name} is a whole number, not ${text}`);
  return value;
}
