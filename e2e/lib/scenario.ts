import { parseArgs } from "node:util";
import { seeded, summary } from "./figures.ts";
import { sleep, stopAll } from "./programs.ts";
import type { OrderOutcome, Shop } from "./shop.ts";
import { shopChannel, Stockwire } from "./stockwire.ts";
import { type Sales, verify } from "./verify.ts";

const scarceSkus = ["TEE-BLK-S", "TEE-BLK-M", "TEE-BLK-L", "MUG-RED", "CAP-BLU"] as const;
const scarceUnits = 30;
const outwardSku = "PROBE-OUT";
const inwardSku = "PROBE-IN";
const probeUnits = 500;
const outwardProbes = 30;
const inwardProbes = 20;

const ordersThere = 100;
const reservationsHere = 60;
const ordersHere = 40;
/** Buyers at once here. */
const buyersHere = 20;
/** Buyers at once in the shop, unless `--buyers` says otherwise. */
const buyersThere = 8;
const patienceMs = 60_000;

/**
 * Runs the service with a real shop as its channel, sells the same scarce units on both sides at once, and looks
 * whether both agree in the end. Answers with the exit code: 0 if they do.
 */
export async function runScenario(startShop: (skus: readonly string[]) => Promise<Shop>): Promise<number> {
  const skus = [...scarceSkus, outwardSku, inwardSku];
  const started: { stockwire?: Stockwire; shop?: Shop } = {};
  const end = async () => {
    await started.stockwire?.stop();
    await started.shop?.stop();
    await stopAll();
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => void end().finally(() => process.exit(130)));
  }
  try {
    started.shop = await startShop(skus);
    console.log(`${started.shop.kind} ${started.shop.version} is running`);
    started.stockwire = await Stockwire.start();
    return await play(started.stockwire, started.shop);
  } catch (error) {
    console.log(JSON.stringify(await started.stockwire?.status()));
    console.log(JSON.stringify(await started.stockwire?.unfinished()));
    throw error;
  } finally {
    await end();
  }
}

async function play(stockwire: Stockwire, shop: Shop): Promise<number> {
  const stocked = new Map<string, number>([
    ...scarceSkus.map((sku) => [sku, scarceUnits] as const),
    [outwardSku, probeUnits],
    [inwardSku, probeUnits],
  ]);
  for (const [sku, units] of stocked) await stockwire.count(sku, units);
  await stockwire.connect(shop);
  await stockwire.asked();
  const missing = await stockwire.missing();
  if (missing.length > 0) throw new Error(`the channel's test finds: ${missing.join("; ")}`);
  await until("the shop shows what was counted", async () => {
    const shown = await shop.available();
    return [...stocked].every(([sku, units]) => shown.get(sku) === units);
  });
  console.log(`the shop shows all ${stocked.size} SKUs; nothing is missing by the channel's own test`);
  console.log(`a sale here, until the shop shows it: ${summary(await probeOutward(stockwire, shop))}`);
  console.log(`a sale in the shop, until it counts here: ${summary(await probeInward(stockwire, shop))}`);
  const here = new Map<string, number>([[outwardSku, outwardProbes]]);
  const sales: Sales = { stocked, here };
  const startedAtMs = Date.now();
  await storm(stockwire, shop, here);
  const endedAtMs = Date.now();
  console.log(`200 orders took ${((endedAtMs - startedAtMs) / 1000).toFixed(1)} s`);
  return verify(stockwire, shop, sales, endedAtMs + patienceMs);
}

/** From the moment we ask to buy, until the shop's own API shows one less. */
async function probeOutward(stockwire: Stockwire, shop: Shop): Promise<number[]> {
  const timesMs: number[] = [];
  for (let sold = 1; sold <= outwardProbes; sold += 1) {
    const startMs = performance.now();
    if (!(await stockwire.buy(outwardSku, 1))) throw new Error(`${outwardSku} is sold out`);
    await until(
      "the shop shows a sale",
      async () => (await shop.available()).get(outwardSku) === probeUnits - sold,
      2,
    );
    timesMs.push(performance.now() - startMs);
  }
  return timesMs;
}

