import type {
  ChannelConfig,
  ChannelStatusView,
  ChannelView,
  ListingConfig,
  ListingState,
  ListingView,
} from "../protocol/channel.ts";
import type { StockView } from "../protocol/stock.ts";

/** What a ChannelObject is told of a SKU: its newest view. Intermediate ones may be missing, order may be mixed. */
export interface StockChange {
  readonly stock: StockView;
}

/** A field at fault; `pointer` is a JSON pointer into the request's body (RFC 6901). */
export interface FieldIssue {
  readonly pointer: string;
  readonly detail: string;
}

/** Why a channel command was not carried out. A value, never thrown. */
export type ChannelRefusal =
  | { readonly code: "channel-not-found" }
  | { readonly code: "listing-not-found" }
  | { readonly code: "kind-unknown"; readonly kinds: readonly string[] }
  /** The kind of a channel never changes; make another channel. */
  | { readonly code: "kind-fixed"; readonly kind: string }
  | { readonly code: "invalid"; readonly issues: readonly FieldIssue[] };

export interface Refused {
  readonly outcome: "refused";
  readonly refusal: ChannelRefusal;
}

export type ConfigureCommand = ChannelConfig;
export type ListingCommand = ListingConfig;

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
export type RetryResult = { readonly outcome: "accepted"; readonly due: number } | Refused;
export type RemoveResult = { readonly outcome: "removed" } | Refused;
