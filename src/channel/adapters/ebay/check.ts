import { z } from "zod";
import type { Finding } from "../../kit/adapter.ts";
import { type ApiRequest, type Problem, request } from "./client.ts";
import { offersOf } from "./read.ts";
import type { EbayContext } from "./settings.ts";
import { InventoryItems, Orders } from "./shapes.ts";
import { tokenFor } from "./token.ts";

const scopes = {
  inventory: "https://api.ebay.com/oauth/api_scope/sell.inventory",
  fulfillment: "https://api.ebay.com/oauth/api_scope/sell.fulfillment",
  notifications: "https://api.ebay.com/oauth/api_scope/commerce.notification.subscription",
};

const Subscriptions = z.looseObject({
  subscriptions: z
    .array(z.looseObject({ topicId: z.string(), status: z.string(), destinationId: z.string().nullish() }))
    .nullish(),
});

const Destination = z.looseObject({
  status: z.string(),
  deliveryConfig: z.looseObject({ endpoint: z.string().optional() }),
});

/** Everything the adapter does at eBay, one finding each. Without a token there is no more to look at. */
export async function check(context: EbayContext): Promise<Finding[]> {
  const token = await checkToken(context, "seller", "eBay gives an access token for the seller");
  if (!token.isOk) return [token];
  return [
    token,
    ...(await checkInventory(context)),
    await checkOrders(context),
    ...(await checkNotifications(context)),
  ];
}

async function checkToken(
  context: EbayContext,
  grant: "seller" | "application",
  name: string,
): Promise<Finding> {
  try {
    await tokenFor(context, grant);
    return good(name);
  } catch (error) {
    return bad(name, messageOf(error));
  }
}

async function checkInventory(context: EbayContext): Promise<Finding[]> {
  const name = "Inventory can be read";
  const wanted = get("/sell/inventory/v1/inventory_item?limit=1&offset=0");
  const result = await request(context, wanted, InventoryItems);
  if (!result.isOk) return [bad(name, adviceOn(result.problem, scopes.inventory))];
  const sku = result.value.inventoryItems?.[0]?.sku;
  if (sku === undefined) {
    const advice =
      "there is no inventory item yet; listings made without the Inventory API must be migrated first (bulkMigrateListing)";
    return [good(name), bad("There are offers", advice)];
  }
  return [good(name), await checkOffers(context, sku)];
}

async function checkOffers(context: EbayContext, sku: string): Promise<Finding> {
  const name = `Offers of ${sku} can be read`;
  try {
    await offersOf(context, sku);
    return good(name);
  } catch (error) {
    return bad(name, messageOf(error));
  }
}

async function checkOrders(context: EbayContext): Promise<Finding> {
  const name = "Orders can be read";
  const result = await request(context, get("/sell/fulfillment/v1/order?limit=1"), Orders);
  return result.isOk ? good(name) : bad(name, adviceOn(result.problem, scopes.fulfillment));
}

/** Notifications make orders known within seconds; without them they are known when they are asked for. */
async function checkNotifications(context: EbayContext): Promise<Finding[]> {
  const name = "eBay notifies of orders (ORDER_CONFIRMATION)";
  const { endpointUrl } = context.settings;
  if (endpointUrl === undefined || context.credentials["verificationToken"] === undefined) {
    const advice =
      "set endpointUrl and verificationToken and subscribe to the topic; until then orders come only as often as they are asked for";
    return [bad(name, advice)];
  }
  const key = await checkToken(context, "application", "eBay gives an access token for the application");
  const result = await request(
    context,
    get("/commerce/notification/v1/subscription?limit=100"),
    Subscriptions,
  );
  if (!result.isOk) return [key, bad(name, adviceOn(result.problem, scopes.notifications))];
  const found = result.value.subscriptions?.find(({ topicId }) => topicId === "ORDER_CONFIRMATION");
  if (found === undefined)
    return [key, bad(name, "there is no subscription to ORDER_CONFIRMATION: make one (createSubscription)")];
  if (found.status !== "ENABLED")
    return [key, bad(name, "the subscription is disabled: enable it (enableSubscription)")];
  return [key, good(name), await checkDestination(context, found.destinationId ?? "", endpointUrl)];
}

async function checkDestination(
  context: EbayContext,
  destinationId: string,
  endpointUrl: string,
): Promise<Finding> {
  const name = "Notifications go to this channel";
  const path = `/commerce/notification/v1/destination/${encodeURIComponent(destinationId)}`;
  const result = await request(context, { ...get(path), grant: "application" }, Destination);
  if (!result.isOk) return bad(name, adviceOn(result.problem, scopes.notifications));
  const { status, deliveryConfig } = result.value;
  if (deliveryConfig.endpoint !== endpointUrl) {
    return bad(
      name,
      `they go to ${deliveryConfig.endpoint}, and endpointUrl is ${endpointUrl}: make them the same`,
    );
  }
  return status === "ENABLED"
    ? good(name)
    : bad(name, `the destination is ${status}: eBay has turned it off; enable it (updateDestination)`);
}

function get(path: string): ApiRequest {
  return { method: "GET", path };
}

function adviceOn({ status, detail }: Problem, scope: string): string {
  if (status === 403)
    return `${detail}. The token lacks the scope ${scope}: let the seller agree again with it`;
  return detail;
}

function good(name: string): Finding {
  return { isOk: true, check: name };
}

function bad(name: string, advice: string): Finding {
  return { isOk: false, check: name, advice };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
