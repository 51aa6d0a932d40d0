import type { MutationOf } from "../mutation.ts";
import { exists, type SkuState } from "../state.ts";
import { type Decision, events, provenance, refuse } from "./decision.ts";

/** How many kits the components allow: the scarcest decides. A component that is short below zero allows none. */
export function kitsAllowed(
  components: readonly { readonly sku: string; readonly quantity: number }[],
  stocks: readonly { readonly sku: string; readonly available: number }[],
): number {
  const allowed = components.map(({ sku, quantity }) => {
    const stock = stocks.find((candidate) => candidate.sku === sku);
    return Math.floor(Math.max(0, stock?.available ?? 0) / quantity);
  });
  return allowed.length === 0 ? 0 : Math.min(...allowed);
}

/** Takes in what the components have now; an event only if that changes how many kits there are. */
export function decideDerive(state: SkuState, mutation: MutationOf<"derive">, nowMs: number): Decision {
  if (!exists(state)) return refuse({ code: "sku-not-found" });
  if (state.kit === undefined) return refuse({ code: "sku-is-no-kit" });
  const available = kitsAllowed(state.kit.components, mutation.components);
  if (available === state.kit.available) return events();
  const components = mutation.components.map(({ sku, available: units, epoch, version }) => ({
    sku,
    available: units,
    ...(epoch !== undefined && { epoch }),
    ...(version !== undefined && { version }),
  }));
  return events({ type: "derived", ...provenance(mutation, nowMs), available, components });
}
