import { setInterval as ticks } from "node:timers/promises";
import { checkConsistency, type Consistency } from "../consistency.ts";
import { signUp } from "../signing-up.ts";
import { toolClient } from "../tool-client.ts";
import type { RunningService } from "../with-service.ts";
import { catalogue } from "./catalogue.ts";
import { Market } from "./market.ts";
import { SalesBook } from "./sales.ts";
import { restock, type Shop, shopDirectly, shopOnMarket } from "./shoppers.ts";
import type { Scene } from "./view.ts";

const shoppersPerMarket = 4;
const directShoppers = 4;
const quietTimeoutMs = 60_000;
const tickMs = 100;
/** The part of each round, of `roundSeconds`, in which the second market is down. */
const outage = { from: 0.3, to: 0.5, failure: { status: 503, retryAfterSeconds: 1 } } as const;

export interface DemoOptions {
  /** Length of a round with one outage in it. */
  readonly roundSeconds: number;
  /** Ends the selling; what is under way is finished. */
  readonly closing: AbortSignal;
  /** Called several times a second. */
  readonly onScene: (scene: Scene) => void;
}

export interface DemoOutcome {
  readonly markets: readonly Market[];
  readonly sales: SalesBook;
  readonly consistency: Consistency;
}

/** Opens the shop on two marketplaces and directly, sells until it is told to close, then takes stock of everything. */
export async function runDemo(service: RunningService, options: DemoOptions): Promise<DemoOutcome> {
  const client = toolClient(service);
  const steady = new Market(await signUp(client, { id: "market-a", batch: 20 }));
  const shaky = new Market(await signUp(client, { id: "market-b", batch: 20 }));
  const markets = [steady, shaky];
  const sales = new SalesBook(markets);
  try {
    await Promise.all(
      catalogue.map(async ({ sku, title, onHand }) => {
        await client.stock.put(sku, { title, lowStockAt: 5 });
        const { stock } = await client.stock.count(sku, { onHand, ifMatch: "*" });
        sales.stock.open(sku, stock.available, stock);
      }),
    );
    await sell({ client, sales, closing: options.closing }, steady, shaky, service.url, options);
    shaky.receiver.failWith(undefined);
    const consistency = await checkConsistency({
      client,
      skus: sales.stock.skus,
      expectedAvailable: (sku) => sales.stock.available(sku),
      acknowledgements: sales.stock.acknowledgements,
      receivers: markets.map((market) => market.receiver),
      ledger: "whole",
      quietTimeoutMs,
    });
    return { markets, sales, consistency };
  } finally {
    await Promise.all(markets.map((market) => market.receiver.stop()));
  }
}

async function sell(
  shop: Shop,
  steady: Market,
  shaky: Market,
  url: string,
  options: DemoOptions,
): Promise<void> {
  // A failure anywhere ends the demo: everybody goes home, and the failure is thrown.
  const failing = new AbortController();
  const closing = AbortSignal.any([options.closing, failing.signal]);
  const open = { ...shop, closing };
  const people = [
    ...[steady, shaky].flatMap((market) =>
      numbered(shoppersPerMarket).map((number) => shopOnMarket(open, market, `shopper-${number}`)),
    ),
    ...numbered(directShoppers).map((number) => shopDirectly(open, `direct-${number}`)),
    restock(open, steady),
    runOutages(closing, steady, shaky, options.roundSeconds),
    showScenes(closing, { url, markets: [steady, shaky], sales: shop.sales }, options.onScene),
  ];
  for (const person of people) person.catch((error: unknown) => failing.abort(error));
  const ended = await Promise.allSettled(people);
  for (const end of ended) if (end.status === "rejected") throw end.reason;
}

/** Takes one market down for a part of each round: the other one must not notice. */
async function runOutages(
  closing: AbortSignal,
  steady: Market,
  shaky: Market,
  roundSeconds: number,
): Promise<void> {
  const startedAtMs = performance.now();
  await everyTick(closing, () => {
    const nowMs = performance.now();
    const share = ((nowMs - startedAtMs) / 1_000 / roundSeconds) % 1;
    const isOutage = share >= outage.from && share < outage.to;
    if (isOutage && shaky.state !== "down") shaky.goDown(outage.failure);
    if (!isOutage && shaky.state === "down") shaky.comeBack(nowMs);
    shaky.openIfSameAs(steady, nowMs);
  });
}

async function showScenes(
  closing: AbortSignal,
  scene: Omit<Scene, "seconds">,
  onScene: DemoOptions["onScene"],
): Promise<void> {
  const startedAtMs = performance.now();
  await everyTick(closing, () => onScene({ ...scene, seconds: (performance.now() - startedAtMs) / 1_000 }));
}

async function everyTick(closing: AbortSignal, act: () => void): Promise<void> {
  if (closing.aborted) return;
  try {
    for await (const _ of ticks(tickMs, undefined, { signal: closing })) act();
  } catch (error) {
    if (!closing.aborted) throw error;
  }
}

function numbered(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}
