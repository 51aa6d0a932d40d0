import type { Random } from "../kernel/random.ts";
import type { Action, BulkAction, Line, ShopPlan, Step } from "./steps.ts";

const locations = ["default", "default", "default", "annex"];

type Kind = Exclude<Action["type"], "kit">;

/** How often each kind of action is taken, before a run chooses its own mixture. */
const usual: readonly (readonly [Kind, number])[] = [
  ["adjust", 20],
  ["count", 4],
  ["receive", 4],
  ["unavailable", 3],
  ["transfer", 2],
  ["settings", 2],
  ["shards", 1],
  ["retire", 1],
  ["reserve", 20],
  ["commit", 14],
  ["extend", 4],
  ["release", 6],
  ["order", 14],
  ["change", 10],
  ["read", 14],
  ["sale", 20],
  ["sale-change", 10],
  ["edit", 1],
  ["reconcile", 1],
  ["bulk", 5],
  ["watch", 4],
  ["listen", 1],
];

/** How many objects sell a SKU that is sold by several. */
const shards = 2;

/** Those that may be asked for only if a SKU is as it was. */
const conditional: ReadonlySet<string> = new Set(["adjust", "receive", "unavailable", "transfer"]);

/** What needs a shop. */
const shopKinds: ReadonlySet<Kind> = new Set(["sale", "sale-change", "edit", "reconcile"]);

/** Makes up what callers do. */
export class Deeds {
  readonly #random: Random;
  /** Kits stand among them. */
  readonly #skus: readonly string[];
  readonly #kits: ReadonlyMap<string, readonly Line[]>;
  readonly #shops: readonly ShopPlan[];
  /** SKUs with so much stock that shards can sell them. */
  readonly #plentiful: ReadonlySet<string>;
  readonly #mixture: readonly (readonly [Kind, number])[];
  readonly #reservations: number[] = [];
  readonly #orders: number[] = [];
  readonly #sales: number[] = [];
  #lastId = 0;

  constructor(
    random: Random,
    skus: readonly string[],
    kits: ReadonlyMap<string, readonly Line[]>,
    shops: readonly ShopPlan[],
  ) {
    this.#random = random;
    this.#skus = [...skus, ...kits.keys()];
    this.#kits = kits;
    this.#shops = shops;
    this.#plentiful = new Set(skus.filter(() => random.chance(0.25)));
    const possible = usual.filter(([kind]) => shops.length > 0 || !shopKinds.has(kind));
    const mixture = possible.map(([kind, weight]) => [kind, weight * random.pick([0, 1, 1, 1, 5])] as const);
    this.#mixture = mixture.some(([, weight]) => weight > 0) ? mixture : possible;
  }

