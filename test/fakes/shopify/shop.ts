import type { GraphQLResolveInfo } from "graphql";
import { Admin, type GraphqlRequest } from "./admin.ts";
import { connection, type Page } from "./connection.ts";
import { type FakeItem, gid, idIn, Items } from "./items.ts";
import { Mutations } from "./mutations.ts";
import { OAuth } from "./oauth.ts";
import { Orders } from "./orders.ts";
import { Sales } from "./sales.ts";
import { type ApiVersion, versions } from "./schema.ts";
import { Webhooks } from "./webhooks.ts";

type Run = () => Promise<Response>;

/** A Shopify shop in virtual time: its items, orders, webhooks and Admin API, as `fetch`. */
export class ShopifyShop {
  readonly domain = "north-tees.myshopify.com";
  readonly locationId = 655_441_491;
  readonly items = new Items();
  readonly orders = new Orders(this.items);
  readonly oauth: OAuth;
  readonly admin: Admin;
  readonly webhooks: Webhooks;
  readonly mutations: Mutations;
  readonly sales: Sales;
  /** Webhooks that the app has made. */
  readonly subscriptions: { topic: string; uri: string; format: string }[] = [];
  /** Stand before the next requests, one each; they may run them or not. */
  readonly obstacles: ((run: Run) => Promise<Response>)[] = [];
  /** Requests to the Admin API, carried out or not. */
  readonly asked: GraphqlRequest[] = [];
  readonly #now: () => number;
  #version: ApiVersion = "2026-10";

  constructor(now: () => number) {
    this.#now = now;
    this.oauth = new OAuth(now);
    this.webhooks = new Webhooks(this.domain, () => this.oauth.app.clientSecret, now);
    const changed = (item: FakeItem, locationId: number) => this.#levelChanged(item, locationId);
    this.mutations = new Mutations(this.items, () => this.#version, now, changed);
    this.sales = new Sales(this.items, this.orders, this.webhooks, this.locationId, now);
    this.admin = new Admin(this.#root(), now);
    this.items.locations.set(this.locationId, { id: this.locationId, name: "North", isActive: true });
  }

  /** An item with so many available; undefined: not stocked at the location. */
  item(sku: string, available: number | undefined, more: Partial<FakeItem> = {}): FakeItem {
    return this.items.add(sku, available, this.locationId, this.#now(), more);
  }

  available(item: FakeItem): number | undefined {
    return this.items.level(item, this.locationId)?.available;
  }

  /** Somebody types another number into the admin. */
  edit(item: FakeItem, available: number): void {
    const level = this.items.stock(item, this.locationId, this.#now());
    level.available = available;
    level.updatedAtMs = this.#now();
    this.#levelChanged(item, this.locationId);
  }

  readonly fetch = (url: string, init: RequestInit): Promise<Response> => {
    const obstacle = this.obstacles.shift();
    const run = () => this.#serve(new Request(url, init));
    return obstacle === undefined ? run() : obstacle(run);
  };

  async #serve(request: Request): Promise<Response> {
    const { hostname, pathname } = new URL(request.url);
    if (hostname !== this.domain) throw new TypeError(`getaddrinfo ENOTFOUND ${hostname}`);
    if (pathname === "/admin/oauth/access_token") {
      return this.oauth.grant(request, new URLSearchParams(await request.text()));
    }
    const [, named] = /^\/admin\/api\/([^/]+)\/graphql\.json$/.exec(pathname) ?? [];
    const version = versions.find((known) => known === named);
    if (version === undefined || request.method !== "POST") {
      return Response.json({ errors: "Not Found" }, { status: 404 });
    }
    if (!this.oauth.accepts(request.headers.get("x-shopify-access-token"))) {
      const errors = "[API] Invalid API key or access token (unrecognized login or wrong password)";
      return Response.json({ errors }, { status: 401 });
    }
    if (request.headers.get("content-type") !== "application/json") {
      return Response.json({ errors: "Bad Request" }, { status: 400 });
    }
    const asked = (await request.json()) as GraphqlRequest;
    this.asked.push(asked);
    this.#version = version;
    return Response.json(await this.admin.answer(version, asked));
  }

  #root(): object {
    return {
      inventorySetQuantities: (
        { input }: { input: Parameters<Mutations["set"]>[0] },
        _: unknown,
        info: GraphQLResolveInfo,
      ) => this.mutations.set(input, info),
      inventoryActivate: (args: Parameters<Mutations["activate"]>[0], _: unknown, info: GraphQLResolveInfo) =>
        this.mutations.activate(args, info),
      nodes: ({ ids }: { ids: readonly string[] }) =>
        ids.map((id) => {
          const item = this.items.find(idIn("InventoryItem", id));
          return item === undefined ? null : this.items.view(item);
        }),
      inventoryItems: (args: Page) => this.items.page(args),
      order: ({ id }: { id: string }) => {
        const order = this.orders.find(idIn("Order", id));
        return order === undefined ? null : this.orders.view(order);
      },
      fulfillment: ({ id }: { id: string }) => this.orders.fulfilmentNamed(idIn("Fulfillment", id)),
      refund: ({ id }: { id: string }) => this.orders.refundNamed(idIn("Refund", id)),
      location: ({ id }: { id: string }) => {
        const location = this.items.locations.get(idIn("Location", id) ?? 0);
        return location === undefined ? null : { ...location, id, fulfillsOnlineOrders: true };
      },
      currentAppInstallation: () => ({
        accessScopes: [...this.admin.scopes].map((handle) => ({ handle, description: handle })),
      }),
      webhookSubscriptions: (args: Page) =>
        connection(this.subscriptions, args, (subscription) => subscription),
    };
  }

  #levelChanged(item: FakeItem, locationId: number): void {
    const level = this.items.level(item, locationId);
    if (level === undefined) return;
    this.webhooks.fire("inventory_levels/update", {
      inventory_item_id: item.id,
      location_id: locationId,
      available: item.isTracked ? level.available : null,
      updated_at: new Date(level.updatedAtMs).toISOString(),
      admin_graphql_api_id: `${gid("InventoryLevel", locationId)}?inventory_item_id=${item.id}`,
    });
  }
}
