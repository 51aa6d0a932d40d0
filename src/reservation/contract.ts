import type { Component, Taken } from "../protocol/stock.ts";
import type { LocationChoice } from "../stock/mutation.ts";

/** A line of a reservation as it was asked for. Of a kit, `components` says what it is made of. */
export interface ReservationLine extends LocationChoice {
  readonly sku: string;
  readonly quantity: number;
  readonly components?: readonly Component[] | undefined;
}

export interface HoldRequest {
  readonly lines: readonly ReservationLine[];
  readonly ttlSeconds: number;
  readonly channel?: string | undefined;
  readonly reference?: string | undefined;
  readonly actor: string;
  readonly fingerprint: string;
}

/** What a commit makes of the reservation. `lines` absent: all of it. */
export interface CommitRequest {
  readonly channel: string;
  readonly orderId: string;
  readonly lines?:
    | readonly { readonly sku: string; readonly quantity: number; readonly lineId?: string | undefined }[]
    | undefined;
}

/** A caller's key for one operation on a reservation, and the digest of what was asked with it. */
export interface OperationKey {
  readonly key: string;
  readonly fingerprint: string;
}

/** What one SKU holds for a line: a plain line has one leg, a kit one for each component. */
export interface LegView {
  readonly sku: string;
  readonly quantity: number;
  readonly taken: readonly Taken[];
  /** The order line it became; absent until it is committed. */
  readonly lineId?: string | undefined;
  readonly epoch?: string | undefined;
  readonly version?: number | undefined;
}

export interface ReservationSnapshot {
  readonly id: string;
  readonly status: "active" | "committed" | "released" | "expired";
  readonly expiresAtMs: number;
  readonly channel?: string | undefined;
  readonly orderId?: string | undefined;
  readonly reference?: string | undefined;
  readonly lines: readonly {
    readonly sku: string;
    readonly quantity: number;
    readonly isKit: boolean;
    readonly legs: readonly LegView[];
  }[];
}

/** A line that could not be held, and what there was of its SKU. */
export interface ShortLine {
  readonly sku: string;
  readonly requested: number;
  readonly available: number;
}

export type ReservationRefusal =
  | { readonly code: "insufficient-stock"; readonly lines: readonly ShortLine[] }
  | { readonly code: "sku-not-found"; readonly sku: string }
  /** A component became a kit itself, or a line did while it was being held. */
  | { readonly code: "sku-is-kit"; readonly sku: string }
  | { readonly code: "quantity-out-of-range"; readonly sku: string; readonly detail: string }
  | { readonly code: "too-many-reservations"; readonly limit: number }
  | { readonly code: "reservation-not-found" }
  | { readonly code: "reservation-expired" }
  | { readonly code: "reservation-ended"; readonly end: "committed" | "released" | "expired" }
  | { readonly code: "reservation-exceeded"; readonly requested: number; readonly reserved: number }
  /** The order has a line of that id already. */
  | { readonly code: "order-line-conflict"; readonly lineId: string; readonly recorded: number }
  | { readonly code: "idempotency-key-reused" };

export type ReservationResult =
  | { readonly outcome: "done"; readonly replayed: boolean; readonly reservation: ReservationSnapshot }
  | { readonly outcome: "refused"; readonly replayed: boolean; readonly refusal: ReservationRefusal };
