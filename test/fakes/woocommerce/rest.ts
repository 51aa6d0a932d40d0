import { type FakeProduct, productJson } from "./catalogue.ts";
import { orderJson, refundJson } from "./orders.ts";
import { collection } from "./collection.ts";
import type { WooShop } from "./shop.ts";
import { webhookJson } from "./webhooks.ts";
import { WpError } from "./wp-error.ts";

export const consumerKey = `ck_${"a".repeat(40)}`;
export const consumerSecret = `cs_${"b".repeat(40)}`;

export interface Call {
  readonly method: string;
  /** Below /wp-json/wc/v3/, query included. */
  readonly path: string;
  readonly body: unknown;
}

type Json = Record<string, unknown>;

/** The REST API v3: refuses what WooCommerce refuses, and what no client should ask. */
export class Rest {
  readonly calls: Call[] = [];
  permission: "read" | "write" | "read_write" = "read_write";
  /** woocommerce_rest_batch_items_limit. */
  batchLimit = 100;
  hasPermalinks = true;
  isActive = true;
  /** Answers instead of the shop, if it answers. */
  inFront: (call: Call) => Response | undefined = () => undefined;
  /** Runs after the answer to a read is made and before it arrives: where a sale may fall. */
  afterRead: () => void = () => undefined;
  readonly #shop: WooShop;
  readonly #now: () => number;

  constructor(shop: WooShop, now: () => number) {
    this.#shop = shop;
    this.#now = now;
  }

  async fetch(text: string, init: RequestInit): Promise<Response> {
    const url = new URL(text);
    if (url.origin !== this.#shop.url) throw new Error(`getaddrinfo ENOTFOUND ${url.hostname}`);
    const prefix = "/wp-json/wc/v3/";
    const method = init.method ?? "GET";
    const body: unknown = typeof init.body === "string" ? JSON.parse(init.body) : undefined;
    const call = { method, path: `${url.pathname.slice(prefix.length)}${url.search}`, body };
    this.calls.push(call);
    const early = this.inFront(call);
    if (early !== undefined) return early;
    const isRest = url.pathname.startsWith(prefix) && this.hasPermalinks;
    if (!isRest) return new Response("<!DOCTYPE html><title>Page not found</title>", { status: 404 });
    try {
      this.#authorise(method, new Headers(init.headers));
      const path = url.pathname.slice(prefix.length).split("/");
      return this.#route(method, path, url.searchParams, body);
    } catch (error) {
      if (!(error instanceof WpError)) throw error;
      const { code, message, status } = error;
      return Response.json({ code, message, data: { status } }, { status });
    }
  }

  #authorise(method: string, headers: Headers): void {
    if (!this.isActive) {
      throw new WpError("rest_no_route", "No route was found matching the URL and request method.", 404);
    }
    const authorization = headers.get("authorization");
    if (authorization === null) {
      throw new WpError("woocommerce_rest_cannot_view", "Sorry, you cannot list resources.", 401);
    }
    const [key, secret] = atob(authorization.replace(/^Basic /, "")).split(":");
    const refuse = (message: string) => new WpError("woocommerce_rest_authentication_error", message, 401);
    if (key !== consumerKey) throw refuse("Consumer key is invalid.");
    if (secret !== consumerSecret) throw refuse("Consumer secret is invalid.");
    if (method === "GET" && this.permission === "write") {
      throw refuse("The API key provided does not have read permissions.");
    }
    if (method !== "GET" && this.permission === "read") {
      throw refuse("The API key provided does not have write permissions.");
    }
    if (method !== "GET" && headers.get("content-type") !== "application/json") {
      throw new WpError("rest_missing_callback_param", "Missing parameter(s)", 400);
    }
  }

