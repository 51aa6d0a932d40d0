import { setTimeout as sleep } from "node:timers/promises";
import { ChannelReceiver } from "../src/cli/channel-receiver.ts";
import type { Spread } from "../src/cli/percentiles.ts";
import { Propagation } from "../src/cli/propagation.ts";
import { load } from "./load.ts";
import { markdown, type Range, range, rangeOf } from "./report.ts";
import { skus } from "./scenarios.ts";
import { stockwireCalls, stockwireHeaders } from "./targets/stockwire.ts";
import type { Target } from "./targets/target.ts";

const connections = 32;
/** More than are sold. */
const units = 10_000_000;

/** How long something takes at half of what Stockwire can do: its percentiles over all rounds. */
export interface LatencyRow {
  readonly name: string;
  readonly p50Ms: Range;
  readonly p95Ms: Range;
  readonly p99Ms: Range;
  /** Its 99th percentile over that of an object that does nothing, round by round. */
  readonly p99OfNoop: Range;
}

/** A mutation, a call of each floor, and a sale's way to a channel, in turn. */
export interface AtHalfLoad {
  readonly perSecond: number;
  readonly rows: readonly LatencyRow[];
}

export interface LatencyOptions {
  readonly run: string;
  readonly seconds: number;
  readonly rounds: number;
}

const mutation = "mutation";
/** From the moment before a sale's request is sent to the channel's request. */
const saleToChannel = "sale to channel";

/** `floors`: an object that does nothing, and others. One that writes a row waits for the same disk as a mutation. */
export async function latencyAtHalfLoad(
  stockwire: Target,
  floors: readonly [Target, ...Target[]],
  { run, seconds, rounds }: LatencyOptions,
): Promise<AtHalfLoad> {
  const receiver = await ChannelReceiver.start({ id: `bench-${run}` });
  try {
    await stockwire.stock(skus, units);
    await connect(stockwire.url, receiver);
    const sell = (part: string) => (index: number) =>
      stockwireCalls.buy(skus[index % skus.length] ?? "", `${run}-${part}-${index}`);
    const most = await load(stockwire.url, sell("most"), { connections, seconds });
    const perSecond = most.perSecond / 2;
    await settled(receiver);
    const measured: Map<string, Spread>[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      const spreads = new Map<string, Spread>();
      const propagation = new Propagation();
      receiver.propagation = propagation;
      const { latency } = await load(stockwire.url, sell(`half-${round}`), {
        connections,
        seconds,
        perSecond,
        answered: (_call, { body }, sentAtMs) => {
          const { stock } = JSON.parse(body) as { stock: { sku: string; epoch: string; version: number } };
          propagation.noteSale({ ...stock, sentAtMs, answeredAtMs: performance.now() });
        },
      });
      spreads.set(mutation, latency);
      for (const floor of floors) spreads.set(floor.name, await latencyOf(floor, { seconds, perSecond }));
      await settled(receiver);
      if (propagation.pendingCount > 0)
        throw new Error(`the channel was not told of ${propagation.pendingCount} sales`);
      spreads.set(saleToChannel, propagation.fromSend());
      measured.push(spreads);
    }
    const names = [...(measured[0]?.keys() ?? [])];
    return { perSecond, rows: names.map((name) => rowOf(name, floors[0].name, measured)) };
  } finally {
    await disconnect(stockwire.url, receiver.id);
    await receiver.stop();
  }
}

async function latencyOf(
  { name, url, buy }: Target,
  pace: { readonly seconds: number; readonly perSecond: number },
): Promise<Spread> {
  if (buy === undefined) throw new Error(`${name} has nothing to compare a mutation with`);
  const run = crypto.randomUUID();
  const callOf = (index: number) => buy(skus[index % skus.length] ?? "", `${run}-${index}`);
  return (await load(url, callOf, { connections, ...pace })).latency;
}

function rowOf(name: string, noop: string, measured: readonly Map<string, Spread>[]): LatencyRow {
  const over = (figure: (spread: Spread, floor: Spread) => number) =>
    rangeOf(
      measured.flatMap((spreads) => {
        const [spread, floor] = [spreads.get(name), spreads.get(noop)];
        return spread === undefined || floor === undefined ? [] : [figure(spread, floor)];
      }),
    );
  return {
    name,
    p50Ms: over(({ p50Ms }) => p50Ms),
    p95Ms: over(({ p95Ms }) => p95Ms),
    p99Ms: over(({ p99Ms }) => p99Ms),
    p99OfNoop: over(({ p99Ms }, floor) => p99Ms / floor.p99Ms),
  };
}

async function connect(url: string, receiver: ChannelReceiver): Promise<void> {
  const response = await fetch(`${url}/v1/channels/${receiver.id}`, {
    method: "PUT",
    headers: { ...stockwireHeaders, "content-type": "application/json" },
    body: JSON.stringify({ kind: "webhook", settings: { url: receiver.url, batch: 100 }, listings: "all" }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`the channel could not be connected: ${text}`);
  receiver.useSecret((JSON.parse(text) as { signingSecret: string }).signingSecret);
}

/** Once the channel has not been told anything for two seconds. */
async function settled(receiver: ChannelReceiver): Promise<void> {
  do await sleep(500);
  while (performance.now() - receiver.lastChangeAtMs < 2_000);
}

async function disconnect(url: string, id: string): Promise<void> {
  await fetch(`${url}/v1/channels/${id}`, { method: "DELETE", headers: stockwireHeaders });
}

export function latencyTable({ perSecond, rows }: AtHalfLoad): string {
  const lines = rows.map(({ name, p50Ms, p95Ms, p99Ms, p99OfNoop }) => [
    name,
    ...[p50Ms, p95Ms, p99Ms, p99OfNoop].map((figure) => range(figure, 1)),
  ]);
  return [
    `### At half of the highest rate over 200 SKUs, ${Math.round(perSecond)}/s`,
    "",
    ...markdown([["", "p50 ms", "p95 ms", "p99 ms", "p99 of floor-noop"], ...lines]),
    "",
  ].join("\n");
}
