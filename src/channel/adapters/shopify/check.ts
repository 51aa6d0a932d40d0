import { z } from "zod";
import type { Finding } from "../../kit/adapter.ts";
import { ask, type Asked, type Failure } from "./client.ts";
import { document } from "./document.ts";
import { gidOf } from "./ids.ts";
import { maybe } from "./maybe.ts";
import type { ShopifyContext } from "./settings.ts";

/** What the app needs to be allowed, and for what. */
export const scopes: ReadonlyMap<string, string> = new Map([
  ["write_inventory", "set quantities"],
  ["read_inventory", "see quantities"],
  ["read_products", "see which variant has which inventory item"],
  ["read_orders", "learn what was sold"],
  ["read_locations", "see whether the location is active"],
]);

/** Webhooks that tell what is sold, as GraphQL names their topics, and whether the channel is blind without. */
export const topics = [
  "ORDERS_CREATE",
  "ORDERS_UPDATED",
  "ORDERS_CANCELLED",
  "ORDERS_EDITED",
  "REFUNDS_CREATE",
  "INVENTORY_LEVELS_UPDATE",
] as const;

/** What the app may do. */
export const readScopes = document<Record<string, never>>()(
  "StockwireScopes",
  `query StockwireScopes {
  currentAppInstallation { accessScopes { handle } }
}`,
  z.looseObject({
    currentAppInstallation: z.looseObject({ accessScopes: z.array(z.looseObject({ handle: z.string() })) }),
  }),
);

export const readLocation = document<{ readonly id: string }>()(
  "StockwireLocation",
  `query StockwireLocation($id: ID!) {
  location(id: $id) { name isActive fulfillsOnlineOrders }
}`,
  z.looseObject({
    location: maybe(
      z.looseObject({ name: z.string(), isActive: z.boolean(), fulfillsOnlineOrders: z.boolean() }),
    ),
  }),
);

const WebhookPage = z.looseObject({
  webhookSubscriptions: z.looseObject({
    nodes: z.array(z.looseObject({ topic: z.string(), uri: z.string(), format: z.string() })),
    pageInfo: z.looseObject({ hasNextPage: z.boolean(), endCursor: maybe(z.string()) }),
  }),
});
type WebhookPage = z.infer<typeof WebhookPage>;

/** Webhooks that this app has made in this shop. */
export const readWebhooks = document<{ readonly after: string | null }>()(
  "StockwireWebhooks",
  `query StockwireWebhooks($after: String) {
  webhookSubscriptions(first: 100, after: $after) {
    nodes { topic uri format }
    pageInfo { hasNextPage endCursor }
  }
}`,
  WebhookPage,
);

/** Looks at everything the channel needs, and changes nothing. Stops where the rest could only fail as well. */
export async function checkShop(context: ShopifyContext): Promise<Finding[]> {
  const asked = await ask(context, readScopes, {});
  if (!asked.isOk) return [unreachedFinding(context, asked.failure)];
  const handles = asked.data.currentAppInstallation.accessScopes.map(({ handle }) => handle);
  return [
    { isOk: true, check: "The shop takes the access token" },
    ...scopeFindings(handles),
    await locationFinding(context),
    ...(await webhookFindings(context)),
  ];
}

function unreachedFinding({ settings }: ShopifyContext, { reason, detail }: Failure): Finding {
  switch (reason) {
    case "unreached":
      return missing(
        "The shop can be reached",
        `${sentence(detail)} See whether https://${settings.shop}/admin opens.`,
      );
    case "token":
    case "gone":
      return missing("The shop takes the access token", sentence(detail));
    default:
      return missing("The shop's Admin API answers", sentence(detail));
  }
}

function scopeFindings(handles: readonly string[]): Finding[] {
  const has = (scope: string) =>
    handles.includes(scope) || handles.includes(scope.replace(/^read_/, "write_"));
  return [...scopes].map(([scope, purpose]) => {
    const check = `The app may ${purpose} (${scope})`;
    if (has(scope)) return { isOk: true, check };
    return missing(
      check,
      `Add ${scope} to the app's access scopes: Dev Dashboard > the app > Versions > Create a version > Access, release it, and let the shop's owner accept it.`,
    );
  });
}

async function locationFinding(context: ShopifyContext): Promise<Finding> {
  const check = "The location is there and active";
  const asked = await ask(context, readLocation, { id: gidOf("Location", context.settings.locationId) });
  if (!asked.isOk) return missing(check, sentence(asked.failure.detail));
  const { location } = asked.data;
  if (location === undefined) {
    return missing(
      check,
      "The shop has no such location: open Settings > Locations > the location, and take the number at the end of its address as `locationId`.",
    );
  }
  if (!location.isActive) {
    return missing(check, `${location.name} is not active: activate it under Settings > Locations.`);
  }
  if (!location.fulfillsOnlineOrders) {
    return missing(
      check,
      `${location.name} does not fulfil online orders, so the online store does not sell its stock: turn that on under Settings > Locations.`,
    );
  }
  return { isOk: true, check };
}

async function webhookFindings(context: ShopifyContext): Promise<Finding[]> {
  const path = `/v1/channels/${context.channel}/inbound`;
  const secret = "The channel can verify webhooks";
  const secretFinding =
    context.credentials["clientSecret"] === undefined
      ? missing(secret, "Store the app's client secret as the credential `clientSecret`.")
      : { isOk: true, check: secret };
  const found = new Set<string>();
  let after: string | undefined;
  do {
    const asked: Asked<WebhookPage> = await ask(context, readWebhooks, { after: after ?? null });
    if (!asked.isOk) return [secretFinding, missing("Webhooks lead here", sentence(asked.failure.detail))];
    const { nodes, pageInfo } = asked.data.webhookSubscriptions;
    for (const { topic, uri, format } of nodes) {
      if (format === "JSON" && pathOf(uri) === path) found.add(topic);
    }
    after = pageInfo.hasNextPage ? pageInfo.endCursor : undefined;
  } while (after !== undefined);
  const absent = topics.filter((topic) => !found.has(topic));
  const check = "The shop's webhooks lead here";
  if (absent.length === 0) return [secretFinding, { isOk: true, check }];
  return [
    secretFinding,
    missing(
      check,
      `No webhook to ${path} for: ${absent.join(", ")}. Make them with webhookSubscriptionCreate, format JSON. Those that the app declares in shopify.app.toml cannot be seen from here: if these are there, all is well.`,
    ),
  ];
}

function pathOf(uri: string): string | undefined {
  return URL.parse(uri)?.pathname;
}

/** The shop's words as a sentence. */
function sentence(detail: string): string {
  return detail.endsWith(".") ? detail : `${detail}.`;
}

function missing(check: string, advice: string): Finding {
  return { isOk: false, check, advice };
}
