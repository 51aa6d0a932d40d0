import type {
  ChannelStatusView,
  ChannelView,
  LagSample,
  ListingState,
  ListingView,
} from "../protocol/channel.ts";
import type {
  DriftView,
  Findings,
  ImportView,
  ReconciliationReport,
  ReconciliationView,
} from "../protocol/reconciliation.ts";
import type { StockView } from "../protocol/stock.ts";
import type { FieldIssue } from "./kit/adapter.ts";
import type { ChannelFact } from "./kit/inbound.ts";
import type { Asked } from "./kit/question.ts";

/** What a ChannelObject is told of a SKU: its newest view. Intermediate ones may be missing, order may be mixed. */
export interface StockChange {
  readonly stock: StockView;
  /** When the SKU recorded it; the view's own time if absent. */
  readonly recordedAtMs?: number | undefined;
}

/** Why a channel command was not carried out. A value, never thrown. */
export type ChannelRefusal =
  | { readonly code: "channel-not-found" }
  | { readonly code: "listing-not-found" }
  /** The SKU is listed as another item, or the item as another SKU. */
  | { readonly code: "listing-conflict"; readonly detail: string }
  /** It cannot say what it shows; `detail` says why, and what to do instead. */
  | { readonly code: "channel-cannot-be-read"; readonly detail: string }
  /** An import of another sort is under way. */
  | { readonly code: "import-running"; readonly isDryRun: boolean }
  | { readonly code: "run-not-found"; readonly detail: string }
  | { readonly code: "kind-unknown"; readonly kinds: readonly string[] }
  /** The kind of a channel never changes; make another channel. */
  | { readonly code: "kind-fixed"; readonly kind: string }
  | { readonly code: "invalid"; readonly issues: readonly FieldIssue[] };

export interface Refused {
  readonly outcome: "refused";
  readonly refusal: ChannelRefusal;
}

export type ConfigureResult =
  | {
      readonly outcome: "created" | "updated";
      readonly channel: ChannelView;
      /** Whether SKUs may be missing that this channel should show: page the known stock through `backfill`. */
      readonly needsBackfill: boolean;
    }
  | Refused;

/** `due`: how many of the changes are now waiting to be published. */
export type SubmitResult = { readonly outcome: "accepted"; readonly due: number } | Refused;

export type ListingResult =
  | { readonly outcome: "created" | "updated"; readonly listing: ListingView }
  | Refused;

export interface ListingsQuery {
  readonly state?: ListingState | undefined;
  /** SKU after which the page begins. */
  readonly after?: string | undefined;
  readonly limit: number;
}

export type ListingsResult =
  | {
      readonly outcome: "found";
      readonly items: readonly ListingView[];
      /** The `after` of the next page; absent on the last one. */
      readonly nextAfter?: string;
    }
  | Refused;

export type ChannelResult = { readonly outcome: "done"; readonly channel: ChannelView } | Refused;
export type StatusResult = { readonly outcome: "found"; readonly status: ChannelStatusView } | Refused;
/** With which keys a channel's secrets are sealed: ids, each once; `unknown` for a text from before keys had ids. */
export type SealsResult = { readonly outcome: "found"; readonly keyIds: readonly string[] } | Refused;
export type LagResult = { readonly outcome: "found"; readonly samples: readonly LagSample[] } | Refused;
/** How a channel is set up, and a SKU's listing there, if it has one. */
export type ShownResult =
  | { readonly outcome: "found"; readonly channel: ChannelView; readonly listing?: ListingView }
  | Refused;
export type RetryResult = { readonly outcome: "accepted"; readonly due: number } | Refused;
export type RemoveResult = { readonly outcome: "removed" } | Refused;

/** What became of a request to a channel's inbound address. */
export type ReceiveResult =
  | { readonly outcome: "kept"; readonly accepted: number }
  /** A handshake, answered as the channel wants it. */
  | {
      readonly outcome: "reply";
      readonly status: number;
      readonly contentType: string;
      readonly body: string;
    }
  /** A question, with what the channel knows about it. */
  | { readonly outcome: "question"; readonly kind: string; readonly asked: Asked }
  | { readonly outcome: "forged"; readonly detail: string }
  | { readonly outcome: "malformed"; readonly detail: string }
  /** Its secrets cannot be opened, so nothing can be verified. */
  | { readonly outcome: "unavailable" }
  | Refused;

/** `waiting`: to be applied. `parked`: cannot be applied as it is; kept until somebody replays it. */
export type FactState = "waiting" | "parked";

/** What a channel told, as it is kept until it is applied. */
export interface KeptFact {
  /** Grows in order of arrival. */
  readonly seq: number;
  /** Never given to another fact, as a `seq` may be. */
  readonly id: string;
  readonly fact: ChannelFact;
  readonly state: FactState;
  readonly receivedAtMs: number;
  /** Why it is parked. */
  readonly detail?: string | undefined;
  /** How often it was replayed. */
  readonly replays: number;
}

export interface FactsQuery {
  readonly state?: FactState | undefined;
  /** `seq` after which the page begins. */
  readonly after?: number | undefined;
  readonly limit: number;
}

export type FactsResult =
  | { readonly outcome: "found"; readonly items: readonly KeptFact[]; readonly nextAfter?: number }
  | Refused;

export type ReplayResult = { readonly outcome: "accepted"; readonly waiting: number } | Refused;

/** SKUs of items of the channel, in the order they were asked for. */
export type ResolveResult =
  | { readonly outcome: "found"; readonly skus: readonly (string | undefined)[] }
  | Refused;

export type ReconcileResult = { readonly outcome: "accepted"; readonly run: ReconciliationView } | Refused;
export type DriftResult = { readonly outcome: "found"; readonly drift: DriftView } | Refused;
export type ReportResult = { readonly outcome: "found"; readonly report: ReconciliationReport } | Refused;
export type TestResult = { readonly outcome: "tested"; readonly result: Findings } | Refused;
export type ImportResult = { readonly outcome: "found"; readonly import: ImportView } | Refused;