/** From the shop's answer to the buyer, until one less is available here. */
async function probeInward(stockwire: Stockwire, shop: Shop): Promise<number[]> {
  const timesMs: number[] = [];
  const random = seeded(7);
  for (let sold = 1; sold <= inwardProbes; sold += 1) {
    // Anywhere between two polls.
    await sleep(random() * 1_000);
    const order = await shop.order(inwardSku, 1);
    if (order.outcome !== "sold") throw new Error(`the shop did not sell: ${JSON.stringify(order)}`);
    const startMs = performance.now();
    await until(
      "a sale of the shop counts here",
      async () => (await stockwire.available(inwardSku)) === probeUnits - sold,
      5,
    );
    timesMs.push(performance.now() - startMs);
  }
  return timesMs;
}

/** 200 orders at once, on both sides, over a handful of SKUs that have too few units for all. */
async function storm(stockwire: Stockwire, shop: Shop, here: Map<string, number>): Promise<void> {
  const random = seeded(42);
  const pick = () => ({
    sku: scarceSkus[Math.floor(random() * scarceSkus.length)] ?? scarceSkus[0],
    quantity: random() < 0.8 ? 1 : 2,
  });
  const outcomes: OrderOutcome[] = [];
  const there = Array.from({ length: ordersThere }, () => {
    const { sku, quantity } = pick();
    return async () => {
      outcomes.push(await shop.order(sku, quantity));
    };
  });
  let refused = 0;
  const sell = (sku: string, quantity: number) => here.set(sku, (here.get(sku) ?? 0) + quantity);
  const ours = Array.from({ length: reservationsHere + ordersHere }, (_, index) => {
    const { sku, quantity } = pick();
    // Spread evenly: three reservations, two orders, and so on.
    const isOrder = (index * ordersHere) % (reservationsHere + ordersHere) < ordersHere;
    return async () => {
      if (isOrder) await stockwire.tellOrder(sku, quantity);
      else if (!(await stockwire.buy(sku, quantity))) {
        refused += 1;
        return;
      }
      sell(sku, quantity);
    };
  });
  await Promise.all([inPool(there, widthThere()), inPool(ours, buyersHere)]);
  const count = (outcome: OrderOutcome["outcome"]) =>
    outcomes.filter((candidate) => candidate.outcome === outcome).length;
  console.log(
    `in the shop, ${widthThere()} buyers at once: ${ordersThere} tried, ${count("sold")} sold, ${count("refused")} refused for want of stock, ${count("failed")} failed otherwise`,
  );
  console.log(
    `here, ${buyersHere} at once: ${reservationsHere} reservations tried, ${refused} refused; ${ordersHere} orders of another channel recorded`,
  );
  const failures = outcomes.flatMap((outcome) => (outcome.outcome === "failed" ? outcome.detail : []));
  for (const detail of new Set(failures)) console.log(`  the shop failed: ${detail.slice(0, 300)}`);
}

function widthThere(): number {
  const { values } = parseArgs({ options: { buyers: { type: "string", default: String(buyersThere) } } });
  const buyers = Number(values.buyers);
  if (!Number.isInteger(buyers) || buyers < 1)
    throw new Error(`--buyers must be 1 or more, not ${values.buyers}`);
  return buyers;
}

async function inPool(tasks: readonly (() => Promise<void>)[], width: number): Promise<void> {
  let next = 0;
  const worker = async () => {
    for (;;) {
      const task = tasks[next];
      next += 1;
      if (task === undefined) return;
      await task();
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
}

async function until(what: string, isSo: () => Promise<boolean>, pauseMs = 50): Promise<void> {
  const untilMs = Date.now() + patienceMs;
  while (!(await isSo())) {
    if (Date.now() > untilMs)
      throw new Error(`not so after ${patienceMs} ms: ${what} (channel ${shopChannel})`);
    await sleep(pauseMs);
  }
}
