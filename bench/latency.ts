import { setTimeout as sleep } from "node:timers/promises";
import { ChannelReceiver } from "../src/cli/channel-receiver.ts";
import type { Spread } from "../src/cli/percentiles.ts";
import { load } from "./load.ts";
import { markdown } from "./report.ts";
import { skus } from "./scenarios.ts";
import { stockwireCalls, stockwireHeaders } from "./targets/stockwire.ts";
import type { Target } from "./targets/target.ts";

const connections = 32;
/** More than are sold. */
const units = 10_000_000;

/** How long a mutation, a call of the floor, and a sale's way to a channel take at half of what Stockwire can do. */
export interface AtHalfLoad {
  readonly perSecond: number;
  readonly mutation: Spread;
  readonly floor: Spread;
  /** From the moment before a sale's request is sent to the channel's request. */
  readonly saleToChannel: Spread;
}

export async function latencyAtHalfLoad(
  stockwire: Target,
  floor: Target,
  run: string,
  seconds: number,
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
    const mutation = await load(stockwire.url, sell("half"), {
      connections,
      seconds,
      perSecond,
      answered: (_call, { body }, sentAtMs) => {
        const { stock } = JSON.parse(body) as { stock: { sku: string; epoch: string; version: number } };
        receiver.propagation.noteSale({ ...stock, sentAtMs, answeredAtMs: performance.now() });
      },
    });
    await settled(receiver);
    const untold = receiver.propagation.pendingCount;
    if (untold > 0) throw new Error(`the channel was not told of ${untold} sales`);
    const call = floor.buy?.("HALF", "none") ?? stockwireCalls.read("HALF");
    const noop = await load(floor.url, () => call, { connections, seconds, perSecond });
    return {
      perSecond,
      mutation: mutation.latency,
      floor: noop.latency,
      saleToChannel: receiver.propagation.fromSend(),
    };
  } finally {
    await disconnect(stockwire.url, receiver.id);
    await receiver.stop();
  }
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

export function latencyTable({ perSecond, mutation, floor, saleToChannel }: AtHalfLoad): string {
  const row = (name: string, { p50Ms, p95Ms, p99Ms, maxMs }: Spread) => [
    name,
    ...[p50Ms, p95Ms, p99Ms, maxMs].map((ms) => ms.toFixed(1)),
  ];
  return [
    `### At half of the highest rate over 200 SKUs, ${Math.round(perSecond)}/s`,
    "",
    ...markdown([
      ["", "p50 ms", "p95 ms", "p99 ms", "max ms"],
      row("mutation", mutation),
      row("call of an object that does nothing", floor),
      row("sale to channel", saleToChannel),
    ]),
    "",
  ].join("\n");
}
