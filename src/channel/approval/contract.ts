/** An order that a channel wants approved before it is paid, with its lines known to be SKUs. */
export interface ApprovalRequest {
  readonly channel: string;
  readonly orderId: string;
  /** The same whenever the same question comes again. */
  readonly delivery: string;
  readonly lines: readonly CartLine[];
  /** What is not approved by then is declined, and nothing of it stays. */
  readonly decideByMs: number;
}

export interface CartLine {
  readonly lineId: string;
  readonly sku: string;
  /** What the channel calls it. */
  readonly item: string;
  readonly quantity: number;
}

/** The stock could be asked, and this is what it said; or nobody could be asked in time. */
export type Verdict =
  | { readonly outcome: "approved" }
  | { readonly outcome: "declined"; readonly reason: string };
