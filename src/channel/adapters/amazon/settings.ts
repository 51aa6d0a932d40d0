import { z } from "zod";
import { ExternalId } from "../../../protocol/primitives.ts";
import type { AdapterContext, ChannelPolicy } from "../../kit/adapter.ts";
import type { FieldIssue } from "../../kit/adapter.ts";
import { refuseUrl } from "../../kit/url-guard.ts";

/** Amazon applies what it has accepted within minutes; then it is read back. */
const verifyAfterSecondsDefault = 600;
const waitSecondsDefault = 10;
const pollEverySecondsDefault = 15;
/** Without a queue there is nothing to ask; the object need not wake for it. */
const nothingToPollMs = 86_400_000;

/** Takes the place of the item's own product type where only its offer is changed. */
const anyProductType = "PRODUCT";

export const AmazonSettings = z.strictObject({
  region: z.enum(["na", "eu", "fe"]).meta({
    description:
      "na: North and South America; eu: Europe, Middle East, Africa, India; fe: Japan, Australia, Singapore",
  }),
  sellerId: z
    .string()
    .regex(/^[A-Z0-9]{6,32}$/, { error: "the Merchant Token of Seller Central: capital letters and digits" })
    .meta({ description: "Seller Central > Account Info > Merchant Token", example: "A3TH9S8BH6GOGM" }),
  marketplaceId: z
    .string()
    .regex(/^[A-Z0-9]{6,32}$/, { error: "an Amazon marketplace id, such as ATVPDKIKX0DER" })
    .meta({ description: "The store whose offers are kept up to date", example: "ATVPDKIKX0DER" }),
  queueUrl: z.string().max(2048).optional().meta({
    description:
      "SQS queue that gets this seller's ORDER_CHANGE notifications; without it no orders are heard of",
  }),
  productType: z
    .string()
    .min(1)
    .max(128)
    .optional()
    .meta({
      description: `Amazon product type of listings that name none, ${anyProductType} unless told`,
    }),
  fulfillmentChannelCode: z.string().min(1).max(64).optional().meta({
    description: "Where the seller's own stock is counted, DEFAULT unless told",
  }),
  verifyAfterSeconds: z
    .int()
    .min(60)
    .max(86_400)
    .optional()
    .meta({
      description: `When an accepted quantity is read back, ${verifyAfterSecondsDefault} unless told`,
    }),
  waitSeconds: z
    .int()
    .min(0)
    .max(20)
    .optional()
    .meta({
      description: `How long one request to the queue waits for a message, ${waitSecondsDefault} unless told`,
    }),
  pollEverySeconds: z
    .int()
    .min(1)
    .max(3_600)
    .optional()
    .meta({
      description: `From one request to the queue to the next, ${pollEverySecondsDefault} unless told`,
    }),
  apiUrl: z.string().max(2048).optional().meta({
    description: "Another address for all of Amazon; only where private hosts are permitted, for tests",
  }),
});
export type AmazonSettings = z.infer<typeof AmazonSettings>;
export type AmazonContext = AdapterContext<AmazonSettings>;

const secret = z.string().min(1).max(2048);

export const AmazonCredentials = z.strictObject({
  clientId: secret.meta({ description: "LWA client identifier of the app" }),
  clientSecret: secret.meta({ description: "LWA client secret of the app" }),
  refreshToken: secret.meta({ description: "LWA refresh token, from authorising the app for the seller" }),
  awsAccessKeyId: secret.exactOptional().meta({ description: "Access key that may read the queue" }),
  awsSecretAccessKey: secret.exactOptional().meta({ description: "Its secret" }),
});

/** A seller SKU, or one and its product type; absent: the seller SKU is the SKU. */
export const AmazonListing = z.union(
  [ExternalId, z.strictObject({ sellerSku: ExternalId, productType: ExternalId.exactOptional() })],
  { error: 'a listing\'s `external` is its seller SKU, or { "sellerSku": "...", "productType": "..." }' },
);

export function refuse(settings: AmazonSettings, policy: ChannelPolicy): FieldIssue[] {
  return [...refuseApiUrl(settings, policy), ...refuseQueueUrl(settings, policy)];
}

function refuseApiUrl({ apiUrl }: AmazonSettings, policy: ChannelPolicy): FieldIssue[] {
  if (apiUrl === undefined) return [];
  const detail = policy.allowPrivateHosts
    ? refuseUrl(apiUrl, policy)
    : "leave this out: Amazon's address follows from the region";
  return detail === undefined ? [] : [{ pointer: "/apiUrl", detail }];
}

function refuseQueueUrl({ queueUrl }: AmazonSettings, policy: ChannelPolicy): FieldIssue[] {
  if (queueUrl === undefined) return [];
  const detail =
    refuseUrl(queueUrl, policy) ?? (policy.allowPrivateHosts ? undefined : refuseQueueHost(queueUrl));
  return detail === undefined ? [] : [{ pointer: "/queueUrl", detail }];
}

function refuseQueueHost(text: string): string | undefined {
  if (queueRegion(text) === undefined || !/^\/\d{12}\/[\w-]+(\.fifo)?$/.test(new URL(text).pathname)) {
    return "a queue's URL looks like https://sqs.us-east-1.amazonaws.com/123456789012/orders";
  }
  // Amazon's notifications do not go to FIFO queues, so a queue that ends in .fifo stays empty.
  return text.endsWith(".fifo")
    ? "Amazon sends notifications to standard queues only, not to FIFO ones"
    : undefined;
}

/** The AWS region in a queue's URL. */
export function queueRegion(queueUrl: string): string | undefined {
  return /^sqs\.([a-z0-9-]+)\.amazonaws\.com$/.exec(new URL(queueUrl).hostname)?.[1];
}

/** Where the Selling Partner API is (SP-API endpoints, developer-docs.amazon.com). */
export function baseUrl({ apiUrl: other, region }: AmazonSettings): string {
  return other?.replace(/\/+$/, "") ?? `https://sellingpartnerapi-${region}.amazon.com`;
}

/** Where tokens come from, the same for all regions. */
export function tokenUrl({ apiUrl: other }: AmazonSettings): string {
  return `${other?.replace(/\/+$/, "") ?? "https://api.amazon.com"}/auth/o2/token`;
}

export function channelCode({ fulfillmentChannelCode }: AmazonSettings): string {
  return fulfillmentChannelCode ?? "DEFAULT";
}

export function defaultProductType({ productType }: AmazonSettings): string {
  return productType ?? anyProductType;
}

export function verifyAfterMs({ verifyAfterSeconds }: AmazonSettings): number {
  return (verifyAfterSeconds ?? verifyAfterSecondsDefault) * 1000;
}

export function waitSeconds(settings: AmazonSettings): number {
  return settings.waitSeconds ?? waitSecondsDefault;
}

export function pollEveryMs({ queueUrl, pollEverySeconds }: AmazonSettings): number {
  if (queueUrl === undefined) return nothingToPollMs;
  return (pollEverySeconds ?? pollEverySecondsDefault) * 1000;
}
