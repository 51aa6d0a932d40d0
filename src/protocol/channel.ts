import { z } from "zod";
import { InboundStatusView } from "./inbound.ts";
import { limits } from "./limits.ts";
import { ChannelId, ExternalId, NaturalQuantity, Quantity, Sku, Timestamp } from "./primitives.ts";
import { PublicationRule } from "./rule.ts";
import { StockStatus } from "./stock.ts";

/** One setting of a channel: plain values only, each kind of channel says which it knows. */
export const SettingValue = z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]);
export type SettingValue = z.infer<typeof SettingValue>;

export const ChannelSettings = z.record(z.string(), SettingValue).meta({
  description: "Settings of the channel's kind; for `webhook`: { url, batch? }",
  example: { url: "https://shop.example/stock", batch: 50 },
});
export type ChannelSettings = z.infer<typeof ChannelSettings>;

/** A SKU's identity on the channel: one id, or several named ones. */
export const External = z
  .union([ExternalId, z.record(z.string().min(1).max(64), ExternalId)])
  .meta({ description: "The SKU's identity on the channel", example: { variantId: "4711" } });
export type External = z.infer<typeof External>;

/** `all`: every SKU is published; `listed`: only SKUs with a listing. */
export const ListingsMode = z.enum(["all", "listed"]).meta({ description: "Which SKUs are published" });
export type ListingsMode = z.infer<typeof ListingsMode>;

/**
 * Who wins when a channel shows something else than it was told. `stockwire`: it is told our number again. `channel`: its
 * number becomes a correction of the stock. `alert`: it is only reported.
 */
export const DriftPolicy = z
  .enum(["stockwire", "channel", "alert"])
  .meta({ description: "Who wins when the channel shows another number; `stockwire` unless told" });
export type DriftPolicy = z.infer<typeof DriftPolicy>;

/** For how long what is replaced is still good: at most 30 days. */
const OverlapSeconds = z.int().min(0).max(limits.secretOverlapSecondsMax);

/** The body of `POST /v1/channels/{id}/signing-secret`. */
export const SigningSecretBody = z
  .strictObject({
    overlapSeconds: OverlapSeconds.default(86_400).meta({
      description: "So long deliveries are signed with the secrets before it too; a day unless told",
    }),
  })
  .meta({ id: "SigningSecretRequest", example: { overlapSeconds: 86_400 } });

/** The body of `PUT /v1/channels/{id}`. */
export const ChannelConfig = z
  .strictObject({
    kind: z.string().min(1).max(64).meta({ description: "Kind of channel", example: "webhook" }),
    settings: ChannelSettings,
    listings: ListingsMode,
    rule: PublicationRule.optional().meta({ description: "For listings without a rule of their own" }),
    drift: DriftPolicy.optional(),
    credentials: z
      .record(z.string(), z.string().max(4096))
      .optional()
      .meta({ description: "Stored encrypted, never returned; absent keeps what is stored" }),
    overlapSeconds: OverlapSeconds.optional().meta({
      description:
        "With new `credentials`: so long the channel's webhooks may still be signed as before; 0 unless told",
    }),
  })
  .meta({
    id: "ChannelConfig",
    description: "How stock reaches one channel",
    example: { kind: "webhook", settings: { url: "https://shop.example/stock" }, listings: "all" },
  });
export type ChannelConfig = z.infer<typeof ChannelConfig>;

/** The body of `PUT /v1/channels/{id}/listings/{sku}`. It replaces the listing's definition as a whole. */
export const ListingConfig = z
  .strictObject({ external: External.optional(), rule: PublicationRule.optional() })
  .meta({
    id: "ListingConfig",
    description: "What a SKU is called on the channel and how much of it is shown there",
    example: { external: "gid-4711", rule: { buffer: 2 } },
  });
export type ListingConfig = z.infer<typeof ListingConfig>;

/** `paused`: changes are kept, nothing is sent. */
export const ChannelState = z.enum(["running", "paused"]);
export type ChannelState = z.infer<typeof ChannelState>;

export const ChannelView = z
  .object({
    id: ChannelId,
    kind: z.string(),
    settings: ChannelSettings,
    listings: ListingsMode,
    rule: PublicationRule.optional(),
    drift: DriftPolicy,
    hasCredentials: z.boolean(),
    state: ChannelState,
    pausedBecause: z.string().optional().meta({ description: "Why it is paused" }),
    createdAt: Timestamp,
    updatedAt: Timestamp,
    signingSecret: z.string().optional().meta({
      description: "Only in the answer that created the channel, or replaced the secret",
      example: "whsec_MfKQ9r8GKYqrTwjU...",
    }),
  })
  .meta({ id: "Channel" });
export type ChannelView = z.infer<typeof ChannelView>;

/**
 * `unstocked`: no stock known yet. `due`: to be published. `published`: the channel has the newest number.
 * `failed`: the channel refused the number; tried again on the SKU's next change or by hand.
 */
export const ListingState = z.enum(["unstocked", "due", "published", "failed"]);
export type ListingState = z.infer<typeof ListingState>;

const atPosition = { epoch: z.string(), version: z.int().min(1) };

