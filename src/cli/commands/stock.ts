import type { Command } from "commander";
import type { Page, StockStatus, StockView } from "../../client/index.ts";
import { exitCodes } from "../exit-codes.ts";
import { onService, type Session, type Stage } from "../on-service.ts";
import { integer, number } from "../values.ts";
import { stockSheet, stockTable, watchLine } from "../views.ts";

const examples = {
  stock: `
Examples:
  stockwire stock                                  all SKUs, from the ledger
  stockwire stock --status low_stock
  stockwire stock TEE-BLK-M                        one, with its locations
  stockwire stock TEE-BLK-M --at 2026-11-23T09:00:00Z`,
  watch: `
Examples:
  stockwire watch TEE-BLK-M MUG
  stockwire watch TEE-BLK-M --json | jq .available`,
};

interface StockOptions {
  readonly query?: string;
  readonly status?: StockStatus;
  readonly retired?: true;
  readonly limit: number;
  readonly maxAge?: number;
  readonly at?: string;
}

export function addStock(program: Command, stage: Stage): void {
  const stock = program
    .command("stock [sku...]")
    .description("what there is of SKUs, or of all of them")
    .option("--query <text>", "SKUs whose name or title has this in it")
    .option("--status <status>", "in_stock, low_stock, out_of_stock or backorder")
    .option("--retired", "the retired SKUs instead")
    .option("--limit <n>", "at most so many of a list", integer(1, 1_000_000), 50)
    .option("--max-age <seconds>", "an answer may be so old", number(0, 86_400))
    .option("--at <time>", "as it was recorded by then")
    .addHelpText("after", examples.stock);
  onService<[string[]], StockOptions>(stock, stage, async (session, [skus], options) =>
    skus.length === 0 ? listStock(session, options) : showStock(session, skus, options),
  );

  const watch = program
    .command("watch <sku...>")
    .description("SKUs as they change, until Ctrl-C")
    .option("--count <n>", "end after so many views", integer(1, 1_000_000_000))
    .addHelpText("after", examples.watch);
  onService<[string[]], { readonly count?: number }>(watch, stage, watchStock);
}

async function listStock(session: Session, options: StockOptions): Promise<void> {
  const { query, status, retired, limit } = options;
  const filter = { query, status, retired, limit: Math.min(limit, 500) };
  const views: StockView[] = [];
  let more = false;
  for await (const page of session.client.stock.list(filter).pages()) {
    const rest: Page<StockView>["items"] = page.items.slice(0, limit - views.length);
    views.push(...rest);
    more = page.nextCursor !== undefined || rest.length < page.items.length;
    if (views.length >= limit) break;
  }
  if (session.isJson) for (const view of views) session.io.out(JSON.stringify(view));
  else session.io.out(stockTable(views));
  if (more) session.io.note(`there are more: --limit ${limit * 10}`);
}

async function showStock(session: Session, skus: readonly string[], options: StockOptions) {
  const { client, io } = session;
  if (options.at !== undefined) {
    for (const sku of skus) {
      const view = await client.stock.history(sku, { at: options.at });
      session.show(view, () => stockSheet(view));
    }
    return undefined;
  }
  const { items, missing } = await client.stock.availability(skus, { maxAgeSeconds: options.maxAge });
  const [only] = items;
  if (session.isJson) for (const view of items) io.out(JSON.stringify(view));
  else if (only !== undefined) io.out(items.length === 1 ? stockSheet(only) : stockTable(items));
  for (const sku of missing) io.note(`stockwire: SKU ${sku} is unknown`);
  return missing.length === 0 ? undefined : exitCodes.notFound;
}

async function watchStock(session: Session, [skus]: [string[]], { count }: { readonly count?: number }) {
  const { client, io } = session;
  const live = client.live(skus, {
    signal: io.signal,
    onState: (state) => {
      if (state === "interrupted") io.note("the connection is lost: what is shown may be old");
      if (state === "live" && live.missing.length > 0)
        io.note(`unknown so far, shown once there: ${live.missing.join(", ")}`);
    },
  });
  let seen = 0;
  try {
    for await (const view of live) {
      session.show(view, () => watchLine(view));
      seen += 1;
      if (seen === count) return;
    }
  } catch (error) {
    // Ctrl-C is how one stops watching.
    if (!io.signal.aborted) throw error;
  }
}
