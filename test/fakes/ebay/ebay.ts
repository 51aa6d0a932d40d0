import type { InboundRequest } from "../../../src/channel/kit/inbound.ts";
import { json, Refusal, refusal } from "./answers.ts";
import { InventoryFake } from "./inventory.ts";
import { type FakeLine, type FakeOrder, OrdersFake } from "./orders.ts";
import { Signer } from "./signer.ts";

const tokenMs = 7_200_000;

interface Token {
  readonly expiresAtMs: number;
  readonly grant: "seller" | "application";
}

/** eBay as a seller's application sees it: OAuth, Inventory, Fulfillment and Notification APIs. Time is what `now` says. */
export class EbayFake {
  readonly credentials = {
    clientId: "Stock-PRD-1",
    clientSecret: "PRD-secret",
    refreshToken: "v^1.1#refresh",
  };
  readonly verificationToken = "a-verification-token-of-more-than-32-characters";
  readonly endpointUrl = "https://stock.example.com/v1/channels/ebay-us/inbound";
  readonly inventory: InventoryFake;
  readonly orders = new OrdersFake();
  readonly signer = new Signer();
  readonly scopes = new Set(["inventory", "fulfillment", "notification"]);
  tokensGranted = 0;
  /** So many of the next calls are answered 429. */
  throttled = 0;
  /** Set to a status: every call but for tokens is answered with it. */
  outage: number | undefined;
  subscription: { topicId: string; status: string } | undefined = {
    topicId: "ORDER_CONFIRMATION",
    status: "ENABLED",
  };
  destination = { status: "ENABLED", endpoint: this.endpointUrl };
  readonly requests: string[] = [];
  readonly #now: () => number;
  #tokens = new Map<string, Token>();
  #count = 0;

  constructor(now: () => number) {
    this.#now = now;
    this.inventory = new InventoryFake(now);
  }

  readonly fetch = async (address: string, init: RequestInit): Promise<Response> => {
    const url = new URL(address);
    if (url.hostname !== "api.ebay.com") throw new Error(`nobody is at ${url.hostname}`);
    this.requests.push(`${init.method} ${url.pathname}`);
    const body = typeof init.body === "string" ? init.body : "";
    try {
      return this.#route(url, init.method ?? "GET", new Headers(init.headers), body);
    } catch (error) {
      if (error instanceof Refusal) return json(error.status, error.body);
      throw error;
    }
  };

  /** All access tokens end at once. */
  revokeTokens(): void {
    this.#tokens = new Map();
  }

