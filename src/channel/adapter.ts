import type { z } from "zod";
import type { ChannelSettings, External } from "../protocol/channel.ts";
import type { Position } from "../protocol/position.ts";
import type { StockStatus } from "../protocol/stock.ts";
import type { FieldIssue } from "./contract.ts";

/** What a channel is to be told about one SKU. */
export interface Publication extends Position {
  readonly channel: string;
  readonly sku: string;
  readonly external?: External | undefined;
  /** Units the channel may show. */
  readonly quantity: number;
  /** Units of the SKU as a whole, before the publication rule; negative if oversold. */
  readonly available: number;
  readonly status: StockStatus;
  readonly asOf: string;
  /** 0, or a number that tells apart publications of one position under changed rules or listings. */
  readonly revision: number;
}

/** What came of a publication. Adapters answer with values and never throw for what a channel says. */
export type PublishResult =
  | { readonly outcome: "ok" }
  /** Nothing is known to be wrong with the publication: try again. `retryAfterMs` silences the whole channel. */
  | { readonly outcome: "retry"; readonly detail: string; readonly retryAfterMs?: number | undefined }
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

/** What the service allows channels to do. */
export interface ChannelPolicy {
  /** Permits http and private hosts; for development and tests. */
  readonly allowPrivateHosts: boolean;
}

/** What an adapter may use. One object per configuration of a channel, so keys may be cached by it. */
export interface PublishContext<Settings> {
  readonly channel: string;
  readonly settings: Settings;
  readonly credentials: Readonly<Record<string, string>>;
  /** `whsec_...`, shared with the receiver. */
  readonly signingSecret: string;
  readonly policy: ChannelPolicy;
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  readonly now: () => number;
}

/** All there is to know about one kind of channel. See docs/channels/README.md on how to add one. */
export interface Adapter<Settings> {
  readonly kind: string;
  readonly settings: z.ZodType<Settings>;
  /** What a listing's `external` looks like. */
  readonly listing: z.ZodType<External | undefined>;
  /** What valid settings may not be under a policy; empty if all is well. Pointers are relative to the settings. */
  refuse(settings: Settings, policy: ChannelPolicy): FieldIssue[];
  /** Names the place where numbers end up. If it changes, every listing is published again. */
  destination(settings: Settings): string;
  limits(settings: Settings): CallLimits;
  /** What the channel would show, as text: a publication that shows the same as the last one needs no call. */
  shown(publication: Publication): string;
  /** Tells the channel, in one request. Results stand in the order of the publications. */
  publish(context: PublishContext<Settings>, publications: readonly Publication[]): Promise<PublishResult[]>;
}

/** An adapter with its settings put in, so that nobody else needs to know their type. */
export interface Connection {
  readonly destination: string;
  readonly limits: CallLimits;
  shown(publication: Publication): string;
  /** Adds the rest of the context; what it answers publishes. */
  open(context: Omit<PublishContext<never>, "settings">): Publish;
}

export type Publish = (publications: readonly Publication[]) => Promise<PublishResult[]>;

/** An adapter as the rest of the service sees it. */
export interface RegisteredAdapter {
  readonly kind: string;
  checkSettings(settings: ChannelSettings, policy: ChannelPolicy): FieldIssue[];
  checkExternal(external: External | undefined): FieldIssue[];
  /** Throws for settings that the schema does not take: check them first. */
  connect(settings: ChannelSettings): Connection;
}

/** Hides the type of an adapter's settings behind its own schema. */
export function register<Settings>(adapter: Adapter<Settings>): RegisteredAdapter {
  return {
    kind: adapter.kind,
    checkSettings(given, policy) {
      const parsed = adapter.settings.safeParse(given);
      if (!parsed.success) return issuesOf(parsed.error, "/settings");
      return adapter
        .refuse(parsed.data, policy)
        .map(({ pointer, detail }) => ({ pointer: `/settings${pointer}`, detail }));
    },
    checkExternal(external) {
      const parsed = adapter.listing.safeParse(external);
      return parsed.success ? [] : issuesOf(parsed.error, "/external");
    },
    connect(given) {
      const settings = adapter.settings.parse(given);
      return {
        destination: adapter.destination(settings),
        limits: adapter.limits(settings),
        shown: (publication) => adapter.shown(publication),
        open(rest) {
          const context = { ...rest, settings };
          return (publications) => adapter.publish(context, publications);
        },
      };
    },
  };
}

function issuesOf(error: z.ZodError, prefix: string): FieldIssue[] {
  return error.issues.map((issue) => ({
    pointer: [prefix, ...issue.path.map((part) => escapePointer(String(part)))].join("/"),
    detail: issue.message,
  }));
}

/** RFC 6901, section 3. */
function escapePointer(part: string): string {
  return part.replaceAll("~", "~0").replaceAll("/", "~1");
}