  /** What there is when the run begins: counted SKUs, and the kits that are made of them. */
  opening(): Step[] {
    return this.#skus.flatMap((sku, index) => {
      const components = this.#kits.get(sku);
      if (components !== undefined)
        return [this.#step(index * 200 + 20_000, { type: "kit", sku, components })];
      const count = { type: "count", sku, location: "default", onHand: this.#units(sku) } as const;
      const steps = [this.#step(index * 200, count)];
      if (this.#plentiful.has(sku))
        steps.push(this.#step(index * 200 + 10_000, { type: "shards", sku, shards }));
      return steps;
    });
  }

  /** What is done within a short time, much of it to the same SKUs. */
  burst(beginMs: number, lastsMs: number): Step[] {
    const random = this.#random;
    const favourites = [random.pick(this.#skus), random.pick(this.#skus)];
    return Array.from({ length: random.int(5, 40) }, () => random.between(0, lastsMs))
      .toSorted((a, b) => a - b)
      .map((afterMs) =>
        this.#step(beginMs + afterMs, this.#action(random.weighted(this.#mixture), favourites)),
      );
  }

  #step(atMs: number, action: Action): Step {
    const random = this.#random;
    this.#lastId += 1;
    const id = this.#lastId;
    if (action.type === "reserve") this.#reservations.push(id);
    if (action.type === "sale") this.#sales.push(id);
    if (action.type === "order" || action.type === "commit") this.#orders.push(id);
    const isConditional = conditional.has(action.type) &&
      random.chance(0.2) && { isConditional: true as const };
    const echo = random.chance(0.2) && { echoAfterMs: random.pick([0, 100, 5_000, 600_000]) };
    return { id, atMs, action, patience: random.pick([0, 3, 8, 8]), ...isConditional, ...echo };
  }

  #action(kind: Kind, favourites: readonly string[]): Action {
    const random = this.#random;
    const sku = random.pick(favourites);
    const location = random.pick(locations);
    switch (kind) {
      case "adjust":
        return { type: "adjust", sku, location, delta: random.pick([-3, -2, -1, -1, -1, 1, 2, 5]) };
      case "count":
        return { type: "count", sku, location, onHand: this.#units(sku) };
      case "receive":
        return { type: "receive", sku, location, quantity: random.int(1, 6) };
      case "unavailable":
        return { type: "unavailable", sku, location, delta: random.pick([-1, 1, 2]) };
      case "transfer":
        return { type: "transfer", sku, from: "default", to: "annex", quantity: random.int(1, 3) };
      case "settings":
        return {
          type: "settings",
          sku,
          settings: random.pick([{ safetyStock: random.int(0, 2) }, { backorderLimit: random.int(0, 2) }]),
        };
      case "shards":
        return { type: "shards", sku, shards: random.pick([0, shards]) };
      case "retire":
        return { type: "retire", sku };
      case "reserve": {
        const ttlSeconds = random.pick([1, 2, 10, 60, 600, 7_200]);
        return { type: "reserve", lines: this.#lines(favourites), ttlSeconds };
      }
      case "order":
        return { type: "order", channel: this.#channel(), lines: this.#lines(favourites) };
      case "read":
        return { type: "read", skus: [sku], maxAgeSeconds: random.pick([0, 0, 1, 5, 30, 300]) };
      case "commit":
      case "extend":
      case "release": {
        const of = this.#recent(this.#reservations);
        if (of === undefined) return { type: "reserve", lines: this.#lines(favourites), ttlSeconds: 60 };
        if (kind === "commit") return { type: "commit", of, channel: this.#channel() };
        return kind === "extend"
          ? { type: "extend", of, ttlSeconds: random.pick([1, 30, 900]) }
          : { type: "release", of };
      }
      case "change": {
        const of = this.#recent(this.#orders);
        if (of === undefined)
          return { type: "order", channel: this.#channel(), lines: this.#lines(favourites) };
        const change = random.pick(["cancel", "fulfil", "fulfil", "return"] as const);
        return { type: "change", of, change, ...(random.chance(0.3) && { quantity: 1 }) };
      }
      case "bulk":
        return {
          type: "bulk",
          items: Array.from({ length: random.int(1, 6) }, () => this.#item(random.pick(favourites))),
        };
      case "watch":
        return {
          type: "watch",
          skus: [...new Set([...favourites, ...(random.chance(0.3) ? this.#skus : [])])],
          forMs: random.pick([60_000, 600_000, 1_800_000, 3_600_000]),
        };
      case "listen":
        return { type: "listen", forMs: random.pick([5_000, 60_000]) };
      case "sale":
        return { type: "sale", channel: this.#shop(), sku, units: random.pick([1, 1, 2]) };
      case "sale-change": {
        const of = this.#recent(this.#sales);
        if (of === undefined) return { type: "sale", channel: this.#shop(), sku, units: 1 };
        return {
          type: "sale-change",
          of,
          change: random.pick(["cancel", "fulfil", "fulfil", "restock"] as const),
        };
      }
      case "edit":
        return { type: "edit", channel: this.#shop(), sku, quantity: random.int(0, 9) };
      case "reconcile":
        return { type: "reconcile", channel: this.#shop() };
      default:
        throw new Error(`nobody knows how to ${String(kind satisfies never)}`);
    }
  }

  #item(sku: string): BulkAction {
    const random = this.#random;
    const location = random.pick(locations);
    switch (random.pick(["adjust", "adjust", "receive", "unavailable", "count"] as const)) {
      case "adjust":
        return { type: "adjust", sku, location, delta: random.pick([-2, -1, -1, 1, 3]) };
      case "receive":
        return { type: "receive", sku, location, quantity: random.int(1, 4) };
      case "unavailable":
        return { type: "unavailable", sku, location, delta: random.pick([-1, 1]) };
      default:
        return { type: "count", sku, location, onHand: random.int(0, 12) };
    }
  }

  #lines(favourites: readonly string[]): Line[] {
    const random = this.#random;
    const wanted = random.chance(0.3) ? [...favourites, random.pick(this.#skus)] : favourites.slice(0, 1);
    return [...new Set(wanted)].map((sku) => ({ sku, quantity: random.pick([1, 1, 1, 2, 3]) }));
  }

  /** What somebody counts: with few, shards sell nothing; with more, they do until there are few. */
  #units(sku: string): number {
    return this.#plentiful.has(sku) ? this.#random.pick([70, 90, 150, 400]) : this.#random.int(0, 12);
  }

  /** Most are about what was done just now. */
  #recent(ids: readonly number[]): number | undefined {
    if (ids.length === 0) return undefined;
    return ids[Math.max(0, ids.length - this.#random.pick([1, 1, 2, 3, 5, 20]))];
  }

  #shop(): string {
    return this.#random.pick(this.#shops).id;
  }

  #channel(): string {
    return this.#random.pick(["direct", "till", ...this.#shops.map(({ id }) => id)]);
  }
}
