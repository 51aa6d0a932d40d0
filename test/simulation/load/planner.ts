import { type FaultKind, faultKinds, type Weather } from "../faults/faults.ts";
import { Random } from "../kernel/random.ts";
import { Deeds } from "./deeds.ts";
import type { Plan } from "./plan.ts";
import type { Blow, Line, ShopPlan, Step } from "./steps.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** Channels are connected and SKUs counted first. */
export const openingMs = minuteMs;

/** Makes up a run: sparse, in bursts, each seed with its own mixture of what is done and what goes wrong. */
export function planOf(seed: string, hours: number): Plan {
  const random = new Random(`plan ${seed}`);
  const skus = Array.from({ length: random.int(1, 5) }, (_, index) => `S${index + 1}`);
  const shops = Array.from({ length: random.int(0, 3) }, (_, index) => shopOf(index, random));
  const kits = random.chance(0.4) ? kitOf(skus, random) : new Map<string, readonly Line[]>();
  const deeds = new Deeds(random, skus, kits, shops);
  const steps: Step[] = deeds.opening();
  const weather: Weather[] = [];
  const blows: Blow[] = [];
  const temper = random.between(0, 1);
  const kinds = faultKinds.filter(() => random.chance(0.6));
  const bursts = Math.max(2, Math.round(hours / 2));
  for (let burst = 0; burst < bursts; burst += 1) {
    const beginMs = openingMs + random.between(0, hours * hourMs - 10 * minuteMs);
    const lastsMs = random.pick([50, 400, 3_000, 20_000, 120_000]);
    steps.push(...deeds.burst(beginMs, lastsMs));
    if (!random.chance(temper)) continue;
    weather.push(...weatherOf(random, kinds, beginMs, lastsMs));
    blows.push(...blowsOf(random, beginMs, lastsMs));
  }
  return { seed, hours, skus, kits, shops, steps: inOrder(steps), weather, blows };
}

function kitOf(skus: readonly string[], random: Random): Map<string, readonly Line[]> {
  const parts = [...new Set([random.pick(skus), random.pick(skus)])];
  const components = parts.map((sku) => ({ sku, quantity: random.pick([1, 1, 2]) }));
  return new Map([["K1", components]]);
}

function shopOf(index: number, random: Random): ShopPlan {
  const rule = random.pick([undefined, undefined, { buffer: 1 }, { percent: 50 }, { cap: 5 }]);
  return {
    id: `shop-${index + 1}`,
    style: random.pick(["webhook", "exact", "exact", "plain", "slow"]),
    reports: random.pick(["push", "hint", "poll"]),
    batchMax: random.pick([1, 1, 10]),
    ...(rule !== undefined && { rule }),
  };
}

function weatherOf(random: Random, kinds: readonly FaultKind[], beginMs: number, lastsMs: number): Weather[] {
  if (kinds.length === 0) return [];
  return Array.from({ length: random.int(1, 4) }, () => {
    const fromMs = beginMs + random.between(-0.5, 0.8) * lastsMs;
    const kind = random.pick(kinds);
    return {
      kinds: [kind],
      fromMs: Math.max(openingMs, fromMs),
      untilMs:
        Math.max(openingMs, fromMs) +
        lastsMs * random.between(0.3, 2) +
        random.pick([0, 5_000, minuteMs, 15 * minuteMs]),
      // An object that dies in every turn gets nowhere, and takes long to simulate.
      probability: Math.min(random.pick([0.01, 0.05, 0.2, 0.5, 1]), kind === "crash" ? 0.2 : 1),
    };
  });
}

function blowsOf(random: Random, beginMs: number, lastsMs: number): Blow[] {
  const classes = [
    "SkuObject",
    "SkuObject",
    "SkuObject",
    "OrderObject",
    "ReservationObject",
    "ShardObject",
    "ShardObject",
    "ChannelObject",
    "FeedObject",
  ];
  const blows = Array.from({ length: random.int(0, 3) }, (): Blow => {
    const atMs = beginMs + random.between(0, 1.2) * lastsMs;
    const type = random.pick(["crash", "crash", "evict"] as const);
    return { atMs, type, className: random.pick(classes), which: random.int(0, 20) };
  });
  if (!random.chance(0.15)) return blows;
  const atMs = beginMs + random.between(0, 1.2) * lastsMs;
  return [...blows, { atMs, type: "restart", forgetsQueue: random.chance(0.5) }];
}

function inOrder(steps: readonly Step[]): Step[] {
  return steps.toSorted((a, b) => a.atMs - b.atMs || a.id - b.id);
}
