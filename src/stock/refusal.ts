import type { Component } from "../protocol/stock.ts";
import type { EndedReservation } from "./state.ts";

/** Why a mutation was not applied. A value, never thrown. `isSticky` says which ones stick to their idempotency key. */
export type Refusal =
  | { readonly code: "sku-not-found" }
  | {
      readonly code: "insufficient-stock";
      readonly requested: number;
      readonly available: number;
      readonly location?: string;
    }
  | { readonly code: "insufficient-unavailable"; readonly requested: number; readonly unavailable: number }
  | { readonly code: "insufficient-incoming"; readonly requested: number; readonly incoming: number }
  /** Units are reserved or committed: a SKU in use is not retired, nor made into a kit. */
  | { readonly code: "sku-in-use"; readonly reserved: number; readonly committed: number }
  | { readonly code: "sku-has-stock"; readonly onHand: number }
  /** A kit has no stock of its own: what it is made of has. */
  | { readonly code: "sku-is-kit"; readonly components: readonly Component[] }
  | { readonly code: "sku-is-no-kit" }
  /** Kits and SKUs with allocations are sold by one object; another number of shards must wait until then. */
  | {
      readonly code: "sku-cannot-be-sharded";
      readonly because: "kit" | "allocations" | "other-shards";
      readonly untilMs?: number | undefined;
    }
  | { readonly code: "reservation-not-found" }
  | { readonly code: "reservation-expired" }
  | { readonly code: "reservation-ended"; readonly end: EndedReservation["end"] }
  | { readonly code: "reservation-exceeded"; readonly requested: number; readonly reserved: number }
  | { readonly code: "too-many-reservations"; readonly limit: number }
  | { readonly code: "too-many-locations"; readonly limit: number }
  | { readonly code: "order-not-found" }
  | {
      readonly code: "order-line-conflict";
      readonly lineId: string;
      readonly recorded: number;
      readonly requested: number;
    }
  | {
      readonly code: "quantity-not-open";
      readonly lineId: string;
      readonly requested: number;
      readonly open: number;
    }
  | { readonly code: "quantity-out-of-range"; readonly detail: string };

/**
 * Whether a refused key stays refused, so that a retry can never do later what was answered "no" before. What the caller
 * must put right elsewhere first (an unknown SKU, a limit) does not stick: the same request is fine afterwards.
 */
export function isSticky(refusal: Refusal): boolean {
  switch (refusal.code) {
    case "insufficient-stock":
    case "insufficient-unavailable":
    case "insufficient-incoming":
    case "sku-in-use":
    case "sku-has-stock":
    case "reservation-expired":
    case "reservation-ended":
    case "reservation-exceeded":
    case "quantity-not-open":
    case "order-line-conflict":
      return true;
    case "sku-not-found":
    case "sku-is-kit":
    case "sku-is-no-kit":
    case "sku-cannot-be-sharded":
    case "reservation-not-found":
    case "too-many-reservations":
    case "too-many-locations":
    case "order-not-found":
    case "quantity-out-of-range":
      return false;
    default:
      return unreachable(refusal);
  }
}

/** Ends a switch that must name every case; the compiler refuses it otherwise. */
export function unreachable(value: never): never {
  throw new Error(`unexpected case: ${JSON.stringify(value)}`);
}
