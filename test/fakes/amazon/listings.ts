import { json, onlyKeys, spError, UsagePlan } from "./answers.ts";

export interface FakeItem {
  readonly sku: string;
  readonly productType: string;
  readonly title: string;
  readonly createdDate: string;
  /** By fulfilment channel: what Amazon offers, and attributes that a careless write would wipe. */
  readonly availability: Map<string, { quantity: number; leadTimeDays?: number }>;
  /** Accepted and not applied yet. */
  pending: {
    readonly atMs: number;
    readonly code: string;
    readonly quantity: number;
    readonly keeps: boolean;
  }[];
}

interface Patch {
  readonly op?: unknown;
  readonly path?: unknown;
  readonly value?: unknown;
}

/** Listings Items API 2021-08-01 for one seller. What it accepts it applies later. */
export class ListingsFake {
  applyAfterMs = 5 * 60_000;
  readonly items = new Map<string, FakeItem>();
  /** Bodies of all PATCH requests, as they came. */
  readonly patches: unknown[] = [];
  readonly previews: unknown[] = [];
  readonly #plans = { patch: new UsagePlan(5, 5), get: new UsagePlan(5, 10), search: new UsagePlan(5, 5) };
  readonly #now: () => number;
  readonly #sellerId: string;
  readonly #marketplaceId: string;

  constructor(now: () => number, sellerId: string, marketplaceId: string) {
    this.#now = now;
    this.#sellerId = sellerId;
    this.#marketplaceId = marketplaceId;
  }

  add(
    sku: string,
    quantity: number,
    more: { code?: string; createdDate?: string; productType?: string } = {},
  ): FakeItem {
    const { code = "DEFAULT", createdDate = "2026-01-01T00:00:00Z", productType = "SHIRT" } = more;
    const availability = new Map([[code, { quantity, leadTimeDays: 3 }]]);
    const item: FakeItem = {
      sku,
      productType,
      title: `Title of ${sku}`,
      createdDate,
      availability,
      pending: [],
    };
    this.items.set(sku, item);
    return item;
  }

  quantityOf(sku: string, code = "DEFAULT"): number | undefined {
    const item = this.items.get(sku);
    if (item !== undefined) this.#apply(item);
    return item?.availability.get(code)?.quantity;
  }