export const ListingView = z
  .object({
    sku: Sku,
    state: ListingState,
    external: External.optional(),
    rule: PublicationRule.optional().meta({ description: "Its own rule; absent if the channel's applies" }),
    wanted: z
      .object({
        ...atPosition,
        quantity: NaturalQuantity,
        available: Quantity,
        status: StockStatus,
        asOf: Timestamp,
      })
      .optional()
      .meta({ description: "What the channel should show" }),
    published: z
      .object({ ...atPosition, quantity: NaturalQuantity, at: Timestamp })
      .optional()
      .meta({
        description:
          "What the channel shows as far as is known, up to which version that holds, and when it was told",
      }),
    withheld: z
      .object({ units: z.int().min(1), since: Timestamp })
      .optional()
      .meta({
        description:
          "Units of the wanted quantity that the channel is not told of, because it has sold them and its orders are not counted yet",
      }),
    failure: z
      .object({ detail: z.string(), at: Timestamp })
      .optional()
      .meta({ description: "In the channel's own words" }),
  })
  .meta({ id: "Listing" });
export type ListingView = z.infer<typeof ListingView>;

/** What a channel is told about one SKU. */
export const SkuChannelView = z
  .object({
    channel: ChannelId,
    kind: z.string(),
    state: ChannelState,
    listing: ListingView.optional().meta({ description: "Absent if the channel does not show the SKU" }),
  })
  .meta({ id: "SkuChannel" });
export type SkuChannelView = z.infer<typeof SkuChannelView>;

/** One publication, and how long it took. */
export const LagSample = z
  .object({
    at: Timestamp.meta({ description: "When the channel confirmed it" }),
    lagMs: z.number().min(0).meta({ description: "From the change of the stock to then" }),
  })
  .meta({ id: "LagSample" });
export type LagSample = z.infer<typeof LagSample>;

/** A kind of channel, and what connecting one takes. */
export const ChannelKindView = z
  .object({
    kind: z.string().meta({ example: "webhook" }),
    settings: z.looseObject({}).meta({ description: "JSON Schema of `settings`" }),
    credentials: z.looseObject({}).meta({ description: "JSON Schema of `credentials`" }),
    external: z.looseObject({}).meta({ description: "JSON Schema of a listing's `external`" }),
  })
  .meta({ id: "ChannelKind" });
export type ChannelKindView = z.infer<typeof ChannelKindView>;

/** How far the replacement of `STOCKWIRE_SECRETS_KEY` is. */
export const SecretsKeyView = z
  .object({
    keyId: z.string().meta({ description: "Names the present key", example: "9f3c01aa" }),
    previousKeyId: z
      .string()
      .optional()
      .meta({ description: "Names STOCKWIRE_SECRETS_KEY_PREVIOUS, if that is set" }),
    isDone: z.boolean().meta({ description: "Whether the present key is all that is needed" }),
    waiting: z
      .array(
        z.object({
          channel: ChannelId,
          keyIds: z.array(z.string()).meta({ description: "What its secrets are sealed with" }),
        }),
      )
      .meta({ description: "Channels with a secret that could not be sealed with the present key" }),
  })
  .meta({ id: "SecretsKey" });
export type SecretsKeyView = z.infer<typeof SecretsKeyView>;

export const ChannelStatusView = z
  .object({
    id: ChannelId,
    kind: z.string(),
    state: ChannelState,
    pausedBecause: z.string().optional(),
    breaker: z.enum(["closed", "open", "half_open"]),
    heldUntil: Timestamp.optional().meta({ description: "The channel asked for silence until then" }),
    due: NaturalQuantity.meta({
      description: "Listings waiting to be published, requests under way included",
    }),
    failed: NaturalQuantity.meta({ description: "Listings the channel refused" }),
    lastSuccessAt: Timestamp.optional(),
    lastFailure: z.object({ detail: z.string(), at: Timestamp }).optional(),
    lag: z
      .object({ samples: z.int(), p50Ms: z.number(), p95Ms: z.number(), p99Ms: z.number() })
      .optional()
      .meta({
        description: "From the change of the stock to the channel's confirmation, over recent publications",
      }),
    unexplainedUnits: NaturalQuantity.optional().meta({
      description:
        "Units that were withheld for an hour for sales nobody reported, and offered again, over the channel's life",
    }),
    inbound: InboundStatusView.meta({ description: "What the channel tells, and what has become of it" }),
    drift: z
      .object({ policy: DriftPolicy, open: NaturalQuantity })
      .meta({ description: "Listings of which the channel shows something else than it was told" }),
    lastReconciliation: z
      .object({ id: z.string(), state: z.enum(["done", "failed"]), endedAt: Timestamp })
      .optional()
      .meta({ description: "The last comparison of all the channel shows that has ended" }),
    abilities: z
      .object({
        canRead: z.boolean().meta({ description: "It can be compared, and its listings imported" }),
        canReadListings: z.boolean().meta({ description: "Single listings can be read back" }),
        canReceive: z.boolean().meta({ description: "It tells us of orders or levels by itself" }),
        canLookUp: z.boolean().meta({ description: "Orders it points to can be fetched" }),
        pollEveryMs: z.number().optional().meta({ description: "How often it is asked for news" }),
      })
      .meta({ description: "What this kind of channel can do besides being told" }),
  })
  .meta({ id: "ChannelStatus" });
export type ChannelStatusView = z.infer<typeof ChannelStatusView>;
