import type { z } from "zod";
import type { External } from "../../protocol/channel.ts";
import type { Position } from "../../protocol/position.ts";
import type { StockStatus } from "../../protocol/stock.ts";
import type { ChannelFact, InboundRequest, Polled, Received } from "./inbound.ts";
import type { Answer } from "./question.ts";

/** A field at fault; `pointer` is a JSON pointer into the request's body (RFC 6901). */
export interface FieldIssue {
  readonly pointer: string;
  readonly detail: string;
}

/** What a channel is to be told about one SKU. */
export interface Publication extends Position {
  readonly channel: string;
  readonly sku: string;
  readonly external?: External | undefined;
  /** Units the channel may show. */
  readonly quantity: number;
  /**
   * Units the channel shows if nothing happened there that we have not heard of; absent if that is not known. A channel
   * that shows another number has sold, or was edited: see `moved`.
   */
  readonly expected?: number | undefined;
  /** Units of the SKU as a whole, before the publication rule; negative if oversold. */
  readonly available: number;
  readonly status: StockStatus;
  readonly asOf: string;
  /** 0, or a number that tells apart publications of one position under changed rules or listings. */
  readonly revision: number;
}

/** What came of a publication. Adapters answer with values and never throw for what a channel says. */
export type PublishResult =
  /**
   * The channel shows it. `verifyAfterMs`: it has only taken it in, and says so later, in its own time; what it shows
   * then is read and compared.
   */
  | { readonly outcome: "ok"; readonly verifyAfterMs?: number | undefined }
  /**
   * The channel shows `actual` and not what was expected, and was left so. Fewer: it sold what we have not heard of
   * yet, and must not be told to sell it again.
   */
  | { readonly outcome: "moved"; readonly actual: number }
  /**
   * Nothing is known to be wrong with the publication: try again. `retryAfterMs`: the channel asked for silence so long and
   * took nothing; it silences the whole channel. Without it, the channel may have taken the number.
   */
  | { readonly outcome: "retry"; readonly detail: string; readonly retryAfterMs?: number | undefined }
  /** The channel will not take this one now, though others: its own allowance is used up. Try this listing again then. */
  | { readonly outcome: "later"; readonly detail: string; readonly afterMs: number }
  /** The channel will not take it as it is; `detail` in the channel's own words. */
  | { readonly outcome: "rejected"; readonly detail: string }
  /** The channel wants nothing any more. */
  | { readonly outcome: "gone"; readonly detail: string };

/** What a channel's API bears. */
export interface CallLimits {
  /** Publications in one request. */
  readonly batchMax: number;
  /** Requests at once, at most 5: a Worker may hold 6 connections. */
  readonly concurrency: number;
  /** Requests a second, sustained, and how many may go at once after a rest. */
  readonly ratePerSecond: number;
  readonly burst: number;
}

/**
 * What a quantity means on the channel. `available`: what can still be sold. `on-hand`: what is there, of which the
 * channel subtracts its own allocations; the adapter then adds them, so that the channel offers what it should.
 */
export type Semantics = "available" | "on-hand";

/** What the service allows channels to do. */
export interface ChannelPolicy {
  /** Permits http and private hosts; for development and tests. */
  readonly allowPrivateHosts: boolean;
}

/** Secrets that an adapter got on the way and must not lose, such as rotating tokens. Kept sealed with the channel. */
export interface Vault {
  read(name: string): Promise<string | undefined>;
  /** Durable before it resolves. */
  write(name: string, secret: string): Promise<void>;
}

/** What an adapter may use. One object per configuration of a channel, so keys may be cached by it (WeakMap). */
export interface AdapterContext<Settings> {
  readonly channel: string;
  readonly settings: Settings;
  readonly credentials: Readonly<Record<string, string>>;
  /** `whsec_...`, shared with the receiver. */
  readonly signingSecret: string;
  /** Those before it that the receiver may still verify with. */
  readonly retiredSigningSecrets?: (() => readonly string[]) | undefined;
  readonly policy: ChannelPolicy;
  readonly vault: Vault;
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  readonly now: () => number;
}