  answer(url: URL, method: string, body: string): Response {
    const [seller, encodedSku] = url.pathname.split("/").slice(4);
    if (seller !== this.#sellerId) throw spError(400, "InvalidInput", `'${seller}' is not a valid seller id`);
    if (url.searchParams.get("marketplaceIds") !== this.#marketplaceId) {
      throw spError(400, "InvalidInput", "'marketplaceIds' is not a valid marketplace id");
    }
    if (encodedSku === undefined && method === "GET") return this.#search(url.searchParams);
    if (encodedSku === undefined) throw spError(404, "NotFound", "no such operation");
    const sku = decodeURIComponent(encodedSku);
    if (method === "PATCH") return this.#patch(sku, url.searchParams, body);
    this.#plans.get.take(this.#now());
    onlyQuery(url.searchParams, ["marketplaceIds", "includedData", "issueLocale"]);
    const item = this.items.get(sku);
    if (item === undefined)
      throw spError(404, "NotFound", `SKU '${sku}' not found in marketplace ${this.#marketplaceId}`);
    return json(200, this.#shown(item, url.searchParams), this.#plans.get.headers);
  }

  #patch(sku: string, query: URLSearchParams, text: string): Response {
    this.#plans.patch.take(this.#now());
    onlyQuery(query, ["marketplaceIds", "includedData", "mode", "issueLocale"]);
    const body = JSON.parse(text) as { productType?: unknown; patches?: unknown };
    onlyKeys(body, ["productType", "patches"], (name) =>
      spError(400, "InvalidInput", `unknown property ${name}`),
    );
    const { productType, patches } = body;
    if (typeof productType !== "string") throw spError(400, "InvalidInput", "productType is required");
    if (!Array.isArray(patches) || patches.length === 0)
      throw spError(400, "InvalidInput", "patches needs one patch");
    const isPreview = query.get("mode") === "VALIDATION_PREVIEW";
    (isPreview ? this.previews : this.patches).push(body);
    const item = this.items.get(sku);
    const issues =
      item === undefined
        ? [issue("13013", "This SKU does not exist in the Amazon catalog.", "sku")]
        : (patches as Patch[]).flatMap((patch) => this.#take(item, productType, patch, isPreview));
    const status = issues.length > 0 ? "INVALID" : isPreview ? "VALID" : "ACCEPTED";
    return json(
      200,
      { sku, status, submissionId: "f1dc2914-75dd-11ea-bc55-0242ac130003", issues },
      this.#plans.patch.headers,
    );
  }

  #take(item: FakeItem, productType: string, patch: Patch, isPreview: boolean) {
    onlyKeys(patch, ["op", "path", "value"], (name) =>
      spError(400, "InvalidInput", `unknown property ${name}`),
    );
    if (!["add", "replace", "merge", "delete"].includes(String(patch.op)))
      throw spError(400, "InvalidInput", "op");
    if (patch.path !== "/attributes/fulfillment_availability")
      throw spError(400, "InvalidInput", "only top-level attributes can be patched");
    if (!Array.isArray(patch.value)) throw spError(400, "InvalidInput", "value must be an array");
    if (productType !== "PRODUCT" && productType !== item.productType) {
      return [issue("4000003", `Product type ${productType} does not match`, "product_type")];
    }
    return (patch.value as Record<string, unknown>[]).flatMap((value) => {
      const { fulfillment_channel_code: code, quantity } = value;
      if (typeof code !== "string")
        return [issue("90220", "'fulfillment_channel_code' is required", "fulfillment_availability")];
      if (code !== "DEFAULT")
        return [
          issue("4000004", "Quantity of Amazon-fulfilled offers cannot be set", "fulfillment_availability"),
        ];
      if (typeof quantity !== "number" || !Number.isInteger(quantity) || quantity < 0) {
        return [issue("90117", "'quantity' must be a whole number of 0 or more", "fulfillment_availability")];
      }
      if (!isPreview)
        item.pending.push({
          atMs: this.#now() + this.applyAfterMs,
          code,
          quantity,
          keeps: patch.op === "merge",
        });
      return [];
    });
  }

  #search(query: URLSearchParams): Response {
    this.#plans.search.take(this.#now());
    const known = [
      "marketplaceIds",
      "includedData",
      "identifiers",
      "identifiersType",
      "createdAfter",
      "sortBy",
      "sortOrder",
      "pageSize",
      "pageToken",
      "issueLocale",
    ];
    onlyQuery(query, known);
    const size = Number(query.get("pageSize") ?? 10);
    if (!(size >= 1 && size <= 20)) throw spError(400, "InvalidInput", "'pageSize' must be between 1 and 20");
    const identifiers = query.get("identifiers")?.split(",");
    if (identifiers !== undefined && (query.get("identifiersType") !== "SKU" || identifiers.length > 20)) {
      throw spError(400, "InvalidInput", "'identifiers' takes 20 at most, and needs 'identifiersType'");
    }
    const from = Date.parse(query.get("createdAfter") ?? "1970-01-01T00:00:00Z");
    const found = [...this.items.values()]
      .filter(
        ({ sku, createdDate }) => (identifiers?.includes(sku) ?? true) && Date.parse(createdDate) >= from,
      )
      .sort((a, b) =>
        a.createdDate < b.createdDate || (a.createdDate === b.createdDate && a.sku < b.sku) ? -1 : 1,
      );
    if (query.get("sortBy") !== "createdDate" && identifiers === undefined) found.reverse();
    const start = Number(query.get("pageToken")?.replace("page-", "") ?? 0);
    const end = Math.min(start + size, 1_000);
    const next = end < Math.min(found.length, 1_000) ? { nextToken: `page-${end}` } : {};
    const items = found.slice(start, end).map((item) => this.#shown(item, query));
    return json(200, { numberOfResults: found.length, pagination: next, items }, this.#plans.search.headers);
  }

  #shown(item: FakeItem, query: URLSearchParams) {
    this.#apply(item);
    const wanted = (query.get("includedData") ?? "summaries").split(",");
    const summary = {
      marketplaceId: this.#marketplaceId,
      productType: item.productType,
      status: ["BUYABLE", "DISCOVERABLE"],
      itemName: item.title,
      createdDate: item.createdDate,
      lastUpdatedDate: item.createdDate,
    };
    const availability = [...item.availability].map(([code, { quantity }]) => ({
      fulfillmentChannelCode: code,
      quantity,
    }));
    return {
      sku: item.sku,
      ...(wanted.includes("summaries") && { summaries: [summary] }),
      ...(wanted.includes("fulfillmentAvailability") && { fulfillmentAvailability: availability }),
    };
  }

  #apply(item: FakeItem): void {
    const due = item.pending.filter(({ atMs }) => atMs <= this.#now());
    item.pending = item.pending.filter((change) => !due.includes(change));
    for (const { code, quantity, keeps } of due) {
      item.availability.set(code, { ...(keeps && item.availability.get(code)), quantity });
    }
  }
}

function issue(code: string, message: string, attribute: string) {
  return { code, message, severity: "ERROR", attributeNames: [attribute], categories: ["INVALID_ATTRIBUTE"] };
}

function onlyQuery(query: URLSearchParams, allowed: readonly string[]): void {
  onlyKeys(Object.fromEntries(query), allowed, (name) =>
    spError(400, "InvalidInput", `'${name}' is not a parameter`),
  );
}
