import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ConfirmedRange, LedgerEntry, StockEventsMessage } from "../../../src/protocol/queue.ts";
import { Outbox } from "../../../src/sku/outbox.ts";
import { stockView } from "../../../src/stock/view.ts";
import { unknownSku } from "../../../src/stock/state.ts";

const epoch = "e";
const at = (version: number) => ({ epoch, version });

class World {
  nowMs = 0;
  newest = 0;
  isDown = false;
  readonly sent: StockEventsMessage[] = [];
  outbox = this.#newOutbox(0);

  append(): void {
    this.newest += 1;
    this.outbox.appended([this.#entry(this.newest)]);
  }

  #entry(version: number): LedgerEntry {
    const event = { type: "adjusted", atMs: 0, location: "default", delta: 1, reason: "found" } as const;
    return { position: at(version), event };
  }

  /** A crash: what is in memory is gone, what was confirmed is known up to `confirmed`. */
  restart(confirmed: number): void {
    this.outbox = this.#newOutbox(confirmed);
  }

  #newOutbox(confirmed: number): Outbox {
    return new Outbox(
      {
        entriesAfter: (position, limit) =>
          Array.from({ length: this.newest - position.version }, (_, index) =>
            this.#entry(position.version + index + 1),
          ).slice(0, limit),
        stock: () => stockView({ ...unknownSku("A", epoch), version: this.newest }, 0),
        usedBy: () => [],
        send: (message) => {
          if (this.isDown) return Promise.reject(new Error("the queue is down"));
          this.sent.push(message);
          return Promise.resolve();
        },
        sendFailed: () => undefined,
        now: () => this.nowMs,
        random: () => 0.5,
      },
      at(confirmed),
      at(this.newest),
    );
  }
}

const rangeOf = (message: StockEventsMessage): ConfirmedRange => ({
  after: message.after,
  last: message.entries.at(-1)?.position ?? message.after,
});

describe("the outbox", () => {
  it("packs entries that came during a send into the next message", async () => {
    const world = new World();
    world.append();
    const first = world.outbox.drain();
    world.append();
    world.append();
    await first;
    expect(world.sent.map((message) => message.entries.length)).toEqual([1, 2]);
  });

  it("does not count a confirmation beyond a gap until the gap is confirmed", async () => {
    const world = new World();
    world.append();
    await world.outbox.drain();
    world.append();
    await world.outbox.drain();
    const [first, second] = world.sent;
    if (first === undefined || second === undefined) throw new Error("two messages expected");
    world.outbox.confirm(rangeOf(second));
    expect(world.outbox.confirmed.version).toBe(0);
    world.outbox.confirm(rangeOf(first));
    expect(world.outbox.confirmed.version).toBe(2);
    expect(world.outbox.retryAtMs).toBe(Number.POSITIVE_INFINITY);
  });

  it("knows since when its oldest entry waits to be confirmed", async () => {
    const world = new World();
    expect(world.outbox.unconfirmedSinceMs).toBeUndefined();
    for (const atMs of [1_000, 2_000]) {
      world.nowMs = atMs;
      world.append();
      await world.outbox.drain();
    }
    const [first, second] = world.sent;
    if (first === undefined || second === undefined) throw new Error("two messages expected");
    expect(world.outbox.unconfirmedSinceMs).toBe(1_000);
    world.outbox.confirm(rangeOf(first));
    expect(world.outbox.unconfirmedSinceMs).toBe(2_000);
    world.outbox.confirm(rangeOf(second));
    expect(world.outbox.unconfirmedSinceMs).toBeUndefined();
    world.append();
    world.nowMs = 5_000;
    world.restart(2);
    expect(world.outbox.unconfirmedSinceMs).toBe(5_000);
  });

  it("says how old its oldest entry is, however many wait", () => {
    const world = new World();
    for (let atMs = 1; atMs <= 1_000; atMs += 1) {
      world.nowMs = atMs;
      world.append();
    }
    world.outbox.confirm({ after: { epoch: "", version: 0 }, last: at(999) });
    expect(world.outbox.unconfirmedSinceMs).toBe(256);
    world.outbox.confirm({ after: at(999), last: at(1_000) });
    expect(world.outbox.unconfirmedSinceMs).toBeUndefined();
  });

  it("delivers every entry at least once, whatever is lost, reordered or crashes", async () => {
    const step = fc.oneof(
      { weight: 5, arbitrary: fc.constant("append" as const) },
      { weight: 4, arbitrary: fc.constant("drain" as const) },
      { weight: 3, arbitrary: fc.constant("deliver" as const) },
      { weight: 1, arbitrary: fc.constant("lose" as const) },
      { weight: 1, arbitrary: fc.constant("crash" as const) },
      { weight: 1, arbitrary: fc.constant("toggle" as const) },
      { weight: 2, arbitrary: fc.constant("wait" as const) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(step, fc.nat(5)), { maxLength: 80 }), async (steps) => {
        const world = new World();
        const delivered = new Set<number>();
        const deliver = (index: number) => {
          const [message] = world.sent.splice(index % Math.max(1, world.sent.length), 1);
          if (message === undefined) return;
          for (const entry of message.entries) delivered.add(entry.position.version);
          world.outbox.confirm(rangeOf(message));
          for (let version = 1; version <= world.outbox.confirmed.version; version += 1) {
            expect(delivered.has(version)).toBe(true);
          }
        };
        for (const [what, index] of steps) {
          if (what === "append") world.append();
          if (what === "drain") await world.outbox.drain();
          if (what === "deliver") deliver(index);
          if (what === "lose") world.sent.splice(index % Math.max(1, world.sent.length), 1);
          if (what === "crash") world.restart(Math.max(0, world.outbox.confirmed.version - index));
          if (what === "toggle") world.isDown = !world.isDown;
          if (what === "wait") {
            world.nowMs += 10_000;
            world.outbox.rewindIfDue();
          }
        }
        world.isDown = false;
        for (let round = 0; round < 20 && world.outbox.confirmed.version < world.newest; round += 1) {
          world.nowMs += 600_000;
          world.outbox.rewindIfDue();
          await world.outbox.drain();
          while (world.sent.length > 0) deliver(0);
        }
        expect(delivered.size).toBe(world.newest);
        expect(world.outbox.confirmed.version).toBe(world.newest);
      }),
      { numRuns: 500 },
    );
  });
});
