import { json, Refusal, spError } from "./answers.ts";
import { ListingsFake } from "./listings.ts";
import { type FakeOrder, orderChange } from "./notifications.ts";
import { QueueFake } from "./queue.ts";

const tokenMs = 3_600_000;

/**
 * Amazon as a seller's app sees it: Login with Amazon, the Selling Partner API of region eu, and an SQS queue.
 * Time is what `now` says.
 */
export class AmazonFake {
  readonly sellerId = "A3TH9S8BH6GOGM";
  readonly marketplaceId = "A1PA6795UKMFR9";
  readonly credentials = {
    clientId: "amzn1.client",
    clientSecret: "amzn1.secret",
    refreshToken: "Atzr|refresh",
  };
  readonly queue: QueueFake;
  readonly listings: ListingsFake;
  tokensGranted = 0;
  /** Set to a status: every call to the API is answered with it. */
  outage: number | undefined;
  /** Whether the app's role allows listings, and orders. */
  readonly roles = new Set(["listings", "orders"]);
  isSubscribed = true;
  readonly requests: string[] = [];
  readonly #now: () => number;
  #tokens = new Map<string, number>();
  #orders = 0;

  constructor(now: () => number) {
    this.#now = now;
    this.queue = new QueueFake(now);
    this.listings = new ListingsFake(now, this.sellerId, this.marketplaceId);
  }

  readonly fetch = async (address: string, init: RequestInit): Promise<Response> => {
    const url = new URL(address);
    const body = typeof init.body === "string" ? init.body : "";
    this.requests.push(`${init.method} ${url.pathname}`);
    try {
      return this.#route(url, init.method ?? "GET", new Headers(init.headers), body);
    } catch (error) {
      if (error instanceof Refusal) return json(error.status, error.body, error.headers);
      throw error;
    }
  };

  /** All access tokens end at once, as when the seller's authorisation is renewed. */
  revokeTokens(): void {
    this.#tokens = new Map();
  }

  /** A buyer orders; Amazon takes the units off the offer at once and says so on the queue. */
  sell(sku: string, quantity: number, fulfillment: "AFN" | "MFN" = "MFN"): FakeOrder {
    this.#orders += 1;
    const orderId = `903-8868176-${String(this.#orders).padStart(7, "0")}`;
    const items = [{ itemId: `item-${this.#orders}`, sku, quantity, shipped: 0 }];
    const order: FakeOrder = { orderId, fulfillment, purchasedAtMs: this.#now(), status: "Pending", items };
    const offer = this.listings.items.get(sku)?.availability.get("DEFAULT");
    if (offer !== undefined && fulfillment === "MFN") offer.quantity = Math.max(0, offer.quantity - quantity);
    this.tell(order);
    return order;
  }

  /** Something happened to an order: its new state goes on the queue. */
  tell(order: FakeOrder): string {
    return this.queue.send(JSON.stringify(this.notification(order)));
  }

  notification(order: FakeOrder) {
    return orderChange(order, this.sellerId, this.marketplaceId, this.#now());
  }

  #route(url: URL, method: string, headers: Headers, body: string): Response {
    if (url.hostname === "api.amazon.com") return this.#grant(url, method, headers, body);
    if (url.hostname === new URL(this.queue.url).hostname)
      return this.queue.answer(url, method, headers, body);
    if (url.hostname !== "sellingpartnerapi-eu.amazon.com") throw new Error(`nobody is at ${url.hostname}`);
    if (this.outage !== undefined)
      throw spError(this.outage, "InternalFailure", "We encountered an internal error.");
    this.#authorise(headers);
    if (url.pathname.startsWith("/listings/2021-08-01/items/")) {
      this.#need("listings");
      if (method === "PATCH" && headers.get("content-type") !== "application/json") {
        throw spError(415, "UnsupportedMediaType", "The media type must be application/json");
      }
      return this.listings.answer(url, method, body);
    }
    if (method === "GET" && url.pathname === "/notifications/v1/subscriptions/ORDER_CHANGE") {
      this.#need("orders");
      if (!this.isSubscribed) throw spError(404, "NotFound", "The requested subscription does not exist.");
      return json(200, { payload: { subscriptionId: "s-1", payloadVersion: "1.0", destinationId: "d-1" } });
    }
    throw spError(404, "NotFound", `no operation ${method} ${url.pathname}`);
  }

  #grant(url: URL, method: string, headers: Headers, body: string): Response {
    const isForm = headers.get("content-type")?.startsWith("application/x-www-form-urlencoded") === true;
    if (method !== "POST" || url.pathname !== "/auth/o2/token" || !isForm) throw new Refusal(404, {});
    const form = Object.fromEntries(new URLSearchParams(body));
    if (form["grant_type"] !== "refresh_token")
      throw oauthError(400, "unsupported_grant_type", "unsupported");
    if (
      form["client_id"] !== this.credentials.clientId ||
      form["client_secret"] !== this.credentials.clientSecret
    ) {
      throw oauthError(401, "invalid_client", "Client authentication failed");
    }
    if (form["refresh_token"] !== this.credentials.refreshToken) {
      throw oauthError(400, "invalid_grant", "The request has an invalid grant parameter : refresh_token");
    }
    this.tokensGranted += 1;
    const token = `Atza|${this.tokensGranted}`;
    this.#tokens.set(token, this.#now() + tokenMs);
    return json(200, {
      access_token: token,
      refresh_token: form["refresh_token"],
      token_type: "bearer",
      expires_in: 3600,
    });
  }

  #authorise(headers: Headers): void {
    const expiresAtMs = this.#tokens.get(headers.get("x-amz-access-token") ?? "");
    if (expiresAtMs === undefined || expiresAtMs <= this.#now()) {
      throw spError(
        403,
        "Unauthorized",
        "Access to requested resource is denied.",
        "The access token you provided has expired.",
      );
    }
    if (!(headers.get("user-agent") ?? "").includes("(Language="))
      throw spError(400, "InvalidInput", "User-Agent");
  }

  #need(role: string): void {
    if (!this.roles.has(role)) throw spError(403, "Unauthorized", "Access to requested resource is denied.");
  }
}

function oauthError(status: number, error: string, description: string): Refusal {
  return new Refusal(status, { error, error_description: description });
}
