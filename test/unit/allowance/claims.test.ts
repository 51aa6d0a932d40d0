import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Claim,
  type Decided,
  extend,
  forgotten,
  patienceMs,
  retentionMs,
  take,
  useOf,
} from "../../../src/allowance/claims.ts";
import type { AllowanceCaps, AllowanceUse } from "../../../src/allowance/contract.ts";

/** A hold as its SKU knows it. */
interface Hold {
  readonly units: number;
  readonly sinceMs: number;
  untilMs: number;
}

/** Where a step is cut off: before the SKU was asked, after it answered, or not at all. */
type Cut = "before-sku" | "after-sku" | "nowhere";

/** One caller: its claims, the holds that really are, and a network that loses what it likes in between. */
class Caller {
  readonly claims = new Map<string, Claim>();
  readonly holds = new Map<string, Hold>();
  readonly caps: AllowanceCaps;
  nowMs = 1_000_000;

  constructor(caps: AllowanceCaps) {
    this.caps = caps;
  }

  get use(): AllowanceUse {
    return useOf(this.claims, this.nowMs);
  }

  get held(): AllowanceUse {
    const active = [...this.holds.values()].filter((hold) => hold.untilMs > this.nowMs);
    return { units: active.reduce((total, hold) => total + hold.units, 0), holds: active.length };
  }

  hold(token: string, units: number, ttlSeconds: number, isThere: boolean, delayMs: number, cut: Cut): void {
    const counted = this.#counted(token);
    const before = { units: this.use.units - counted, holds: this.use.holds - (counted > 0 ? 1 : 0) };
    const decided = take(this.claims, token, { units, ttlSeconds }, this.caps, this.nowMs);
    this.#expectJust(decided, before, units, ttlSeconds, counted);
    if (!this.#keep(token, decided) || cut === "before-sku") return;
    this.nowMs += delayMs;
    // A key that made a hold is answered with it again.
    const isMade = this.holds.has(token) || isThere;
    if (!this.holds.has(token) && isThere) {
      this.holds.set(token, { units, sinceMs: this.nowMs, untilMs: this.nowMs + ttlSeconds * 1_000 });
    }
    if (cut === "nowhere" && !isMade) this.claims.delete(token);
  }

  extend(token: string, ttlSeconds: number, delayMs: number, cut: Cut): void {
    const decided = extend(this.claims, token, ttlSeconds, this.caps, this.nowMs);
    if (!this.#keep(token, decided) || cut === "before-sku") return;
    this.nowMs += delayMs;
    const hold = this.holds.get(token);
    const isActive = hold !== undefined && hold.untilMs > this.nowMs;
    if (isActive) hold.untilMs = this.nowMs + ttlSeconds * 1_000;
    else if (cut === "nowhere") this.claims.delete(token);
  }

  end(token: string, cut: Cut): void {
    const hold = this.holds.get(token);
    if (cut === "before-sku" || hold === undefined) return;
    hold.untilMs = Math.min(hold.untilMs, this.nowMs);
    if (cut === "nowhere") this.claims.delete(token);
  }

  /** Units that count for a token already. */
  #counted(token: string): number {
    const claim = this.claims.get(token);
    return claim !== undefined && claim.untilMs > this.nowMs ? claim.units : 0;
  }

  #keep(token: string, { result, claim }: Decided): boolean {
    if (claim !== undefined) this.claims.set(token, claim);
    return result.outcome === "granted";
  }

  /** A hold is granted if it is counted already or fits; a refusal names a cap it would really go over. */
  #expectJust(
    { result }: Decided,
    before: AllowanceUse,
    units: number,
    ttlSeconds: number,
    counted: number,
  ): void {
    const fits = before.holds + 1 <= this.caps.holdsMax && before.units + units <= this.caps.unitsMax;
    const isJust = ttlSeconds <= this.caps.ttlSecondsMax && (units <= counted || fits);
    expect(result.outcome).toBe(isJust ? "granted" : "refused");
    if (result.outcome === "granted") return;
    const { used, requested, limit } = result.refusal;
    expect(used + requested).toBeGreaterThan(limit);
  }
}

