import type { StockEventOf } from "../../protocol/event.ts";
import { limits } from "../../protocol/limits.ts";
import type { Price } from "../../protocol/stock.ts";
import type { MutationOf } from "../mutation.ts";
import { totals } from "../quantities.ts";
import { exists, homesAt, type Level, type SkuState } from "../state.ts";
import { type Decision, events, provenance, refuse } from "./decision.ts";

type Settings = Omit<StockEventOf<"updated">, "type" | "atMs">;

/** Creates the SKU, or changes the settings it names; no event if they are as they should be already. */
export function decideCreate(state: SkuState, mutation: MutationOf<"create">, nowMs: number): Decision {
  const settings = changedSettings(state, mutation);
  const unshardable = refuseShards(state, settings, nowMs);
  if (unshardable !== undefined) return unshardable;
  if (!exists(state)) return events({ type: "created", ...provenance(mutation, nowMs), ...settings });
  if (Object.keys(settings).length === 0) return events();
  if ((settings.components?.length ?? 0) > 0) {
    const holds = totals(state);
    if (holds.reserved > 0 || holds.committed > 0) return inUse(holds);
    // Units at one location that are owed at another are stock all the same.
    const isEmpty = (level: Level) => level.onHand === 0 && level.incoming === 0 && level.unavailable === 0;
    if (!state.levels.every(isEmpty)) return refuse({ code: "sku-has-stock", onHand: holds.onHand });
  }
  return events({ type: "updated", ...provenance(mutation, nowMs), ...settings });
}

/** Ends this life of the SKU, if nobody was promised anything of it. */
export function decideRetire(state: SkuState, mutation: MutationOf<"retire">, nowMs: number): Decision {
  if (!exists(state)) return refuse({ code: "sku-not-found" });
  const holds = totals(state);
  if (holds.reserved > 0 || holds.committed > 0) return inUse(holds);
  return events({ type: "retired", ...provenance(mutation, nowMs) });
}

function inUse(holds: { reserved: number; committed: number }): Decision {
  return refuse({ code: "sku-in-use", reserved: holds.reserved, committed: holds.committed });
}

/** Only a plain SKU is sold by shards, and for some days always by as many: a key must find the shard that answered it. */
function refuseShards(state: SkuState, settings: Settings, nowMs: number): Decision | undefined {
  const shards = settings.shards ?? state.shards;
  if (shards === 0) return undefined;
  if ((settings.components ?? state.kit?.components ?? []).length > 0)
    return refuse({ code: "sku-cannot-be-sharded", because: "kit" });
  if ((settings.allocations?.length ?? state.allocations.size) > 0)
    return refuse({ code: "sku-cannot-be-sharded", because: "allocations" });
  const homes = homesAt(state, nowMs);
  if (homes === undefined || homes.shards === shards) return undefined;
  return refuse({ code: "sku-cannot-be-sharded", because: "other-shards", untilMs: homes.untilMs });
}

function changedSettings(state: SkuState, mutation: MutationOf<"create">): Settings {
  const { title, price, safetyStock, backorderLimit, lowStockAt, allocations, components } = mutation;
  const shards = mutation.shards === 1 ? 0 : mutation.shards;
  const isNewAllocations =
    allocations !== undefined &&
    (allocations.length !== state.allocations.size ||
      allocations.some(({ channel, quantity }) => state.allocations.get(channel) !== quantity));
  const isNewKit =
    components !== undefined &&
    JSON.stringify(components.map(toPair)) !== JSON.stringify((state.kit?.components ?? []).map(toPair));
  return {
    ...(title !== undefined && title !== state.title && { title }),
    ...(price !== undefined && !isSamePrice(price, state.price) && { price }),
    ...(safetyStock !== undefined && safetyStock !== state.safetyStock && { safetyStock }),
    ...(backorderLimit !== undefined && backorderLimit !== state.backorderLimit && { backorderLimit }),
    ...(lowStockAt !== undefined && lowStockAt !== state.lowStockAt && { lowStockAt }),
    ...(shards !== undefined && shards !== state.shards && { shards }),
    ...(isNewAllocations && { allocations: allocations.slice(0, limits.allocationsPerSkuMax) }),
    ...(isNewKit && { components: [...components] }),
  };
}

function isSamePrice(told: Price | null, known: Price | undefined): boolean {
  return told?.amount === known?.amount && told?.currency === known?.currency;
}

function toPair(component: { readonly sku: string; readonly quantity: number }): [string, number] {
  return [component.sku, component.quantity];
}