  #route(method: string, path: readonly string[], query: URLSearchParams, body: unknown): Response {
    const [root, id = "", sub, last] = path;
    const { catalogue, orders, webhooks } = this.#shop;
    const products = [...catalogue.products.values()];
    const route = [method, root, ...(id === "" ? [] : [/^\d+$/.test(id) ? "#" : id]), sub, last]
      .filter(Boolean)
      .join(" ");
    switch (route) {
      case "GET products":
        return this.#list(products.filter(({ parentId }) => parentId === 0).map(asRow), query);
      case "GET products # variations":
        if (!catalogue.products.has(Number(id)))
          throw new WpError("woocommerce_rest_product_invalid_id", "Invalid ID.", 404);
        return this.#list(products.filter(({ parentId }) => parentId === Number(id)).map(asRow), query);
      case "POST products batch":
        return this.#batch(0, body);
      case "POST products # variations batch":
        return this.#batch(Number(id), body);
      case "GET orders": {
        const listed = [...orders.all.values()].filter(({ status }) => status !== "trash");
        return this.#list(
          listed.map((order) => ({ atMs: order.modifiedAtMs, json: orderJson(order, catalogue) })),
          query,
        );
      }
      case "GET orders # refunds": {
        const order = orders.all.get(Number(id));
        if (order === undefined)
          throw new WpError("woocommerce_rest_invalid_order_id", "Invalid order ID.", 404);
        return this.#list(
          order.refunds.map((refund) => ({ atMs: 0, json: refundJson(refund, order) })),
          query,
        );
      }
      case "GET webhooks":
        return this.#list(
          webhooks.all.map((webhook) => ({ atMs: 0, json: webhookJson(webhook) })),
          query,
        );
      case "PUT webhooks #": {
        const webhook = webhooks.all.find((one) => one.id === Number(id));
        if (webhook === undefined)
          throw new WpError("woocommerce_rest_shop_webhook_invalid_id", "Invalid ID.", 404);
        const { status } = body as Json;
        if (status !== "active" && status !== "paused" && status !== "disabled") {
          throw new WpError(
            "woocommerce_rest_shop_webhook_invalid_status",
            "Webhook status must be valid.",
            400,
          );
        }
        webhook.status = status;
        return Response.json(webhookJson(webhook));
      }
      case "GET settings products woocommerce_manage_stock":
        return Response.json({
          id: "woocommerce_manage_stock",
          value: catalogue.isStockManaged ? "yes" : "no",
        });
      default:
        throw new WpError("rest_no_route", "No route was found matching the URL and request method.", 404);
    }
  }

  #list(rows: readonly { readonly atMs: number; readonly json: Json }[], query: URLSearchParams): Response {
    const { page, total } = collection(rows, query);
    const response = Response.json(page, { headers: { "x-wp-total": String(total) } });
    this.afterRead();
    return response;
  }

  /** class-wc-rest-controller.php, batch_items: each item by itself, errors in the place of items, 200 over all. */
  #batch(parentId: number, body: unknown): Response {
    const { update = [], ...rest } = body as { update?: Json[] };
    if (Object.keys(rest).length > 0) throw new Error(`a batch with ${Object.keys(rest).join()}`);
    if (update.length > this.batchLimit) {
      const message = `Unable to accept more than ${this.batchLimit} items for this request.`;
      throw new WpError("woocommerce_rest_request_entity_too_large", message, 413);
    }
    if (update.length === 0) return Response.json([]);
    return Response.json({ update: update.map((item) => this.#update(parentId, item)) });
  }

  #update(parentId: number, item: Json): Json {
    const { id, manage_stock: manageStock, stock_quantity: quantity, ...rest } = item;
    if (Object.keys(rest).length > 0) throw new Error(`an update with ${Object.keys(rest).join()}`);
    const product = this.#shop.catalogue.products.get(Number(id));
    const fail = (code: string, message: string, status: number) => ({
      id,
      error: { code, message, data: { status } },
    });
    const kind = parentId === 0 ? "product" : "product_variation";
    if (product === undefined) return fail(`woocommerce_rest_${kind}_invalid_id`, "Invalid ID.", 400);
    if (parentId === 0 && product.type === "variation") {
      const message =
        "To manipulate product variations you should use the /products/<product_id>/variations/<id> endpoint.";
      return fail("woocommerce_rest_invalid_product_id", message, 404);
    }
    if (!Number.isInteger(quantity))
      return fail("rest_invalid_type", "stock_quantity is not of type integer.", 400);
    this.#shop.catalogue.write(product.id, manageStock, quantity, this.#now());
    return productJson(product);
  }
}

function asRow(product: FakeProduct) {
  return { atMs: product.modifiedAtMs, json: productJson(product) };
}
