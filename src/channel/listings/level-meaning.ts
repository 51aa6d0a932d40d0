import { isNewer } from "../../protocol/position.ts";
import type { Listing } from "./listing.ts";

/**
 * What a number means that a channel says it shows. `echo`: it comes from us. `in-flight`: it may be overtaken by what
 * is under way. `drift`: nothing we know of explains it.
 */
export type LevelMeaning = "echo" | "in-flight" | "drift";

/** `hasHeldOrders`: orders of the channel for this SKU are kept and not applied yet. */
export function levelMeaning(
  listing: Listing,
  quantity: number,
  updatedAtMs: number,
  hasHeldOrders: boolean,
): LevelMeaning {
  const { published, wanted, told = [], imports = [] } = listing;
  // Notifications come late and out of order, so any of the last numbers counts.
  if (told.includes(quantity) || published?.quantity === quantity) return "echo";
  const isUnderWay = listing.state === "due" || listing.verify !== undefined || hasHeldOrders;
  const isOutdated = published !== undefined && published.atMs > updatedAtMs;
  const isSaleOnItsWay = imports.some((sale) => isNewer(sale, wanted));
  return isUnderWay || isOutdated || isSaleOnItsWay ? "in-flight" : "drift";
}
