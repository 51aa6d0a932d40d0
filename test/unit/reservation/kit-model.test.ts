import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ReservationLine } from "../../../src/reservation/contract.ts";
import { committedQuantity, type Journal, type Leg, legsOf } from "../../../src/reservation/journal.ts";
import { Legs, patienceSeconds } from "../../../src/reservation/legs.ts";
import type { MutationRequest } from "../../../src/sku/contract.ts";
import { kitsAllowed } from "../../../src/stock/decide/kits.ts";
import { publishedQuantity } from "../../../src/stock/publication.ts";
import { StoredSku } from "../sku/stored-sku.ts";

/** Two kits share a component, and a cart may want it plain too. */
const kits = {
  BIKE: [
    { sku: "WHEEL", quantity: 2 },
    { sku: "FRAME", quantity: 1 },
  ],
  TRIKE: [
    { sku: "FRAME", quantity: 1 },
    { sku: "WHEEL", quantity: 3 },
  ],
};
const plain = ["WHEEL", "FRAME"];
const ttlSeconds = 60;

const cartLines = fc.array(
  fc.record({ sku: fc.constantFrom("BIKE", "TRIKE", "WHEEL"), quantity: fc.integer({ min: 1, max: 3 }) }),
  { minLength: 1, maxLength: 3 },
);
const step = fc.oneof(
  {
    weight: 5,
    // A coordinator that dies after holding, before it decided, is never heard of again.
    arbitrary: fc.record({ what: fc.constant("hold" as const), lines: cartLines, dies: fc.boolean() }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      what: fc.constant("commit" as const),
      which: fc.nat(5),
      // A coordinator that dies in between does it again.
      times: fc.integer({ min: 1, max: 2 }),
      isPart: fc.boolean(),
      order: fc.constantFrom("o1", "o2"),
    }),
  },
  { weight: 2, arbitrary: fc.record({ what: fc.constant("release" as const), which: fc.nat(5) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constant("count" as const),
      sku: fc.constantFrom(...plain),
      onHand: fc.nat(30),
    }),
  },
  { weight: 2, arbitrary: fc.record({ what: fc.constant("wait" as const), seconds: fc.nat(20) }) },
);

class World {
  readonly skus = new Map([...plain, ...Object.keys(kits)].map((sku) => [sku, new StoredSku(sku)]));
  readonly legs = new Legs({
    getByName: (name: string) => ({
      mutate: (requests: MutationRequest[]) => Promise.resolve([...this.sku(name).commit(requests)]),
      read: () => Promise.resolve(this.view(name)),
      orderLines: (channel: string, orderId: string) =>
        Promise.resolve(this.sku(name).store.orderLines(channel, orderId)),
    }),
  });
  /** Carts that are held, and what was sold; both as the caller was told. */
  carts: Journal[] = [];
  readonly sold = new Map(plain.map((sku) => [sku, 0]));
  /** What nobody holds any more, and the SKUs let go of by themselves. */
  #lapsing: { legs: readonly Leg[]; untilMs: number }[] = [];
  #numbers = 0;

  constructor() {
    for (const sku of plain) this.sku(sku).do({ type: "count", location: "default", onHand: 20 });
    for (const [kit, components] of Object.entries(kits)) this.sku(kit).do({ type: "create", components });
  }

  sku(name: string): StoredSku {
    const sku = this.skus.get(name);
    if (sku === undefined) throw new Error(`no SKU ${name}`);
    return sku;
  }

  view(name: string) {
    this.sku(name).do({ type: "expire" });
    return this.sku(name).view;
  }

  async hold(wanted: readonly { sku: string; quantity: number }[], dies: boolean): Promise<void> {
    this.#numbers += 1;
    const lines = wanted.map((line): ReservationLine => {
      return { ...line, components: kits[line.sku as keyof typeof kits] };
    });
    const request = { lines, ttlSeconds, actor: "test", fingerprint: "" };
    const base = { expiresAtMs: 0, firstExpiresAtMs: 0, keys: {}, stage: "holding" as const };
    const journal: Journal = { id: `rsm_${this.#numbers}`, request, legs: legsOf(request), ...base };
    const needed = (sku: string) => sumOf(journal.legs.filter((leg) => leg.sku === sku));
    const isEnough = plain.every((sku) => needed(sku) <= Math.max(0, this.view(sku).available));
    const before = plain.map((sku) => this.view(sku).available);

    const { legs, refusal } = await this.legs.hold(journal, `n${this.#numbers}`);
    expect(refusal === undefined).toBe(isEnough);
    if (dies) {
      this.#lapsing.push({ legs, untilMs: this.nowMs + patienceSeconds * 1_000 });
      return;
    }
    if (refusal !== undefined) {
      await this.legs.release(legs, "test");
      expect(plain.map((sku) => this.view(sku).available)).toEqual(before);
      return;
    }
    expect(await this.legs.extend(legs, ttlSeconds, "test")).toBe(true);
    this.carts.push({ ...journal, legs, expiresAtMs: this.nowMs + ttlSeconds * 1_000, stage: "active" });
  }

