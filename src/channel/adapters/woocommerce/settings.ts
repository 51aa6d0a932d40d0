import { z } from "zod";
import type { ChannelPolicy } from "../../kit/adapter.ts";
import type { FieldIssue } from "../../kit/adapter.ts";
import { refuseUrl } from "../../kit/url-guard.ts";

/** Objects WooCommerce takes in one batch request, unless the shop was changed (woocommerce_rest_batch_items_limit). */
const batchItemsMax = 100;

/** Items in one request if nobody says otherwise: a shop saves some 20 to 50 products a second. */
export const batchDefault = 50;

export const WooSettings = z.strictObject({
  url: z.string().max(2048).meta({
    description: "Address of the shop, as in WordPress under Settings > General > WordPress Address",
    example: "https://shop.example",
  }),
  batchMax: z
    .int()
    .min(1)
    .max(batchItemsMax)
    .optional()
    .meta({
      description: `Items in one request, ${batchDefault} unless told; fewer for a slow server`,
    }),
  soldStatuses: z.array(z.string().min(1).max(64)).max(50).optional().meta({
    description: "Order statuses of plugins in which units are sold and not yet shipped, without `wc-`",
  }),
  shippedStatuses: z.array(z.string().min(1).max(64)).max(50).optional().meta({
    description:
      "Order statuses of plugins in which units have left, without `wc-`; `completed` always counts",
  }),
});
export type WooSettings = z.infer<typeof WooSettings>;

const keyPart = (prefix: string) =>
  z.string().regex(new RegExp(`^${prefix}_[A-Za-z0-9]{8,128}$`), {
    error: `this must be the REST API key's part that begins with ${prefix}_`,
  });

export const WooCredentials = z.strictObject({
  consumerKey: keyPart("ck").meta({ description: "Consumer key of a REST API key with Read/Write" }),
  consumerSecret: keyPart("cs").meta({ description: "Consumer secret of the same key" }),
  webhookSecret: z
    .string()
    .regex(/^[A-Za-z0-9_-]{16,255}$/, {
      error: "a webhook secret must be 16-255 letters, digits, _ or -: WordPress alters other characters",
    })
    .optional()
    .meta({
      description: "Secret of the shop's webhooks, the same for all; without it only polling tells orders",
    }),
});

const externalError = {
  error: 'a listing needs `external`: "93" or { "productId": "93", "variationId": "94" }, ids as text',
};

const id = z.string().regex(/^[1-9]\d{0,14}$/, externalError);

export const WooExternal = z.union(
  [id, z.strictObject({ productId: id }), z.strictObject({ productId: id, variationId: id })],
  externalError,
);

export function refuse({ url }: WooSettings, policy: ChannelPolicy): FieldIssue[] {
  const detail = refuseUrl(url, policy) ?? refuseParts(url);
  return detail === undefined ? [] : [{ pointer: "/url", detail }];
}

function refuseParts(text: string): string | undefined {
  const url = new URL(text);
  if (url.search !== "" || url.hash !== "") return "the URL must be the shop's address, without ? and #";
  if (/\/wp-(json|admin)(\/|$)/.test(url.pathname)) return "the URL must end before /wp-json or /wp-admin";
  return undefined;
}

/** The shop's address without slashes at its end. */
export function shopUrl({ url }: WooSettings): string {
  return url.replace(/\/+$/, "");
}