/** What a channel shows of one of its own items. */
export interface ChannelLevel {
  /** As a listing's `external` has it. */
  readonly external: External;
  /** What the channel says the SKU is; absent if the field is not filled there. */
  readonly sku?: string | undefined;
  readonly title?: string | undefined;
  /** Units it offers, in the meaning of a publication's quantity; absent if it does not count this item. */
  readonly quantity?: number | undefined;
  /** When the channel says the quantity changed last, by whoever. */
  readonly updatedAt?: string | undefined;
}

export interface LevelPage {
  readonly items: readonly ChannelLevel[];
  /** Absent on the last page. */
  readonly next?: string | undefined;
}

/** One thing a connection needs, in words for a person who may not know the channel's API. */
export interface Finding {
  readonly isOk: boolean;
  /** What was looked at: "The access token is accepted". */
  readonly check: string;
  /** What to do about it, if it is not ok: where to click, which scope to add. */
  readonly advice?: string | undefined;
}

/** A channel could not be read; `detail` in its own words. Thrown by what reads, never by what publishes. */
export class ChannelUnreadableError extends Error {
  override readonly name = "ChannelUnreadableError";
  /** The channel asked for silence so long. */
  readonly retryAfterMs: number | undefined;

  constructor(detail: string, retryAfterMs?: number) {
    super(detail);
    this.retryAfterMs = retryAfterMs;
  }
}

/** A listing as an adapter needs it to find the item on the channel. */
export interface ListingReference {
  readonly sku: string;
  readonly external?: External | undefined;
}

/** All there is to know about one kind of channel. See docs/channels/README.md on how to add one. */
export interface Adapter<Settings> {
  readonly kind: string;
  readonly semantics: Semantics;
  readonly settings: z.ZodType<Settings>;
  /** Which credentials a channel of this kind needs; strict, so that a misspelt one is noticed. */
  readonly credentials: z.ZodType<Readonly<Record<string, string>>>;
  /** What a listing's `external` looks like. */
  readonly listing: z.ZodType<External | undefined>;
  /** What valid settings may not be under a policy; empty if all is well. Pointers are relative to the settings. */
  refuse(settings: Settings, policy: ChannelPolicy): FieldIssue[];
  /** Names the place where numbers end up. If it changes, every listing is published again. */
  destination(settings: Settings): string;
  limits(settings: Settings): CallLimits;
  /** What the channel would show, as text: a publication that shows the same as the last one needs no call. */
  shown(publication: Publication): string;
  /** The same text for the same item of the channel, however its `external` is written; names it in facts and levels. */
  itemKey(external: External): string;
  /** Tells the channel, in one request. Results stand in the order of the publications. */
  publish(context: AdapterContext<Settings>, publications: readonly Publication[]): Promise<PublishResult[]>;
  /** Calls the channel and says what is missing for all that the adapter does. Never throws. */
  check(context: AdapterContext<Settings>): Promise<Finding[]>;
  /** Pages through everything the channel offers. Throws `ChannelUnreadableError`. Absent: the channel cannot be read. */
  readPage?(context: AdapterContext<Settings>, cursor: string | undefined): Promise<LevelPage>;
  /** What the channel shows of these listings; those it does not know are left out. At most 50. Throws as `readPage`. */
  readListings?(
    context: AdapterContext<Settings>,
    listings: readonly ListingReference[],
  ): Promise<ChannelLevel[]>;
  /** Verifies what the channel sent, over the raw body, and says what it means. No calls here: they come in `lookUp`. */
  receive?(context: AdapterContext<Settings>, request: InboundRequest): Promise<Received>;
  /** The body of an answer as the channel wants it, for what `receive` found to be a question. */
  reply?(answer: Answer): object;
  /** Fetches what a hint only pointed to. Throws `ChannelUnreadableError`. */
  lookUp?(context: AdapterContext<Settings>, orderIds: readonly string[]): Promise<ChannelFact[]>;
  /** How often `poll` is called while the channel runs, in ms. */
  pollEveryMs?(settings: Settings): number;
  /** Asks the channel for news since a cursor it gave before; undefined asks from now on. Throws as `readPage`. */
  poll?(context: AdapterContext<Settings>, cursor: string | undefined): Promise<Polled>;
  /** Tells the channel that what `poll` brought is kept. Losing it is harmless: the same comes again. */
  acknowledge?(context: AdapterContext<Settings>, receipts: readonly string[]): Promise<void>;
}
