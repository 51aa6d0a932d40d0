import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LedgerEntry } from "../../../src/protocol/queue.ts";
import type { MutationRequest, MutationResult } from "../../../src/sku/contract.ts";
import { evolve } from "../../../src/stock/evolve.ts";
import type { Mutation } from "../../../src/stock/mutation.ts";
import { isSticky } from "../../../src/stock/refusal.ts";
import { unknownSku } from "../../../src/stock/state.ts";
import { stockView } from "../../../src/stock/view.ts";
import { type AnyCommand, anyCommand, toMutation } from "../stock/commands.ts";
import { StoredSku } from "./stored-sku.ts";

/** What may happen: requests that are committed together, a repetition of an earlier one, a crash. */
type Step =
  | {
      readonly what: "requests";
      readonly commands: readonly AnyCommand[];
      readonly failsAt?: number | undefined;
    }
  | { readonly what: "repeat"; readonly which: number; readonly isOther: boolean }
  | { readonly what: "crash" }
  /** The service is restored to where it is: a new life that continues the old one. */
  | { readonly what: "restore" };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      what: fc.constant("requests"),
      commands: fc.array(anyCommand, { minLength: 1, maxLength: 3 }),
      // The disk fails at this statement of the transaction, the first time.
      failsAt: fc.option(fc.nat(12), { nil: undefined, freq: 4 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ what: fc.constant("repeat"), which: fc.nat(30), isOther: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.record({ what: fc.constant("crash") }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant("restore") }) },
);
const histories = fc.array(fc.tuple(step, fc.nat(1_500)), { maxLength: 40, size: "max" });

/** Facts are known by their order, and carry no key. */
const byNature = new Set<Mutation["type"]>(["order", "report", "derive", "expire"]);

interface Answered {
  readonly request: MutationRequest;
  readonly result: MutationResult;
}

/** Whether the answer of a key is kept. */
function isKept({ request, result }: Answered): boolean {
  if (request.key === undefined) return false;
  if (result.outcome === "done") return true;
  const { refusal } = result;
  if (refusal.code === "ask-shard") return false;
  if (refusal.code === "version-mismatch" || refusal.code === "idempotency-key-reused") return false;
  return isSticky(refusal);
}

/** A SKU that nothing happens to but requests, and one that crashes and whose disk fails. */
class World {
  readonly steady = new StoredSku("A", 1_000);
  readonly shaken = new StoredSku("A", 5);
  readonly answered: Answered[] = [];
  readonly reservationIds: string[] = [];

  wait(ms: number): void {
    this.steady.nowMs += ms;
    this.shaken.nowMs += ms;
  }

  requests(commands: readonly AnyCommand[], failsAt: number | undefined): void {
    const requests = commands.map((command, index): MutationRequest => {
      const mutation = toMutation(command, this.reservationIds);
      const key = byNature.has(mutation.type) ? undefined : `k${this.answered.length + index}`;
      return { mutation, key, fingerprint: JSON.stringify(mutation) };
    });
    const expected = this.steady.commit(requests);
    if (failsAt !== undefined) this.#fail(requests, failsAt);
    expect(this.shaken.commit(requests)).toEqual(expected);
    for (const [index, result] of expected.entries()) {
      const request = requests[index];
      if (request !== undefined) this.answered.push({ request, result });
      if (result.outcome === "done" && result.event?.type === "reserved")
        this.reservationIds.push(result.event.reservationId);
    }
  }

  /** Nothing of it happens: neither on the disk nor in memory. */
  #fail(requests: readonly MutationRequest[], failsAt: number): void {
    const { sql } = this.shaken;
    const before = this.shaken.view;
    let statements = 0;
    sql.beforeEach = () => {
      statements += 1;
      if (statements > failsAt) throw new Error("disk full");
    };
    sql.beforeCommit = () => {
      throw new Error("disk full");
    };
    expect(() => this.shaken.commit(requests)).toThrow("disk full");
    sql.beforeEach = () => undefined;
    sql.beforeCommit = () => undefined;
    expect(this.shaken.view).toEqual(before);
  }

  repeat(which: number, isOther: boolean): void {
    const answered = this.answered[which % Math.max(1, this.answered.length)];
    if (answered === undefined || !isKept(answered)) return;
    const before = this.steady.view.version;
    const { request, result } = answered;
    const repeated = isOther ? { ...request, fingerprint: "other" } : request;
    for (const sku of [this.steady, this.shaken]) {
      const [again] = sku.commit([repeated]);
      if (isOther) expect(again).toMatchObject({ refusal: { code: "idempotency-key-reused" } });
      else expect(again).toEqual({ ...result, replayed: true });
    }
    expect(this.steady.view.version).toBe(before);
  }

  restore(): void {
    if (this.steady.view.version === 0) return;
    const before = this.steady.view.epoch;
    for (const sku of [this.steady, this.shaken]) sku.keeper.restore(sku.nowMs);
    expect(this.steady.view.epoch > before).toBe(true);
  }

  crash(): void {
    this.shaken.crash();
    expect(this.shaken.view).toEqual(this.steady.view);
  }
}

describe("a SKU that crashes, and whose disk fails", { timeout: 60_000 }, () => {
  it("gives the same answers as one that does not, and has the same stock", () => {
    fc.assert(
      fc.property(histories, (steps) => {
        const world = new World();
        world.requests([{ type: "count", location: "default", onHand: 20 }], undefined);
        for (const [each, waitMs] of steps) {
          world.wait(waitMs);
          if (each.what === "requests") world.requests(each.commands, each.failsAt);
          else if (each.what === "repeat") world.repeat(each.which, each.isOther);
          else if (each.what === "crash") world.crash();
          else world.restore();
        }
        world.crash();
      }),
      { numRuns: 120 },
    );
  });

  it("is what its ledger adds up to, version by version", () => {
    fc.assert(
      fc.property(histories, (steps) => {
        const world = new World();
        for (const [each, waitMs] of steps) {
          world.wait(waitMs);
          if (each.what === "requests") world.requests(each.commands, each.failsAt);
          if (each.what === "restore") world.restore();
        }
        const { epoch, version } = world.shaken.view;
        const entries = world.shaken.store.load() === undefined ? [] : entriesOf(world.shaken, epoch);
        expect(entries.map(({ position }) => position.version)).toEqual(
          Array.from({ length: version }, (_, index) => index + 1),
        );
        const folded = entries.map(({ event }) => event).reduce(evolve, unknownSku("A", epoch));
        expect(stockView(folded, 0)).toEqual(world.shaken.view);
      }),
      { numRuns: 100 },
    );
  });
});

function entriesOf({ store }: StoredSku, epoch: string): LedgerEntry[] {
  return store.ledger
    .entriesAfter({ epoch: "", version: 0 }, Number.MAX_SAFE_INTEGER)
    .filter(({ position }) => position.epoch === epoch);
}
