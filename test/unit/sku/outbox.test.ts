import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LedgerEntry, StockEventsMessage } from "../../../src/protocol/queue.ts";
import { Outbox } from "../../../src/sku/outbox.ts";
import { stockView } from "../../../src/stock/view.ts";
import { unknownSku } from "../../../src/stock/state.ts";

const epoch = "e";
const at = (version: number) => ({ epoch, version });

class World {
  nowMs = 0;
  newest = 0;
  /** The queue takes nothing. */
  isDown = false;
  /** The ledger does not answer. */
  isLedgerDown = false;
  /** The versions that the ledger has. */
  readonly ledger = new Set<number>();
  readonly #recordedAtMs: number[] = [];
  readonly sent: StockEventsMessage[] = [];
  outbox = this.#newOutbox(0);

  append(): void {
    this.newest += 1;
    this.#recordedAtMs.push(this.nowMs);
    this.outbox.appended([this.#entry(this.newest)]);
  }

  #entry(version: number): LedgerEntry {
    const event = { type: "adjusted", atMs: 0, location: "default", delta: 1, reason: "found" } as const;
    return { position: at(version), event };
  }

  /** The consumer takes a message. */
  project(message: StockEventsMessage | undefined): void {
    for (const { position } of message?.entries ?? []) this.ledger.add(position.version);
  }

  /** What the consumer says to a SKU that waits for it. */
  report(message: StockEventsMessage | undefined): void {
    const last = message?.entries.at(-1)?.position;
    if (message?.isAwaited === true && last !== undefined)
      this.outbox.reported({ after: message.after, last });
  }

  #settledAfter({ version }: { version: number }, byMs: number) {
    const settled = this.#recordedAtMs.findLastIndex((atMs) => atMs <= byMs) + 1;
    if (settled <= version) return undefined;
    return { epoch, first: version + 1, last: settled, sinceMs: this.#recordedAtMs[version] ?? 0 };
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
        settledAfter: (position, byMs) => this.#settledAfter(position, byMs),
        reached: async ({ first, last }) => {
          if (this.isLedgerDown) throw new Error("the ledger is down");
          let reached = first - 1;
          while (reached < last && this.ledger.has(reached + 1)) reached += 1;
          return reached;
        },
        lookFailed: () => undefined,
        now: () => this.nowMs,
        random: () => 0.5,
      },
      at(confirmed),
      at(this.newest),
    );
  }
}

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

  it("confirms nothing beyond a gap, and sends again if it gets no further", async () => {
    const world = new World();
    for (const _ of [1, 2, 3]) {
      world.append();
      await world.outbox.drain();
    }
    const [first, , third] = world.sent.splice(0);
    world.project(first);
    world.project(third);
    world.nowMs = 10_000;
    await world.outbox.look();
    expect(world.outbox.confirmed.version).toBe(1);
    expect(world.outbox.missingSinceMs).toBe(0);
    // It has got on: the rest may be on its way.
    await world.outbox.drain();
    expect(world.sent).toEqual([]);

    world.nowMs = world.outbox.lookAtMs;
    await world.outbox.look();
    await world.outbox.drain();
    const [again] = world.sent;
    expect(again?.entries.map(({ position }) => position.version)).toEqual([2, 3]);
    world.project(again);
    world.nowMs = world.outbox.lookAtMs;
    await world.outbox.look();
    expect(world.outbox.confirmed.version).toBe(3);
    expect(world.outbox.missingSinceMs).toBeUndefined();
    expect(world.outbox.lookAtMs).toBe(Number.POSITIVE_INFINITY);
  });

  it("is told when it was quiet, and need not ask then", async () => {
    const world = new World();
    world.nowMs = 20_000;
    world.append();
    await world.outbox.drain();
    expect(world.sent[0]?.isAwaited).toBe(true);
    world.report(world.sent[0]);
    expect(world.outbox.confirmed.version).toBe(1);
    expect(world.outbox.lookAtMs).toBe(Number.POSITIVE_INFINITY);

    // Busy: it asks for many at once, which costs less.
    world.nowMs += 1_000;
    world.append();
    await world.outbox.drain();
    expect(world.sent[1]?.isAwaited).toBeUndefined();
    expect(world.outbox.lookAtMs).toBeLessThan(Number.POSITIVE_INFINITY);
  });

  it("takes no report that leaves a gap, is old, or is of what it never sent", () => {
    const world = new World();
    for (const _ of [1, 2, 3]) world.append();
    expect(world.outbox.reported({ after: at(1), last: at(2) })).toBe(false);
    expect(world.outbox.reported({ after: at(0), last: at(4) })).toBe(false);
    expect(world.outbox.confirmed.version).toBe(0);
    expect(world.outbox.reported({ after: at(0), last: at(2) })).toBe(true);
    expect(world.outbox.reported({ after: at(0), last: at(1) })).toBe(false);
    expect(world.outbox.confirmed.version).toBe(2);
    // The third is still to be asked for.
    expect(world.outbox.lookAtMs).toBeLessThan(Number.POSITIVE_INFINITY);
  });

  it("never goes back to what a look found if it was told of more meanwhile", async () => {
    const world = new World();
    world.append();
    await world.outbox.drain();
    world.nowMs = world.outbox.lookAtMs;
    const look = world.outbox.look();
    world.append();
    expect(world.outbox.reported({ after: at(0), last: at(2) })).toBe(true);
    world.project(world.sent[0]);
    await look;
    expect(world.outbox.confirmed.version).toBe(2);
    expect(world.outbox.missingSinceMs).toBeUndefined();
    expect(world.outbox.lookAtMs).toBe(Number.POSITIVE_INFINITY);
  });

  it("does not miss what is on its way", async () => {
    const world = new World();
    world.append();
    await world.outbox.drain();
    world.project(world.sent[0]);
    world.nowMs = world.outbox.lookAtMs;
    world.append();
    await world.outbox.drain();
    await world.outbox.look();
    expect(world.outbox.confirmed.version).toBe(1);
    expect(world.outbox.missingSinceMs).toBeUndefined();
    expect(world.outbox.lookAtMs).toBeLessThan(Number.POSITIVE_INFINITY);
  });

  it("keeps everything, and asks again, while the ledger does not answer", async () => {
    const world = new World();
    world.append();
    await world.outbox.drain();
    world.project(world.sent[0]);
    world.isLedgerDown = true;
    const waits = [];
    for (let round = 0; round < 8; round += 1) {
      const askedAtMs = world.outbox.lookAtMs;
      world.nowMs = askedAtMs;
      await world.outbox.look();
      waits.push(world.outbox.lookAtMs - askedAtMs);
    }
    expect(world.outbox.confirmed.version).toBe(0);
    expect(world.outbox.missingSinceMs).toBe(0);
    expect(waits).toEqual(waits.toSorted((one, other) => one - other));
    expect(Math.max(...waits)).toBeLessThanOrEqual(300_000);
    world.isLedgerDown = false;
    world.nowMs = world.outbox.lookAtMs;
    await world.outbox.look();
    expect(world.outbox.confirmed.version).toBe(1);
  });

  it("delivers every entry at least once, whatever is lost, reordered or crashes", async () => {
    const step = fc.oneof(
      { weight: 5, arbitrary: fc.constant("append" as const) },
      { weight: 4, arbitrary: fc.constant("drain" as const) },
      { weight: 3, arbitrary: fc.constant("deliver" as const) },
      { weight: 1, arbitrary: fc.constant("lose" as const) },
      { weight: 1, arbitrary: fc.constant("crash" as const) },
      { weight: 1, arbitrary: fc.constant("toggle" as const) },
      { weight: 1, arbitrary: fc.constant("blind" as const) },
      { weight: 3, arbitrary: fc.constant("wait" as const) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(step, fc.nat(5)), { maxLength: 80 }), async (steps) => {
        const world = new World();
        const deliver = (index: number) => {
          const [message] = world.sent.splice(index % Math.max(1, world.sent.length), 1);
          world.project(message);
          if (index !== 0) world.report(message);
          expectConfirmedInLedger();
        };
        const look = async () => {
          await world.outbox.look();
          expectConfirmedInLedger();
        };
        const expectConfirmedInLedger = () => {
          for (let version = 1; version <= world.outbox.confirmed.version; version += 1) {
            expect(world.ledger.has(version)).toBe(true);
          }
        };
        for (const [what, index] of steps) {
          if (what === "append") world.append();
          if (what === "drain") await world.outbox.drain();
          if (what === "deliver") deliver(index);
          if (what === "lose") world.sent.splice(index % Math.max(1, world.sent.length), 1);
          if (what === "crash") world.restart(Math.max(0, world.outbox.confirmed.version - index));
          if (what === "toggle") world.isDown = !world.isDown;
          if (what === "blind") world.isLedgerDown = !world.isLedgerDown;
          if (what === "wait") {
            world.nowMs += 10_000;
            await look();
          }
        }
        world.isDown = false;
        world.isLedgerDown = false;
        for (let round = 0; round < 20 && world.outbox.confirmed.version < world.newest; round += 1) {
          world.nowMs += 600_000;
          await look();
          await world.outbox.drain();
          while (world.sent.length > 0) deliver(0);
        }
        expect(world.ledger.size).toBe(world.newest);
        expect(world.outbox.confirmed.version).toBe(world.newest);
      }),
      { numRuns: 500 },
    );
  });
});
