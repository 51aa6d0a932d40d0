import type { External } from "../../protocol/channel.ts";
import type { Question } from "./question.ts";

/** A request that reached a channel's inbound address, body untouched. */
export interface InboundRequest {
  readonly method: "GET" | "POST";
  /** The address as the caller used it, query included. */
  readonly url: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** What a request to the inbound address means. */
export type Received =
  /** It is the channel's, and says this. `dedupeKey`: the same delivery carries the same, by the channel's own rules. */
  | {
      readonly outcome: "facts";
      readonly dedupeKey?: string | undefined;
      readonly facts: readonly ChannelFact[];
    }
  /** A handshake, answered at once. */
  | {
      readonly outcome: "reply";
      readonly status: number;
      readonly contentType: string;
      readonly body: string;
    }
  /** The channel waits for an answer. */
  | { readonly outcome: "question"; readonly question: Question }
  /** It is the channel's, and says nothing about stock. */
  | { readonly outcome: "ignored"; readonly detail: string }
  /** Its signature is missing, wrong or too old. */
  | { readonly outcome: "forged"; readonly detail: string }
  /** It is the channel's, and cannot be understood. */
  | { readonly outcome: "malformed"; readonly detail: string };

/** What a channel tells. */
export type ChannelFact = OrderReport | OrderHint | LevelReport;

/**
 * All that has happened to an order so far, as the channel counts. The counts only ever grow, so reports may come
 * twice and in any order: the greater one of each count holds.
 */
export interface OrderReport {
  readonly type: "order";
  readonly orderId: string;
  /** When the order was placed. */
  readonly occurredAt?: string | undefined;
  /**
   * Only from a channel that keeps no history, and tells what the order is now: since when it is so (RFC 3339, UTC).
   * Counts may then fall, and lines be missing that are gone; src/order/state-report.ts makes them grow.
   */
  readonly stateAsOf?: string | undefined;
  readonly lines: readonly ReportedLine[];
}

/** A line of an order as its channel counts it: units, since the order was placed. */
export interface ReportedLine {
  readonly lineId: string;
  /** The channel's item; the listing that has it says which SKU it is. */
  readonly external?: External | undefined;
  /** What the channel says the SKU is; counts if no listing has the item. */
  readonly sku?: string | undefined;
  /** What the channel calls it, for a person who has to say which SKU it is. */
  readonly title?: string | undefined;
  readonly ordered: number;
  /** Of the ordered: taken back before they left, for sale again. */
  readonly cancelled: number;
  /** Of the ordered: left the building. */
  readonly fulfilled: number;
  /** Of the fulfilled: came back, for sale again. */
  readonly restocked: number;
  /** Of the fulfilled: came back, or were lost, not for sale again. */
  readonly writtenOff: number;
}

/** Something happened to an order, and only the channel knows what: to be looked up. */
export interface OrderHint {
  readonly type: "order-hint";
  readonly orderId: string;
}

/** The channel shows a number now; no cause is given. It may be the echo of our own publication. */
export interface LevelReport {
  readonly type: "level";
  readonly external: External;
  readonly quantity: number;
  readonly updatedAt: string;
}

/** What asking a channel brought. */
export interface Polled {
  readonly facts: readonly ChannelFact[];
  /** Where to go on; kept once the facts are. */
  readonly cursor: string;
  /** There is more: ask again at once. */
  readonly hasMore: boolean;
  /** What `acknowledge` is to be given once the facts are kept. */
  readonly receipts?: readonly string[] | undefined;
}
