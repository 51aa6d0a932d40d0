import { z } from "zod";
import type { External } from "../../../protocol/channel.ts";
import { ExternalId } from "../../../protocol/primitives.ts";
import type { ChannelPolicy, ListingReference } from "../../kit/adapter.ts";
import type { FieldIssue } from "../../kit/adapter.ts";
import { refuseUrl } from "../../kit/url-guard.ts";

/** Publications in one request if nobody says otherwise. */
export const batchDefault = 100;

export const AcpSettings = z.strictObject({
  url: z.string().max(2048).meta({
    description: "Address of the agent's Feed API, the part before `/feeds`",
    example: "https://agent.example/v1",
  }),
  feedId: z.string().min(1).max(128).meta({ description: "The feed's id", example: "feed_8f3K2x" }),
  apiVersion: z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}$/, "apiVersion must be a date, as in 2026-04-17")
    .optional()
    .meta({ description: "Version of the protocol, `2026-04-17` unless told" }),
  upserts: z
    .enum(["products", "fields"])
    .optional()
    .meta({
      description:
        "What an upsert replaces there. `products`, unless told: whole products, so they are read and sent whole. " +
        "`fields`: only what is sent, if the agent documents it so",
    }),
  batchMax: z
    .int()
    .min(1)
    .max(500)
    .optional()
    .meta({ description: `Listings in one request, ${batchDefault} unless told` }),
});
export type AcpSettings = z.infer<typeof AcpSettings>;

export const AcpCredentials = z.strictObject({
  token: z.string().min(1).max(4096).meta({ description: "Bearer token of the Feed API" }),
});

/** A listing's `external`: the variant, as text or named. Without it, the variant whose id is the SKU. */
export const AcpExternal = z
  .union([
    ExternalId,
    z.strictObject({ variantId: ExternalId }),
    z.strictObject({ variantId: ExternalId, productId: ExternalId }),
    z.strictObject({ variantId: ExternalId, productId: ExternalId, title: ExternalId }),
  ])
  .optional()
  .meta({
    description: "The feed's variant; with product and title, `upserts: fields` needs not read the feed",
    example: { variantId: "sku124-red-m" },
  });

export function variantIdOf({ sku, external = sku }: ListingReference): string {
  return variantIdIn(external);
}

/** Variant ids are unique in a feed ("stable global identifier"), so the variant's id names the item. */
export function variantIdIn(external: External): string {
  return typeof external === "string" ? external : (external["variantId"] ?? "");
}

export function refuse({ url }: AcpSettings, policy: ChannelPolicy): FieldIssue[] {
  const detail = refuseUrl(url, policy);
  if (detail !== undefined) return [{ pointer: "/url", detail }];
  const { search, hash } = new URL(url);
  if (search === "" && hash === "") return [];
  return [{ pointer: "/url", detail: "the URL must be the API's address, without ? and #" }];
}

/** Where the feed is. */
export function feedUrl({ url, feedId }: AcpSettings): string {
  return `${url.replace(/\/+$/, "")}/feeds/${encodeURIComponent(feedId)}`;
}
