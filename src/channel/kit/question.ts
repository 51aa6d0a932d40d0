import type { Price } from "../../protocol/stock.ts";
import type { PublicationRule } from "../../protocol/rule.ts";

/** What a channel asks while a buyer waits: it is answered in the same request, or not at all. */
export type Question = AvailabilityQuestion | ApprovalQuestion | AbandonedQuestion;

/** How many of an item there are. */
export interface AvailabilityQuestion {
  readonly type: "availability";
  /** The channel's item. */
  readonly item: string;
  /** The seller's account, as the channel calls it. */
  readonly account: string;
}

/** Whether an order may be paid. Approved, its units are sold; declined, nothing of it is held or sold. */
export interface ApprovalQuestion {
  readonly type: "approval";
  /** The same whenever the same question comes again. */
  readonly delivery: string;
  /** The same for all questions about one order. */
  readonly orderId: string;
  readonly lines: readonly AskedLine[];
  /** When the channel signed the question, rounded down to seconds: it waits since then. */
  readonly signedAtMs: number;
}

/** Says that an order, if it was ever approved, will not be paid any more. */
export interface AbandonedQuestion {
  readonly type: "abandoned";
  readonly orderId: string;
}

export interface AskedLine {
  readonly lineId: string;
  /** The channel's item. */
  readonly item: string;
  readonly quantity: number;
}

export type Answer = AvailabilityAnswer | ApprovalAnswer | AbandonedAnswer;

export type AvailabilityAnswer = {
  readonly type: "availability";
  readonly question: AvailabilityQuestion;
} & (
  | {
      readonly outcome: "known";
      /** Units the channel may show. */
      readonly quantity: number;
      /** It may be sold although nothing is there. */
      readonly isBackorder: boolean;
      readonly price?: Price | undefined;
      /** When it was true (RFC 3339). */
      readonly asOf: string;
    }
  /** The channel does not sell it. */
  | { readonly outcome: "unknown" }
);

/** `reason`: in words for the buyer's agent, with the present numbers. */
export type ApprovalAnswer = { readonly type: "approval" } & (
  | { readonly outcome: "approved" }
  | { readonly outcome: "declined"; readonly reason: string }
);

export interface AbandonedAnswer {
  readonly type: "abandoned";
}

/** A question with what the channel's own object knows about it. */
export type Asked =
  | {
      readonly type: "availability";
      readonly question: AvailabilityQuestion;
      /** Absent: the channel sells no such item. */
      readonly sku?: string | undefined;
      readonly rule?: PublicationRule | undefined;
    }
  | {
      readonly type: "approval";
      readonly question: ApprovalQuestion;
      /** In the order of the lines. */
      readonly skus: readonly (string | undefined)[];
    }
  | { readonly type: "abandoned"; readonly question: AbandonedQuestion };
