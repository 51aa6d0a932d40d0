import { z } from "zod";
import type { FakeItem, FakeOrder, MedusaShop } from "./shop.ts";

export const url = "https://medusa.example";
export const secretApiKey = "sk_0123456789abcdef";
export const user = { email: "stock@shop.example", password: "a password" };

const Level = z.strictObject({
  inventory_item_id: z.string(),
  location_id: z.string(),
  stocked_quantity: z.number().min(0).optional(),
  incoming_quantity: z.number().min(0).optional(),
});
const Batch = z.strictObject({
  create: z.array(Level).optional(),
  update: z.array(Level).optional(),
  delete: z.array(z.string()).optional(),
  force: z.boolean().optional(),
});

const listParameters = ["limit", "offset", "order", "fields"];
const itemParameters = new Set([...listParameters, "id", "id[]", "sku", "sku[]", "q"]);
const orderParameters = new Set([...listParameters, "id", "status", "updated_at[$gte]", "created_at[$gte]"]);

/** The Admin API of a shop: keys, tokens, strict parameters, and what it answers when it is in trouble. */
export class MedusaApi {
  logins = 0;
  refusedLogins = 0;
  /** `METHOD /path` of what came, logins left out. */
  readonly calls: string[] = [];
  /** Answers with this instead, once for each. */
  readonly troubles: Response[] = [];
  /** Items that cannot be updated. */
  readonly broken = new Set<string>();
  /** Paths that the user has no right to. */
  readonly forbidden = new Set<string>();
  readonly #shop: MedusaShop;
  readonly #tokens = new Set<string>();

  constructor(shop: MedusaShop) {
    this.#shop = shop;
  }

  endTokens(): void {
    this.#tokens.clear();
  }

  readonly fetch = async (address: string, init: RequestInit): Promise<Response> => {
    const trouble = this.troubles.shift();
    if (trouble !== undefined) return trouble;
    const { origin, pathname, searchParams } = new URL(address);
    if (origin !== url) throw new TypeError("fetch failed");
    const headers = new Headers(init.headers);
    if (init.body !== undefined && headers.get("content-type") !== "application/json") {
      return problem(400, "invalid_data", "Invalid request: the body is not JSON");
    }
    const body: unknown = typeof init.body === "string" ? JSON.parse(init.body) : undefined;
    if (pathname === "/auth/user/emailpass") return this.#logIn(body);
    const route = `${init.method} ${pathname}`;
    this.calls.push(route);
    if (!pathname.startsWith("/admin/")) return new Response("Cannot GET", { status: 404 });
    if (!this.#isKnown(headers)) return Response.json({ message: "Unauthorized" }, { status: 401 });
    if (this.forbidden.has(pathname)) return problem(403, "forbidden", "Forbidden");
    switch (route) {
      case "GET /admin/inventory-items":
        return this.#items(searchParams);
      case "POST /admin/inventory-items/location-levels/batch":
        return this.#write(body);
      case "GET /admin/stock-locations":
        return Response.json({ stock_locations: this.#shop.locations });
      case "GET /admin/orders":
        return this.#orders(searchParams);
      case "GET /admin/reservations": {
        const lines = searchParams.getAll("line_item_id[]");
        const holds = (order: FakeOrder) => !order.isLeftBehind && order.quantity > order.fulfilled;
        const found = this.#shop.orders.filter((order) => lines.includes(order.lineId) && holds(order));
        return Response.json({
          reservations: found.map(({ lineId }) => ({ id: lineId })),
          count: found.length,
        });
      }
      default: {
        const id = /^GET \/admin\/orders\/([^/]+)\/changes$/.exec(route)?.[1];
        const order = this.#shop.orders.find((candidate) => candidate.id === id);
        if (order === undefined) return problem(404, "not_found", `${route} was not found`);
        return Response.json({ order_changes: order.changes });
      }
    }
  };

  #logIn(body: unknown): Response {
    const { email, password } = body as { email: string; password: string };
    if (email !== user.email || password !== user.password) {
      this.refusedLogins += 1;
      return problem(401, "unauthorized", "Invalid email or password");
    }
    this.logins += 1;
    const token = `token-${this.logins}`;
    this.#tokens.add(token);
    return Response.json({ token });
  }

  #isKnown(headers: Headers): boolean {
    const authorization = headers.get("authorization") ?? "";
    if (authorization === `Basic ${btoa(`${secretApiKey}:`)}`) return true;
    const token = /^Bearer (.+)$/.exec(authorization)?.[1];
    return token !== undefined && this.#tokens.has(token);
  }

  #items(parameters: URLSearchParams): Response {
    const unknown = unknownOf(parameters, itemParameters);
    if (unknown !== undefined) return unknown;
    const ids = [...parameters.getAll("id"), ...parameters.getAll("id[]")];
    const skus = [...parameters.getAll("sku"), ...parameters.getAll("sku[]")];
    const found = this.#shop.items
      .filter(({ id }) => ids.length === 0 || ids.includes(id))
      .filter(({ sku }) => skus.length === 0 || (sku !== null && skus.includes(sku)));
    const page = paged(found, parameters, 20);
    return Response.json({ inventory_items: page.map(itemView), count: found.length });
  }