  /** A buyer checks out; eBay takes the units off item and offer at once. */
  sell(sku: string, quantity: number, more: Partial<FakeLine> = {}): FakeOrder {
    this.#count += 1;
    const item = this.inventory.items.get(sku);
    if (item !== undefined) {
      item.shipTo = Math.max(0, item.shipTo - quantity);
      for (const offer of item.offers) offer.quantity = Math.max(0, offer.quantity - quantity);
    }
    const at = new Date(this.#now()).toISOString();
    const line: FakeLine = {
      lineItemId: `100${this.#count}`,
      sku,
      title: `Title of ${sku}`,
      legacyItemId: item?.offers[0]?.listingId ?? "1",
      listingMarketplaceId: "EBAY_US",
      quantity,
      lineItemFulfillmentStatus: "NOT_STARTED",
      refunds: [],
      ...more,
    };
    const order: FakeOrder = {
      orderId: `11-${String(this.#count).padStart(5, "0")}-12345`,
      creationDate: at,
      lastModifiedDate: at,
      orderPaymentStatus: "PAID",
      cancelStatus: { cancelState: "NONE_REQUESTED", cancelRequests: [] },
      lineItems: [line],
    };
    this.orders.orders.push(order);
    return order;
  }

  /** Something happened to an order. */
  change(order: FakeOrder, change: (order: FakeOrder) => void): void {
    change(order);
    order.lastModifiedDate = new Date(this.#now()).toISOString();
  }

  /** The notification eBay sends of an order, or another topic's. */
  notification(
    data: object,
    more: { topic?: string; id?: string; publishDate?: string; attempt?: number } = {},
  ): InboundRequest {
    const at = new Date(this.#now()).toISOString();
    const { topic = "ORDER_CONFIRMATION", id = "n-1", publishDate = at, attempt = 1 } = more;
    const body = JSON.stringify({
      metadata: { topic, schemaVersion: "1.0", deprecated: false },
      notification: { notificationId: id, eventDate: at, publishDate, publishAttemptCount: attempt, data },
    });
    return this.delivery(body);
  }

  delivery(body: string): InboundRequest {
    return {
      method: "POST",
      url: this.endpointUrl,
      headers: { "content-type": "application/json", "x-ebay-signature": this.signer.header(body) },
      body: new TextEncoder().encode(body),
    };
  }

  #route(url: URL, method: string, headers: Headers, body: string): Response {
    if (url.pathname === "/identity/v1/oauth2/token") return this.#grant(method, headers, body);
    if (this.outage !== undefined) throw refusal(this.outage, 25001, "A system error has occurred.");
    if (this.throttled > 0) {
      this.throttled -= 1;
      throw refusal(429, 2001, "The request limit has been reached for the resource.");
    }
    const grant = this.#grantOf(headers);
    if (body !== "" && headers.get("content-type") !== "application/json") throw new Refusal(415, {});
    if (url.pathname.startsWith("/sell/inventory/v1/")) {
      this.#need(grant === "seller" && this.scopes.has("inventory"));
      return this.inventory.answer(url, method, body);
    }
    if (url.pathname.startsWith("/sell/fulfillment/v1/")) {
      this.#need(grant === "seller" && this.scopes.has("fulfillment"));
      return this.orders.answer(url, method);
    }
    return this.#notificationApi(url, method, grant);
  }

  #notificationApi(url: URL, method: string, grant: Token["grant"]): Response {
    const [resource, id] = url.pathname.replace("/commerce/notification/v1/", "").split("/");
    if (method !== "GET") throw refusal(404, 2002, "Resource not found");
    switch (resource) {
      case "public_key": {
        this.#need(grant === "application");
        const key = this.signer.publicKey(id ?? "");
        if (key === undefined) throw refusal(404, 195018, "Invalid or missing key id");
        return json(200, key);
      }
      case "subscription": {
        this.#need(grant === "seller" && this.scopes.has("notification"));
        const all =
          this.subscription === undefined
            ? []
            : [{ subscriptionId: "s-1", destinationId: "d-1", ...this.subscription }];
        return json(200, { total: all.length, limit: 100, subscriptions: all });
      }
      case "destination": {
        this.#need(grant === "application");
        const { status, endpoint } = this.destination;
        return json(200, { destinationId: id, name: "stock", status, deliveryConfig: { endpoint } });
      }
      default:
        throw refusal(404, 2002, "Resource not found");
    }
  }

  #grant(method: string, headers: Headers, body: string): Response {
    if (method !== "POST" || headers.get("content-type") !== "application/x-www-form-urlencoded")
      throw new Refusal(404, {});
    const { clientId, clientSecret, refreshToken } = this.credentials;
    if (headers.get("authorization") !== `Basic ${btoa(`${clientId}:${clientSecret}`)}`) {
      throw new Refusal(401, { error: "invalid_client", error_description: "client authentication failed" });
    }
    const form = Object.fromEntries(new URLSearchParams(body));
    const isSeller = form["grant_type"] === "refresh_token";
    if (isSeller && form["refresh_token"] !== refreshToken) {
      throw new Refusal(400, {
        error: "invalid_grant",
        error_description:
          "the provided authorization refresh token is invalid or was issued to another client",
      });
    }
    if (
      !isSeller &&
      (form["grant_type"] !== "client_credentials" ||
        form["scope"] !== "https://api.ebay.com/oauth/api_scope")
    ) {
      throw new Refusal(400, { error: "invalid_scope", error_description: "The requested scope is invalid" });
    }
    this.tokensGranted += 1;
    const token = `v^1.1#${this.tokensGranted}`;
    this.#tokens.set(token, {
      expiresAtMs: this.#now() + tokenMs,
      grant: isSeller ? "seller" : "application",
    });
    return json(200, { access_token: token, expires_in: 7200, token_type: "User Access Token" });
  }

  #grantOf(headers: Headers): Token["grant"] {
    const token = this.#tokens.get(headers.get("authorization")?.replace("Bearer ", "") ?? "");
    if (token === undefined || token.expiresAtMs <= this.#now())
      throw refusal(401, 1001, "Invalid access token");
    return token.grant;
  }

  #need(isPermitted: boolean): void {
    if (!isPermitted) throw refusal(403, 1100, "Access denied");
  }
}
