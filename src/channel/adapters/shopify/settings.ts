import { z } from "zod";
import type { AdapterContext, ChannelPolicy } from "../../kit/adapter.ts";
import type { FieldIssue } from "../../kit/adapter.ts";
import { refuseUrl } from "../../kit/url-guard.ts";
import { gidPattern, numberOf } from "./ids.ts";

/** Versions of the Admin API that this adapter is tested against, the newest first. */
export const apiVersions = ["2026-10", "2026-07"] as const;

const id = (kind: string) =>
  z.string().regex(gidPattern(kind), {
    error: `this must be a number, or gid://shopify/${kind}/ and a number`,
  });

export const ShopifySettings = z.strictObject({
  shop: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,62}\.myshopify\.com$/, {
      error: "this must be the shop's own address that ends in .myshopify.com, without https://",
    })
    .meta({
      description: "The shop's address, as in Settings > Domains",
      example: "north-tees.myshopify.com",
    }),
  locationId: id("Location").meta({
    description: "Location whose available quantity is set; the number at the end of its page's address",
    example: "655441491",
  }),
  apiVersion: z
    .enum(apiVersions)
    .optional()
    .meta({ description: `Version of the Admin API, ${apiVersions[0]} unless told` }),
  apiUrl: z
    .string()
    .max(2048)
    .optional()
    .meta({ description: "Base address to call instead of the shop; only for development" }),
});
export type ShopifySettings = z.infer<typeof ShopifySettings>;

export type ShopifyContext = AdapterContext<ShopifySettings>;

const secret = (description: string) =>
  z
    .string()
    .regex(/^[\x21-\x7e]{8,1024}$/, { error: "a secret or token has at least 8 visible characters" })
    .meta({ description });

const accessToken = secret("Admin API access token that does not expire");
const clientId = secret("Client ID of the app");
const clientSecret = secret("Client secret of the app; it also signs the shop's webhooks");
const refreshToken = secret(
  "Refresh token of an expiring offline access token; replaced by itself from then on",
);

/** Four ways to sign in; without `clientSecret`, webhooks cannot be verified. */
export const ShopifyCredentials = z.union(
  [
    z.strictObject({ accessToken }),
    z.strictObject({ accessToken, clientSecret }),
    z.strictObject({ clientId, clientSecret }),
    z.strictObject({ clientId, clientSecret, refreshToken }),
  ],
  {
    error:
      "credentials must be { clientId, clientSecret }, { clientId, clientSecret, refreshToken } or { accessToken, clientSecret }",
  },
);

export const ShopifyExternal = z.strictObject(
  {
    inventoryItemId: id("InventoryItem").meta({ description: "Inventory item of the variant" }),
    variantId: id("ProductVariant")
      .optional()
      .meta({ description: "The variant, for people; it is found by its inventory item" }),
  },
  { error: 'a listing needs `external`: { "inventoryItemId": "43729076" }' },
);

export function refuse({ apiUrl }: ShopifySettings, policy: ChannelPolicy): FieldIssue[] {
  if (apiUrl === undefined) return [];
  if (!policy.allowPrivateHosts) {
    const detail = "apiUrl is only for a service started with ALLOW_PRIVATE_CHANNELS=true: leave it out";
    return [{ pointer: "/apiUrl", detail }];
  }
  const detail = refuseUrl(apiUrl, policy);
  return detail === undefined ? [] : [{ pointer: "/apiUrl", detail }];
}

/** The shop's address without a slash at its end. */
export function baseUrl({ shop, apiUrl }: ShopifySettings): string {
  return (apiUrl ?? `https://${shop}`).replace(/\/+$/, "");
}

/** Shop and location: the place where numbers end up. */
export function destination(settings: ShopifySettings): string {
  return `${baseUrl(settings)}/${numberOf(settings.locationId)}`;
}
