import { Cell, useCell } from "./cell.ts";
import { addressOf, type Place, placeOf } from "./route.ts";

/** Where the console is. It follows the address, so that going back and forth works. */
const place = new Cell<Place>(placeOf(location.hash));
window.addEventListener("hashchange", () => place.set(placeOf(location.hash)));

export function usePlace(): Place {
  return useCell(place);
}

export function go(parts: readonly string[], query: Readonly<Record<string, string>> = {}): void {
  location.hash = addressOf(parts, query);
}

/** Changes some of the query of this place and leaves the rest of it, without a step to go back to. */
export function refine(query: Readonly<Record<string, string>>): void {
  const { parts, query: before } = place.value;
  history.replaceState(null, "", addressOf(parts, { ...before, ...query }));
  place.set(placeOf(location.hash));
}