  /** All or nothing, as the workflow that compensates. */
  #write(body: unknown): Response {
    const batch = Batch.safeParse(body);
    if (!batch.success) return problem(400, "invalid_data", `Invalid request: ${batch.error.message}`);
    const { create = [], update = [] } = batch.data;
    const itemOf = (id: string) => this.#shop.items.find((item) => item.id === id);
    for (const { inventory_item_id: id, location_id: place } of update) {
      if (itemOf(id)?.levels.has(place) !== true) {
        return problem(404, "not_found", `Item ${id} is not stocked at location ${place}`);
      }
    }
    for (const { inventory_item_id: id, location_id: place } of create) {
      const isThere = this.#shop.locations.some((location) => location.id === place);
      if (!isThere || itemOf(id) === undefined) return problem(404, "not_found", `no ${id} or no ${place}`);
    }
    const broken = [...create, ...update].find(({ inventory_item_id: id }) => this.broken.has(id));
    if (broken !== undefined) {
      return problem(400, "invalid_data", `${broken.inventory_item_id} is kept by another module`);
    }
    const set = ({
      inventory_item_id: id,
      location_id: place,
      stocked_quantity: stocked = 0,
    }: z.infer<typeof Level>) => {
      this.#shop.beforeWrite();
      const item = itemOf(id);
      if (item === undefined) throw new Error(`no item ${id}`);
      item.levels.set(place, { stocked, reserved: item.levels.get(place)?.reserved ?? 0, updatedAtMs: 0 });
      return levelView(item, place);
    };
    return Response.json({ created: create.map(set), updated: update.map(set) });
  }

  #orders(parameters: URLSearchParams): Response {
    const unknown = unknownOf(parameters, orderParameters);
    if (unknown !== undefined) return unknown;
    const sinceMs = Date.parse(parameters.get("updated_at[$gte]") ?? "1970-01-01T00:00:00Z");
    const found = this.#shop.orders
      .filter(({ updatedAtMs }) => updatedAtMs >= sinceMs)
      .sort((a, b) => a.updatedAtMs - b.updatedAtMs);
    if (parameters.get("order") === "-updated_at") found.reverse();
    return Response.json({ orders: paged(found, parameters, 15).map(orderView), count: found.length });
  }
}

function paged<Item>(items: readonly Item[], parameters: URLSearchParams, limit: number): Item[] {
  const offset = Number(parameters.get("offset") ?? 0);
  return items.slice(offset, offset + Number(parameters.get("limit") ?? limit));
}

function unknownOf(parameters: URLSearchParams, known: ReadonlySet<string>): Response | undefined {
  const unknown = [...parameters.keys()].find((name) => !known.has(name));
  if (unknown === undefined) return undefined;
  return problem(400, "invalid_data", `Invalid request: Unrecognized fields: '${unknown}'`);
}

function itemView(item: FakeItem) {
  const levels = [...item.levels.keys()].map((place) => levelView(item, place));
  return { id: item.id, sku: item.sku, title: item.title, location_levels: levels };
}

function levelView(item: FakeItem, place: string) {
  const level = item.levels.get(place);
  return {
    inventory_item_id: item.id,
    location_id: place,
    stocked_quantity: level?.stocked,
    reserved_quantity: level?.reserved,
    updated_at: new Date(level?.updatedAtMs ?? 0).toISOString(),
  };
}

function orderView(order: FakeOrder) {
  const { variant } = order;
  return {
    id: order.id,
    status: order.status,
    version: order.version,
    created_at: new Date(order.createdAtMs).toISOString(),
    updated_at: new Date(order.updatedAtMs).toISOString(),
    payment_status: order.paymentStatus,
    returns: order.returns,
    items: [
      {
        id: order.lineId,
        title: `Title of ${variant.sku}`,
        variant_sku: variant.sku,
        quantity: order.quantity,
        detail: { fulfilled_quantity: order.fulfilled },
        variant: {
          manage_inventory: variant.manageInventory,
          inventory_items: variant.parts.map(({ item, required }) => ({
            inventory_item_id: item.id,
            required_quantity: required,
          })),
        },
      },
    ],
  };
}

function problem(status: number, type: string, message: string): Response {
  return Response.json({ type, message }, { status });
}