const token = fc.constantFrom("a", "b", "c", "d", "e");
const cut = fc.constantFrom<Cut>("before-sku", "after-sku", "nowhere", "nowhere", "nowhere");
const delayMs = fc.integer({ min: 0, max: patienceMs - 1 });
const ttlSeconds = fc.integer({ min: 1, max: 120 });

const step = fc.oneof(
  fc
    .tuple(token, fc.integer({ min: 1, max: 6 }), ttlSeconds, fc.boolean(), delayMs, cut)
    .map((args) => (caller: Caller) => caller.hold(...args)),
  fc.tuple(token, ttlSeconds, delayMs, cut).map((args) => (caller: Caller) => caller.extend(...args)),
  fc.tuple(token, cut).map((args) => (caller: Caller) => caller.end(...args)),
  fc.integer({ min: 1, max: 90_000 }).map((ms) => (caller: Caller) => {
    caller.nowMs += ms;
  }),
);

const caps = fc.record({
  unitsMax: fc.integer({ min: 1, max: 12 }),
  holdsMax: fc.integer({ min: 1, max: 4 }),
  ttlSecondsMax: fc.integer({ min: 30, max: 120 }),
  lifetimeSecondsMax: fc.integer({ min: 60, max: 300 }),
});

describe("an allowance", () => {
  it("never counts fewer than are held, never lets more be held than it allows, and is free again in the end", () => {
    fc.assert(
      fc.property(caps, fc.array(step, { maxLength: 60 }), (limits, steps) => {
        const caller = new Caller(limits);
        for (const run of steps) {
          run(caller);
          const { use, held } = caller;
          expect(use.units).toBeGreaterThanOrEqual(held.units);
          expect(use.holds).toBeGreaterThanOrEqual(held.holds);
          expect(use.units).toBeLessThanOrEqual(limits.unitsMax);
          expect(use.holds).toBeLessThanOrEqual(limits.holdsMax);
          for (const hold of caller.holds.values()) {
            const lifetimeMs = Math.max(limits.lifetimeSecondsMax, limits.ttlSecondsMax) * 1_000;
            expect(hold.untilMs - hold.sinceMs).toBeLessThanOrEqual(lifetimeMs + patienceMs);
          }
        }
        caller.nowMs += limits.ttlSecondsMax * 1_000 + patienceMs;
        expect(caller.use).toEqual({ units: 0, holds: 0 });
        caller.nowMs += retentionMs;
        expect(forgotten(caller.claims, caller.nowMs)).toEqual([...caller.claims.keys()]);
      }),
      { numRuns: 2_000 },
    );
  });

  it("names the cap, the limit and the use", () => {
    const limits = { unitsMax: 5, holdsMax: 2, ttlSecondsMax: 60, lifetimeSecondsMax: 100 };
    const claims = new Map<string, Claim>([["a", { units: 4, takenAtMs: 0, untilMs: 60_000 }]]);
    const refusal = (decided: Decided) => decided.result.outcome === "refused" && decided.result.refusal;
    expect(refusal(take(claims, "b", { units: 2, ttlSeconds: 60 }, limits, 1))).toMatchObject({
      cap: "units",
      limit: 5,
      used: 4,
      requested: 2,
    });
    expect(refusal(take(claims, "b", { units: 1, ttlSeconds: 61 }, limits, 1))).toMatchObject({
      cap: "ttlSeconds",
      limit: 60,
      requested: 61,
    });
    expect(refusal(extend(claims, "a", 60, limits, 50_000))).toMatchObject({
      cap: "lifetimeSeconds",
      limit: 100,
      used: 50,
    });
    claims.set("b", { units: 1, takenAtMs: 0, untilMs: 60_000 });
    expect(refusal(take(claims, "c", { units: 1, ttlSeconds: 1 }, limits, 1))).toMatchObject({
      cap: "holds",
      limit: 2,
      used: 2,
    });
  });
});
