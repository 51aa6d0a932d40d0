import type { PublishedEvent } from "../protocol/event.ts";
import type { Position } from "../protocol/position.ts";
import type { PublicationRule } from "../protocol/rule.ts";
import type { StockView } from "../protocol/stock.ts";
import type { Mutation } from "../stock/mutation.ts";

/** What a client asked of one SKU: to be told of its stock, or to change it. */
export type Asked =
  | {
      readonly type: "read";
      /** The bound the reader named: the answer may be so old. */
      readonly maxAgeMs?: number;
    }
  | Mutation;

/** What a client was answered. */
export type Got =
  | {
      readonly outcome: "done";
      readonly position: Position;
      /** The service said that this is the answer of an earlier call. */
      readonly replayed?: boolean;
      /** Absent: not told, or nothing had to change. */
      readonly event?: PublishedEvent | undefined;
      /** Absent: not told. */
      readonly stock?: StockView | undefined;
    }
  | {
      readonly outcome: "refused";
      /** The last part of the problem's type. */
      readonly code: string;
      /** Where the SKU stood; absent if the refusal did not say. */
      readonly position?: Position | undefined;
      readonly replayed?: boolean;
    };

/** One call of a client about one SKU. A call about several SKUs is one for each of them. */
export interface Call {
  readonly sku: string;
  /** The idempotency key: calls with the same one ask for the same thing once. Absent: the call stands alone. */
  readonly key?: string | undefined;
  readonly asked: Asked;
  /** What the caller made a condition (If-Match). */
  readonly ifMatch?: readonly Position[] | undefined;
  /** When it was sent, on one clock for all calls. */
  readonly invokedAtMs: number;
  /** When its answer was there; absent together with `got`. */
  readonly returnedAtMs?: number | undefined;
  /** Absent: nobody knows what became of it. */
  readonly got?: Got | undefined;
}

/** Something that somebody who watches was told about a SKU: on a socket, or as a channel. */
export interface Observation {
  /** Who was told. Each is told of a SKU in the order of its versions. */
  readonly observer: string;
  readonly sku: string;
  readonly position: Position;
  /** On the clock of the calls. */
  readonly atMs: number;
  readonly stock?: StockView | undefined;
  /** What a channel was told to show. */
  readonly published?: {
    readonly channel: string;
    readonly quantity: number;
    readonly rule?: PublicationRule;
  };
}

/** All that was seen of a service from outside. */
export interface History {
  readonly calls: readonly Call[];
  readonly observations?: readonly Observation[];
  /** What each side shows once everything has come to rest: it must be the newest. `atMs` says nothing here. */
  readonly finals?: readonly Observation[];
  /** Nobody but these calls wrote to the SKUs: what none of them explains must not be in the ledger. */
  readonly isComplete?: boolean;
  /** How far the clocks behind the times may be apart; 0 if they are one. */
  readonly clockSkewMs?: number;
}
