import { limits } from "../protocol/limits.ts";
import { available, availableAt, totals } from "./quantities.ts";
import type { Refusal } from "./refusal.ts";
import type { Level, SkuState } from "./state.ts";

interface Counter {
  readonly name: string;
  readonly value: number;
}

/** Refuses what would take any counter beyond the largest quantity there is; what leads back is let through. */
export function refuseOutOfRange(before: SkuState, after: SkuState): Refusal | undefined {
  const { name, value } = furthest(after);
  const size = Math.abs(value);
  if (size <= limits.quantityMax || size <= Math.abs(furthest(before).value)) return undefined;
  const detail = `${name} would become ${value}, beyond ${limits.quantityMax}`;
  return { code: "quantity-out-of-range", detail };
}

/** The counter that is furthest from 0. */
function furthest(state: SkuState): Counter {
  let found: Counter = { name: "available", value: available(state) };
  const look = (name: string, value: number) => {
    if (Math.abs(value) > Math.abs(found.value)) found = { name, value };
  };
  const lookAt = ({ onHand, committed, reserved, unavailable, incoming }: Level, where: string) => {
    look(`on hand${where}`, onHand);
    look(`committed${where}`, committed);
    look(`reserved${where}`, reserved);
    look(`unavailable${where}`, unavailable);
    look(`incoming${where}`, incoming);
  };
  lookAt(totals(state), "");
  for (const [location, level] of state.levels) {
    lookAt(level, ` at ${location}`);
    look(`available at ${location}`, availableAt(level));
  }
  for (const [channel, units] of state.allocations) look(`what belongs to ${channel}`, units);
  return found;
}
