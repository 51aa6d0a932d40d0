import type { StockEventOf } from "../../protocol/event.ts";
import { limits } from "../../protocol/limits.ts";
import type { Price } from "../../protocol/stock.ts";
import type { MutationOf } from "../mutation.ts";
import { totals } from "../quantities.ts";
import { exists, type Level, type SkuState } from "../state.ts";
import { type Decision, events, provenance, refuse } from "./decision.ts";

type Settings = Omit<StockEventOf<"updated">, "type" | "atMs">;

/** Creates the SKU, or changes the settings it names; no event if they are as they should be already. */
export function decideCreate(state: SkuState, mutation: MutationOf<"create">, nowMs: number): Decision {
  const settings = changedSettings(state, mutation);
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

function changedSettings(state: SkuState, mutation: MutationOf<"create">): Settings {
  const { title, price, safetyStock, backorderLimit, lowStockAt, allocations, components } = mutation;
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
