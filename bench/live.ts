import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { spreadOf } from "../src/cli/percentiles.ts";
import type { Heard } from "./live-watchers.ts";
import { type Call, load } from "./load.ts";
import { startStockwire, stockwireCalls, stockwireHeaders, stockwireKey } from "./targets/stockwire.ts";

/**
 * What watching costs: sockets on one hot SKU while it changes at a given rate, the same SKU's throughput with and
 * without them, and how many reads with a bound reach the SKUs themselves. Run it alone on the machine.
 */
const { values } = parseArgs({
  options: {
    sockets: { type: "string", default: "1000" },
    rate: { type: "string", default: "100" },
    seconds: { type: "string", default: "10" },
  },
});
const sockets = Number(values.sockets);
const perSecond = Number(values.rate);
const seconds = Number(values.seconds);
const connections = 32;
const hot = "BENCH-HOT";
const readSkus = Array.from({ length: 1_000 }, (_, index) => `BENCH-${index}`);

const service = await startStockwire();
try {
  await service.stock([hot, ...readSkus], 1_000_000);
  let runs = 0;
  const sell = () => {
    runs += 1;
    const run = `run-${runs}`;
    return (index: number) => stockwireCalls.buy(hot, `${run}-${index}`);
  };
  await load(service.url, sell(), { connections, seconds });
  const alone = await load(service.url, sell(), { connections, seconds });
  const offeredAlone = await load(service.url, sell(), { connections, seconds, perSecond });

  const watchers = fork(join(import.meta.dirname, "live-watchers.ts"), [
    String(sockets),
    `${service.url.replace("http", "ws")}/v1/live`,
    stockwireKey,
    hot,
  ]);
  await once(watchers, "message");

  watchers.send("begin");
  const sentAtMs = new Map<number, number>();
  const offered = await load(service.url, sell(), {
    connections,
    seconds,
    perSecond,
    answered: (_call, { body }, atMs) => {
      const { stock } = JSON.parse(body) as { stock: { version: number } };
      sentAtMs.set(stock.version, performance.timeOrigin + atMs);
    },
  });
  await sleep(2_000);
  watchers.send("end");
  const [heard] = (await once(watchers, "message")) as [Heard];
  const last = Math.max(...sentAtMs.keys());
  const delays = heard.views.flatMap(({ version, atMs }) => {
    const startMs = sentAtMs.get(version);
    return startMs === undefined ? [] : [atMs - startMs];
  });
  const watched = await load(service.url, sell(), { connections, seconds });
  watchers.disconnect();
  watchers.kill();

  const sources = { feed: 0, object: 0 };
  const bounded = (index: number): Call => ({
    ...stockwireCalls.read(readSkus[index % readSkus.length] ?? ""),
    headers: { ...stockwireHeaders, "cache-control": "max-age=30" },
  });
  const reads = await load(service.url, bounded, {
    connections,
    calls: 10_000,
    answered: (_call, { headers }) => {
      sources[headers["stockwire-source"] === "feed" ? "feed" : "object"] += 1;
    },
  });

  console.table({
    sockets,
    "changes/s offered": perSecond,
    "changes/s without sockets": Math.round(offeredAlone.perSecond),
    "changes/s with the sockets": Math.round(offered.perSecond),
    "change, ms, without sockets": line(offeredAlone.latency),
    "change, ms, with the sockets": line(offered.latency),
    "messages a second": Math.round(heard.views.length / seconds),
    "sockets that did not end at the newest version": heard.newest.filter((version) => version < last).length,
    "delivery, ms from request": line(spreadOf(delays)),
    "changes/s at most, without sockets": Math.round(alone.perSecond),
    "changes/s at most, with the sockets": Math.round(watched.perSecond),
    "ratio at most": (watched.perSecond / alone.perSecond).toFixed(2),
    "reads/s with max-age=30": Math.round(reads.perSecond),
    "reads that asked a SKU": sources.object,
    "read, ms": line(reads.latency),
  });
} finally {
  await service.stop();
}

function line({ p50Ms, p99Ms, maxMs }: { p50Ms: number; p99Ms: number; maxMs: number }): string {
  return `p50 ${p50Ms.toFixed(0)}, p99 ${p99Ms.toFixed(0)}, max ${maxMs.toFixed(0)}`;
}
