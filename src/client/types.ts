import type { z } from "zod";
import type * as answers from "../protocol/answers.ts";
import type * as audit from "../protocol/audit.ts";
import type * as bulk from "../protocol/bulk.ts";
import type * as channel from "../protocol/channel.ts";
import type * as event from "../protocol/event.ts";
import type * as inbound from "../protocol/inbound.ts";
import type * as leakage from "../protocol/leakage.ts";
import type * as live from "../protocol/live.ts";
import type * as oversell from "../protocol/oversell.ts";
import type { Position } from "../protocol/position.ts";
import type * as primitives from "../protocol/primitives.ts";
import type * as problem from "../protocol/problem.ts";
import type * as reconciliation from "../protocol/reconciliation.ts";
import type * as requests from "../protocol/requests.ts";
import type * as rule from "../protocol/rule.ts";
import type * as stock from "../protocol/stock.ts";
import type * as unmatched from "../protocol/unmatched.ts";

/** What is sent may be read-only: the client changes nothing of it. */
type DeepReadonly<Value> = Value extends readonly (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : Value extends object
    ? { readonly [Field in keyof Value]: DeepReadonly<Value[Field]> }
    : Value;

type Sent<Schema extends z.ZodType> = DeepReadonly<z.input<Schema>>;

// What is sent.
export type SkuSettings = Sent<typeof requests.PutSkuBody>;
export type Adjustment = Sent<typeof requests.AdjustmentBody>;
export type Transfer = Sent<typeof requests.TransferBody>;
export type UnavailableChange = Sent<typeof requests.UnavailableBody>;
export type IncomingChange = Sent<typeof requests.IncomingBody>;
export type Receipt = Sent<typeof requests.ReceiptBody>;
export type ReservationRequest = Sent<typeof requests.ReservationBody>;
export type CommitRequest = Sent<typeof requests.CommitBody>;
export type OrderFact = Sent<typeof requests.OrderBody>;
export type OrderChange = Sent<typeof requests.OrderChangeBody>;
export type OrderReturn = Sent<typeof requests.OrderReturnBody>;
export type Match = Sent<typeof unmatched.MatchBody>;
export type KeyRequest = Sent<typeof requests.KeyBody>;
export type ChannelConfig = Sent<typeof channel.ChannelConfig>;
export type ListingConfig = Sent<typeof channel.ListingConfig>;
export type Resolution = Sent<typeof oversell.ResolutionBody>;
export type LeakageRequest = Sent<typeof leakage.LeakageRequest>;
export type BulkItem = Sent<typeof bulk.BulkItem>;

/** A stocktake. `ifMatch` says over what it may be written: what was read last, or `*` for whatever is there. */
export type Count = Sent<typeof requests.CountBody> & {
  readonly location?: string | undefined;
  readonly ifMatch: IfMatch;
};

/** `*`, or the position that the SKU must still have: an ETag, or anything that has one, such as a stock view. */
export type IfMatch = string | Position;

// What is answered.
export type Scope = z.output<typeof requests.Scope>;
export type StockStatus = z.output<typeof stock.StockStatus>;
export type StockView = z.output<typeof stock.StockView>;
export type MutationAnswer = z.output<typeof answers.MutationAnswer>;
export type Availability = z.output<typeof answers.AvailabilityAnswer>;
export type Reservation = z.output<typeof answers.ReservationView>;
export type Order = z.output<typeof answers.OrderAnswer>;
export type OrderLine = z.output<typeof answers.OrderLineView>;
export type OrderChanged = z.output<typeof answers.OrderChangeAnswer>;
/** The change was told before its order: it is kept and applied when the order comes. */
export type OrderChangeWaiting = z.output<typeof answers.OrderChangeWaiting>;
export type BulkResult = answers.BulkAnswer["items"][number];
export type Key = z.output<typeof answers.KeyView>;
export type NewKey = z.output<typeof answers.NewKeyAnswer>;
export type Ticket = z.output<typeof answers.TicketAnswer>;
export type LedgerItem = answers.LedgerItem;
export type EventType = event.EventType;
export type StockEvent = event.PublishedEvent;
export type DeadLetter = z.output<typeof answers.DeadLetterView>;
export type Audit = z.output<typeof audit.AuditAnswer>;
export type Oversell = z.output<typeof oversell.OversellView>;
export type OversellPage = z.output<typeof oversell.OversellPage>;
export type OversellState = z.output<typeof oversell.OversellState>;
export type UnmatchedLine = z.output<typeof unmatched.UnmatchedLineView>;
export type UnmatchedReplay = z.output<typeof unmatched.UnmatchedReplayAnswer>;
export type Channel = z.output<typeof channel.ChannelView>;
export type ChannelStatus = z.output<typeof channel.ChannelStatusView>;
export type Listing = z.output<typeof channel.ListingView>;
export type ListingState = z.output<typeof channel.ListingState>;
export type ListingsDue = z.output<typeof answers.ListingsDueAnswer>;
export type PublicationRule = z.output<typeof rule.PublicationRule>;
export type Findings = z.output<typeof reconciliation.Findings>;
export type Drift = z.output<typeof reconciliation.DriftView>;
export type Reconciliation = z.output<typeof reconciliation.ReconciliationView>;
export type ReconciliationReport = z.output<typeof reconciliation.ReconciliationReport>;
export type ListingImport = z.output<typeof reconciliation.ImportView>;
export type KeptFact = z.output<typeof inbound.KeptFactView>;
export type KeptFactState = z.output<typeof inbound.KeptFactState>;
export type FactsWaiting = z.output<typeof answers.FactsWaitingAnswer>;
export type Leakage = z.output<typeof leakage.LeakageAnswer>;
export type Reason = primitives.Reason;
export type Problem = problem.Problem;
export type ProblemSlug = problem.ProblemSlug;
export type ServerMessage = live.ServerMessage;
