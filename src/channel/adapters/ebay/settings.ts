import { z } from "zod";
import type { External } from "../../../protocol/channel.ts";
import { ExternalId } from "../../../protocol/primitives.ts";
import type { AdapterContext, ChannelPolicy } from "../../kit/adapter.ts";
import type { FieldIssue } from "../../kit/adapter.ts";
import { refuseUrl } from "../../kit/url-guard.ts";
import { isTimeZone } from "./day.ts";

const pollEverySecondsDefault = 60;
/** Where eBay's own days begin and end, as far as its documentation says. */
const timeZoneDefault = "America/Los_Angeles";

export const EbaySettings = z.strictObject({
  environment: z.enum(["production", "sandbox"]).optional().meta({
    description: "production unless told; the sandbox has its own keys and sellers",
  }),
  marketplaceId: z
    .string()
    .regex(/^EBAY_[A-Z_]{2,20}$/, { error: "an eBay marketplace id, such as EBAY_US" })
    .optional()
    .meta({
      description: "Only offers and orders of this marketplace; all of them unless told",
      example: "EBAY_US",
    }),
  endpointUrl: z.string().max(2048).optional().meta({
    description: "This channel's inbound address, letter for letter as registered at eBay",
    example: "https://stock.example.com/v1/channels/ebay-us/inbound",
  }),
  timeZone: z
    .string()
    .min(1)
    .max(64)
    .optional()
    .meta({
      description: `Time zone whose midnight renews the 250 revisions of a listing, ${timeZoneDefault} unless told`,
    }),
  pollEverySeconds: z
    .int()
    .min(10)
    .max(3_600)
    .optional()
    .meta({
      description: `How often modified orders are asked for, ${pollEverySecondsDefault} unless told`,
    }),
  apiUrl: z.string().max(2048).optional().meta({
    description: "Another address for all of eBay; only where private hosts are permitted, for tests",
  }),
});
export type EbaySettings = z.infer<typeof EbaySettings>;
export type EbayContext = AdapterContext<EbaySettings>;

const secret = z.string().min(1).max(4096);

export const EbayCredentials = z.strictObject({
  clientId: secret.meta({ description: "App ID (Client ID) of the keyset" }),
  clientSecret: secret.meta({ description: "Cert ID (Client Secret) of the keyset" }),
  refreshToken: secret.meta({ description: "The seller's OAuth refresh token" }),
  verificationToken: z
    .string()
    .regex(/^[A-Za-z0-9_-]{32,80}$/, { error: "a verification token is 32-80 letters, digits, _ or -" })
    .exactOptional()
    .meta({ description: "Made up by you, told to eBay with the notification endpoint" }),
});

/** An offer. `sku` if eBay knows it by another one; `listingId` if the listing has several variations. */
export const EbayListing: z.ZodType<External | undefined> = z.strictObject(
  { offerId: ExternalId, sku: ExternalId.exactOptional(), listingId: ExternalId.exactOptional() },
  { error: 'a listing needs `external`: { "offerId": "...", "sku": "...", "listingId": "..." }' },
);

export function refuse({ apiUrl, endpointUrl, timeZone }: EbaySettings, policy: ChannelPolicy): FieldIssue[] {
  const api = apiUrl === undefined ? undefined : refuseApiUrl(apiUrl, policy);
  const endpoint = endpointUrl === undefined ? undefined : refuseUrl(endpointUrl, policy);
  const zone =
    timeZone === undefined || isTimeZone(timeZone)
      ? undefined
      : "a time zone of the IANA list, such as America/Los_Angeles";
  return [...issue("/apiUrl", api), ...issue("/endpointUrl", endpoint), ...issue("/timeZone", zone)];
}

function refuseApiUrl(apiUrl: string, policy: ChannelPolicy): string | undefined {
  if (policy.allowPrivateHosts) return refuseUrl(apiUrl, policy);
  return "leave this out: eBay's address follows from the environment";
}

function issue(pointer: string, detail: string | undefined): FieldIssue[] {
  return detail === undefined ? [] : [{ pointer, detail }];
}

/** Where the REST APIs are, tokens included. */
export function baseUrl({ apiUrl, environment }: EbaySettings): string {
  if (apiUrl !== undefined) return apiUrl.replace(/\/+$/, "");
  return environment === "sandbox" ? "https://api.sandbox.ebay.com" : "https://api.ebay.com";
}

export function timeZoneOf({ timeZone }: EbaySettings): string {
  return timeZone ?? timeZoneDefault;
}

export function pollEveryMs({ pollEverySeconds }: EbaySettings): number {
  return (pollEverySeconds ?? pollEverySecondsDefault) * 1000;
}
