import type { External } from "../protocol/channel.ts";
import type { Position } from "../protocol/position.ts";
import type { Taken } from "../protocol/stock.ts";
import type { LocationChoice, OrderLineCounts } from "../stock/mutation.ts";

/** A line of an order as a channel tells it. `lineId` is unique within the order. */
export interface OrderedLine extends LocationChoice {
  readonly lineId: string;
  readonly sku: string;
  readonly quantity: number;
}

export interface OrderFact {
  readonly channel: string;
  readonly orderId: string;
  readonly lines: readonly OrderedLine[];
  readonly occurredAt?: string | undefined;
  readonly reference?: string | undefined;
  readonly actor: string;
}

/**
 * What became of a line: `unmatched` if nobody knows its SKU, `oversold` if it took more than there was, `refused`
 * if it cannot be recorded at all (a counter beyond its range).
 */
export interface OrderLineResult {
  readonly lineId: string;
  readonly sku: string;
  readonly quantity: number;
  readonly status: "accepted" | "oversold" | "unmatched" | "refused";
  /** Units of it that were not there to sell. */
  readonly oversold: number;
  readonly taken: readonly Taken[];
  readonly epoch?: string | undefined;
  readonly version?: number | undefined;
  /** What a kit took of its components. */
  readonly components?: readonly OrderLineResult[] | undefined;
}

/** An order line of a SKU that a line of an order is made of. */
export interface OrderLeg {
  readonly sku: string;
  readonly lineId: string;
  /** Units of the SKU for one unit of the line. */
  readonly perUnit: number;
}

/** What an approved line was sold as. */
export interface ApprovedRecord {
  readonly legs: readonly OrderLeg[];
  readonly result: OrderLineResult;
}

export type PlaceResult =
  | { readonly outcome: "recorded"; readonly replayed: boolean; readonly lines: readonly OrderLineResult[] }
  | { readonly outcome: "conflict"; readonly lineId: string; readonly detail: string };

export interface OrderChange {
  readonly type: "cancel" | "fulfil" | "return";
  readonly channel: string;
  readonly orderId: string;
  /** Absent: every line, all that is open of it. */
  readonly lines?: readonly { readonly lineId: string; readonly quantity?: number | undefined }[] | undefined;
  /** Of a return: on hand again (the default), or written off. */
  readonly restock?: boolean | undefined;
  /** Of a return: where the goods came back to. */
  readonly location?: string | undefined;
  readonly key: string;
  readonly fingerprint: string;
  readonly actor: string;
  readonly occurredAt?: string | undefined;
  readonly reference?: string | undefined;
  readonly note?: string | undefined;
}

/** What became of the lines of one SKU under a change. */
export interface OrderChangeLine {
  readonly sku: string;
  readonly status: "cancelled" | "fulfilled" | "returned" | "refused";
  readonly lines: readonly { readonly lineId: string; readonly quantity: number }[];
  /** Why it was refused: the code of the refusal. */
  readonly detail?: string;
  /** Of `quantity-not-open`: the line, and how many of its units could have been named. */
  readonly notOpen?: { readonly lineId: string; readonly requested: number; readonly open: number };
  readonly epoch?: string;
  readonly version?: number;
}

export type ChangeResult =
  | { readonly outcome: "changed"; readonly replayed: boolean; readonly skus: readonly OrderChangeLine[] }
  /** The order is not known yet: the change is kept, and applied with it. */
  | { readonly outcome: "waiting" }
  /** The order is known, but has no such line. */
  | { readonly outcome: "not-found" };

/** A line of an order as its channel counts it, with the SKU it is, if anybody knows. */
export interface ToldLine extends OrderLineCounts {
  readonly sku?: string | undefined;
  /** What the channel calls the item; stands for the SKU while nobody knows it. */
  readonly name: string;
  readonly external?: External | undefined;
  readonly title?: string | undefined;
}

/** All that a channel says has happened to an order so far. */
export interface OrderReportFact {
  /** The same when the same is told again because the answer was lost: it is then answered as before. */
  readonly id: string;
  readonly channel: string;
  readonly orderId: string;
  readonly lines: readonly ToldLine[];
  /** Set if the lines are what the order is now: how new that is. Counts may then be lower than before. */
  readonly stateAsOf?: string | undefined;
  readonly occurredAt?: string | undefined;
  readonly actor: string;
}

/** A SKU whose ledger has news of an order as of a position. */
export interface SkuNews extends Position {
  readonly sku: string;
  /** How many more units of it the channel has sold; negative if more were put back on sale. */
  readonly units: number;
}

/** What became of a report. What its lines say beyond what can be is in `notes`; the rest is recorded. */
export interface ReportAnswer {
  readonly skus: readonly SkuNews[];
  /** Lines kept until somebody says which SKU they are. */
  readonly unmatched: readonly string[];
  /** Lines that cannot be recorded, and why. */
  readonly refused: readonly { readonly lineId: string; readonly detail: string }[];
  readonly notes: readonly string[];
}

/** Says which SKU an unmatched line is. */
export interface LineMatch {
  readonly channel: string;
  readonly orderId: string;
  readonly lineId: string;
  readonly sku: string;
}

export type MatchResult =
  /** The line is recorded, or still `unmatched` if the SKU is unknown. */
  | { readonly outcome: "recorded"; readonly line: OrderLineResult; readonly skus: readonly SkuNews[] }
  /** It is known which SKU the line is: this one, perhaps another than was asked for. */
  | { readonly outcome: "matched-before"; readonly line: OrderLineResult }
  | { readonly outcome: "not-found" };
