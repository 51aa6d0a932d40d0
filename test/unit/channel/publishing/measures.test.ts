import { expect, test } from "vitest";
import { recordingTimes } from "../../../../src/ledger/newest-views.ts";
import { propagation, publications } from "../../../../src/telemetry/metrics.ts";
import { stock, World } from "../world.ts";

/** What the metrics of the channel have grown by since `measure` was called: seconds, and answers by their kind. */
function measure() {
  const read = () => {
    const taken = propagation.family({ channel: "c" }).samples;
    const valueOf = (suffix: string) => taken.find((sample) => sample.suffix === suffix)?.value ?? 0;
    const answers = publications.family({ channel: "c" }).samples;
    const count = (outcome: string) =>
      answers.find(({ labels }) => labels["outcome"] === outcome)?.value ?? 0;
    return { count: valueOf("_count"), sum: valueOf("_sum"), ok: count("ok"), retry: count("retry") };
  };
  const before = read();
  return () => {
    const now = read();
    return {
      count: now.count - before.count,
      seconds: Math.round((now.sum - before.sum) * 1_000) / 1_000,
      ok: now.ok - before.ok,
      retry: now.retry - before.retry,
    };
  };
}

test("propagation ends when the channel's request begins, however long the channel takes", async () => {
  const world = new World();
  const grown = measure();
  world.publisher.submit([{ stock: stock("A", 1, 5), recordedAtMs: world.nowMs - 20 }]);
  world.poke();
  await world.run(1_000);
  expect(grown()).toEqual({ count: 1, seconds: 0.02, ok: 1, retry: 0 });
});

test("a view that is sent again late is as old as its change, whenever it was made", async () => {
  const world = new World();
  const grown = measure();
  const asOf = new Date(world.nowMs).toISOString();
  world.publisher.submit([{ stock: stock("A", 1, 5, { asOf }), recordedAtMs: world.nowMs - 8_000 }]);
  world.poke();
  await world.run(1_000);
  expect(grown()).toMatchObject({ count: 1, seconds: 8 });
});

test("changes that come together count from the oldest that the channel was not told of, until it is told", async () => {
  const world = new World();
  const grown = measure();
  world.behaviour = "lost";
  const recorded = world.nowMs;
  world.publisher.submit([{ stock: stock("A", 1, 5), recordedAtMs: recorded }]);
  world.poke();
  await world.run(10);
  world.publisher.submit([{ stock: stock("A", 2, 4), recordedAtMs: recorded + 5_000 }]);
  world.behaviour = "ok";
  await world.run(60_000);
  const first = grown();
  expect(first).toMatchObject({ count: 1, ok: 1 });
  expect(first.retry).toBeGreaterThan(0);
  const toldAtMs = world.calls.at(-1)?.atMs ?? 0;
  expect(first.seconds).toBeCloseTo((toldAtMs - recorded) / 1_000, 2);
  world.publisher.submit([{ stock: stock("A", 3, 3), recordedAtMs: world.nowMs - 30 }]);
  world.poke();
  await world.run(1_000);
  expect(grown().seconds - first.seconds).toBeCloseTo(0.03, 3);
});

test("a batch of messages tells when the newest change of each SKU was recorded", () => {
  const message = (sku: string, version: number, atMs: number) => {
    const position = { epoch: "e1", version };
    const event = { type: "adjusted", atMs, location: "default", delta: 1, reason: "found" } as const;
    return {
      sku,
      after: { epoch: "e1", version: version - 1 },
      entries: [{ position, event }],
      stock: stock(sku, version, 1),
    };
  };
  const messages = [message("A", 2, 200), message("A", 1, 100), message("B", 1, 300)];
  expect(recordingTimes(messages)).toEqual(
    new Map([
      ["A", 200],
      ["B", 300],
    ]),
  );
  expect(recordingTimes([{ ...message("C", 1, 1), entries: [] }])).toEqual(new Map());
});
