import { defaultLocation } from "../protocol/default-location.ts";
import type { Taken } from "../protocol/stock.ts";
import type { LocationChoice } from "./mutation.ts";
import { availableAt, levelAt } from "./quantities.ts";
import type { SkuState } from "./state.ts";

/** Where a quantity is taken from; `short` units are at none of the locations and stand at the last one named. */
export interface AllocationResult {
  readonly taken: Taken[];
  readonly short: number;
}

/**
 * Chooses locations. Pure and repeatable: equal locations come in order of name. What no chosen location covers is
 * added to one of them: a backorder, or a fact that oversells; the caller decides whether `short` units may be.
 */
export function allocate(state: SkuState, quantity: number, choice: LocationChoice): AllocationResult {
  if (choice.location !== undefined) {
    const there = Math.max(0, availableAt(levelAt(state, choice.location)));
    return { taken: [{ location: choice.location, quantity }], short: Math.max(0, quantity - there) };
  }
  const free = inOrder(state, choice);
  const whole = wholeAt(free, quantity, choice);
  if (whole !== undefined) return { taken: [{ location: whole.location, quantity }], short: 0 };
  if (choice.split === false) return unsplit(state, free, quantity, choice);
  return splitOver(state, free, quantity, choice);
}

/** Locations with something free, in the order they are asked. */
function inOrder(state: SkuState, choice: LocationChoice): Taken[] {
  const { strategy = "single-location-first", locations } = choice;
  const free = [...state.levels]
    .map(([location, level]) => ({ location, quantity: availableAt(level) }))
    .filter((place) => place.quantity > 0 && (locations?.includes(place.location) ?? true));
  if (strategy === "priority" && locations !== undefined) {
    return free.sort((a, b) => locations.indexOf(a.location) - locations.indexOf(b.location));
  }
  return free.sort((a, b) => b.quantity - a.quantity || (a.location < b.location ? -1 : 1));
}

/** One location that covers all, if the strategy asks for one or the line may not be split. */
function wholeAt(free: readonly Taken[], quantity: number, choice: LocationChoice): Taken | undefined {
  const covers = (place: Taken) => place.quantity >= quantity;
  const { strategy = "single-location-first" } = choice;
  if (strategy === "single-location-first") return free.findLast(covers);
  return choice.split === false ? free.find(covers) : undefined;
}

function unsplit(
  state: SkuState,
  free: readonly Taken[],
  quantity: number,
  choice: LocationChoice,
): AllocationResult {
  const fullest = free.toSorted((a, b) => b.quantity - a.quantity)[0];
  const location = fullest?.location ?? fallbackLocation(state, choice);
  return { taken: [{ location, quantity }], short: quantity - (fullest?.quantity ?? 0) };
}

function splitOver(
  state: SkuState,
  free: readonly Taken[],
  quantity: number,
  choice: LocationChoice,
): AllocationResult {
  const taken: Taken[] = [];
  let short = quantity;
  for (const place of free) {
    const used = Math.min(place.quantity, short);
    if (used > 0) taken.push({ location: place.location, quantity: used });
    short -= used;
  }
  return { taken: short > 0 ? addTo(taken, fallbackLocation(state, choice), short) : taken, short };
}

function fallbackLocation(state: SkuState, choice: LocationChoice): string {
  const [first] = choice.locations ?? [];
  if (first !== undefined) return first;
  if (state.levels.has(defaultLocation)) return defaultLocation;
  return [...state.levels.keys()].sort()[0] ?? defaultLocation;
}

function addTo(taken: Taken[], location: string, quantity: number): Taken[] {
  const there = taken.find((part) => part.location === location);
  if (there === undefined) return [...taken, { location, quantity }];
  return taken.map((part) => (part === there ? { location, quantity: part.quantity + quantity } : part));
}
