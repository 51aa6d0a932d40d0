import { z } from "zod";
import type { ChannelKindView, ChannelSettings, External } from "../../protocol/channel.ts";
import type {
  Adapter,
  AdapterContext,
  CallLimits,
  ChannelLevel,
  ChannelPolicy,
  Finding,
  LevelPage,
  ListingReference,
  Publication,
  PublishResult,
  Semantics,
  FieldIssue,
} from "./adapter.ts";
import type { ChannelFact, InboundRequest, Polled, Received } from "./inbound.ts";
import type { Answer } from "./question.ts";

/** An adapter as the rest of the service sees it. */
export interface RegisteredAdapter {
  readonly kind: string;
  /** What connecting a channel of this kind takes, as JSON Schema. */
  describe(): ChannelKindView;
  checkSettings(settings: ChannelSettings, policy: ChannelPolicy): FieldIssue[];
  checkCredentials(credentials: Readonly<Record<string, string>>): FieldIssue[];
  checkExternal(external: External | undefined): FieldIssue[];
  /** The body of an answer; undefined if this kind asks nothing. */
  reply(answer: Answer): object | undefined;
  /** Throws for settings that the schema does not take: check them first. */
  connect(settings: ChannelSettings): Connection;
}

/** An adapter with its settings put in, so that nobody else needs to know their type. */
export interface Connection {
  readonly destination: string;
  readonly limits: CallLimits;
  readonly semantics: Semantics;
  readonly abilities: Abilities;
  shown(publication: Publication): string;
  itemKey(external: External): string;
  /** Adds the rest of the context. */
  open(context: Omit<AdapterContext<never>, "settings">): OpenChannel;
}

/** What a kind of channel can do besides being told. */
export interface Abilities {
  readonly canRead: boolean;
  readonly canReadListings: boolean;
  readonly canReceive: boolean;
  readonly canLookUp: boolean;
  /** Absent: it is not asked for news. */
  readonly pollEveryMs?: number | undefined;
}

/** A channel that can be called. What its abilities do not cover answers with nothing. */
export interface OpenChannel {
  publish(publications: readonly Publication[]): Promise<PublishResult[]>;
  check(): Promise<Finding[]>;
  readPage(cursor: string | undefined): Promise<LevelPage>;
  readListings(listings: readonly ListingReference[]): Promise<ChannelLevel[]>;
  receive(request: InboundRequest): Promise<Received>;
  lookUp(orderIds: readonly string[]): Promise<ChannelFact[]>;
  poll(cursor: string | undefined): Promise<Polled>;
  acknowledge(receipts: readonly string[]): Promise<void>;
}

/** Hides the type of an adapter's settings behind its own schema. */
export function register<Settings>(adapter: Adapter<Settings>): RegisteredAdapter {
  return {
    kind: adapter.kind,
    describe: () => ({
      kind: adapter.kind,
      settings: jsonSchemaOf(adapter.settings),
      credentials: jsonSchemaOf(adapter.credentials),
      external: jsonSchemaOf(adapter.listing),
    }),
    checkSettings(given, policy) {
      const parsed = adapter.settings.safeParse(given);
      if (!parsed.success) return issuesOf(parsed.error, "/settings");
      return adapter
        .refuse(parsed.data, policy)
        .map(({ pointer, detail }) => ({ pointer: `/settings${pointer}`, detail }));
    },
    checkCredentials(given) {
      const parsed = adapter.credentials.safeParse(given);
      return parsed.success ? [] : issuesOf(parsed.error, "/credentials");
    },
    checkExternal(external) {
      const parsed = adapter.listing.safeParse(external);
      return parsed.success ? [] : issuesOf(parsed.error, "/external");
    },
    reply: (answer) => adapter.reply?.(answer),
    connect(given) {
      const settings = adapter.settings.parse(given);
      return {
        destination: adapter.destination(settings),
        limits: adapter.limits(settings),
        semantics: adapter.semantics,
        abilities: {
          canRead: adapter.readPage !== undefined,
          canReadListings: adapter.readListings !== undefined,
          canReceive: adapter.receive !== undefined,
          canLookUp: adapter.lookUp !== undefined,
          pollEveryMs: adapter.poll === undefined ? undefined : adapter.pollEveryMs?.(settings),
        },
        shown: (publication) => adapter.shown(publication),
        itemKey: (external) => adapter.itemKey(external),
        open: (rest) => opened(adapter, { ...rest, settings }),
      };
    },
  };
}

/** What a schema takes; what JSON Schema cannot say is left open. */
function jsonSchemaOf(schema: z.ZodType): Record<string, unknown> {
  return z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
}

function opened<Settings>(adapter: Adapter<Settings>, context: AdapterContext<Settings>): OpenChannel {
  return {
    publish: (publications) => adapter.publish(context, publications),
    check: () => adapter.check(context),
    readPage: async (cursor) => adapter.readPage?.(context, cursor) ?? { items: [] },
    readListings: async (listings) => adapter.readListings?.(context, listings) ?? [],
    receive: async (request) =>
      adapter.receive?.(context, request) ?? {
        outcome: "malformed",
        detail: `a ${adapter.kind} channel tells nothing at this address`,
      },
    lookUp: async (orderIds) => adapter.lookUp?.(context, orderIds) ?? [],
    poll: async (cursor) =>
      adapter.poll?.(context, cursor) ?? { facts: [], cursor: cursor ?? "", hasMore: false },
    acknowledge: async (receipts) => adapter.acknowledge?.(context, receipts),
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