  async commit(which: number, times: number, isPart: boolean, orderId: string): Promise<void> {
    const cart = this.#take(which);
    if (cart === undefined) return;
    const part = cart.request.lines.slice(0, 1).map(({ sku }) => ({ sku, quantity: 1 }));
    const commit = { channel: "web", orderId: `${orderId}-${cart.id}`, ...(isPart && { lines: part }) };
    const journal: Journal = { ...cart, commit, stage: "committing" };
    for (let time = 0; time < times; time += 1) {
      const { lines } = await this.legs.commit(journal);
      expect(lines.every(({ status }) => status === "accepted")).toBe(true);
    }
    for (const leg of journal.legs) {
      this.sold.set(leg.sku, (this.sold.get(leg.sku) ?? 0) + committedQuantity(journal, leg));
    }
  }

  async release(which: number): Promise<void> {
    const cart = this.#take(which);
    if (cart !== undefined) await this.legs.release(cart.legs, "test");
  }

  wait(seconds: number): void {
    for (const sku of this.skus.values()) sku.nowMs += seconds * 1_000;
    for (const { legs, expiresAtMs } of this.carts.filter((cart) => cart.expiresAtMs <= this.nowMs)) {
      this.#lapsing.push({ legs, untilMs: expiresAtMs + patienceSeconds * 1_000 });
    }
    this.carts = this.carts.filter(({ expiresAtMs }) => expiresAtMs > this.nowMs);
    this.#lapsing = this.#lapsing.filter(({ untilMs }) => untilMs > this.nowMs);
  }

  get nowMs(): number {
    return this.sku("WHEEL").nowMs;
  }

  #take(which: number): Journal | undefined {
    const cart = this.carts[which];
    this.carts = this.carts.filter((other) => other !== cart);
    return cart;
  }

  check(): void {
    for (const sku of plain) {
      const held = [...this.carts, ...this.#lapsing].flatMap(({ legs }) => legs);
      const { reserved, committed } = this.view(sku);
      expect(reserved).toBe(sumOf(held.filter((leg) => leg.sku === sku)));
      expect(committed).toBe(this.sold.get(sku));
    }
    for (const [kit, components] of Object.entries(kits)) {
      const stocks = plain.map((sku) => ({ sku, available: publishedQuantity(this.view(sku)) }));
      this.sku(kit).do({ type: "derive", components: stocks });
      const least = components.map(({ sku, quantity }) =>
        Math.floor(Math.max(0, this.view(sku).available) / quantity),
      );
      expect(this.view(kit).available).toBe(Math.min(...least));
      expect(kitsAllowed(components, stocks)).toBe(Math.min(...least));
    }
  }
}

function sumOf(legs: readonly { readonly quantity: number }[]): number {
  return legs.reduce((total, leg) => total + leg.quantity, 0);
}

describe("carts of kits that share their components", { timeout: 60_000 }, () => {
  it("are held whole or not at all, sold once, and leave nothing behind", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25, size: "max" }), async (steps) => {
        const world = new World();
        for (const each of steps) {
          if (each.what === "hold") await world.hold(each.lines, each.dies);
          if (each.what === "commit") await world.commit(each.which, each.times, each.isPart, each.order);
          if (each.what === "release") await world.release(each.which);
          if (each.what === "count") world.sku(each.sku).do({ ...each, type: "count", location: "default" });
          if (each.what === "wait") world.wait(each.seconds);
          world.check();
        }
        world.wait(ttlSeconds + patienceSeconds);
        for (const sku of plain) expect(world.view(sku).reserved).toBe(0);
        world.check();
      }),
      { numRuns: 150 },
    );
  });
});
