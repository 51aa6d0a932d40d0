import { error, json, onlyKeys, paged, refusal } from "./answers.ts";

const revisionsMax = 250;
const bulkMax = 25;

export interface FakeOffer {
  readonly offerId: string;
  readonly listingId: string;
  readonly marketplaceId: string;
  readonly format: "FIXED_PRICE" | "AUCTION";
  status: "PUBLISHED" | "UNPUBLISHED";
  quantity: number;
}

export interface FakeItem {
  readonly sku: string;
  shipTo: number;
  readonly offers: FakeOffer[];
}

interface PriceQuantity {
  readonly sku?: unknown;
  readonly shipToLocationAvailability?: { readonly quantity?: unknown };
  readonly offers?: readonly { readonly offerId?: unknown; readonly availableQuantity?: unknown }[];
}

/** The Inventory API v1 of one seller. */
export class InventoryFake {
  readonly items = new Map<string, FakeItem>();
  /** Revisions of each listing on each day, as eBay counts. */
  readonly revisions = new Map<string, number>();
  /** SKUs for which the next update meets a system error. */
  readonly unwell = new Set<string>();
  /** Whether listings stay when nothing is left; otherwise eBay takes no 0. */
  hasOutOfStockOption = true;
  /** A whole request is refused if one item in it is bad, as eBay does for some faults. */
  refusesWhole = false;
  /** Requests to the update, by the SKUs in them. */
  readonly updates: string[][] = [];
  readonly #now: () => number;
  #count = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  add(sku: string, quantity: number, more: Partial<FakeOffer> = {}): FakeOffer {
    this.#count += 1;
    const offer: FakeOffer = {
      offerId: `offer-${this.#count}`,
      listingId: String(110_000_000_000 + this.#count),
      marketplaceId: "EBAY_US",
      format: "FIXED_PRICE",
      status: "PUBLISHED",
      quantity,
      ...more,
    };
    const item = this.items.get(sku) ?? { sku, shipTo: quantity, offers: [] };
    item.offers.push(offer);
    this.items.set(sku, item);
    return offer;
  }

  /** What buyers are offered: the lesser of both quantities. */
  offered(sku: string): number | undefined {
    const item = this.items.get(sku);
    return item && Math.min(item.shipTo, ...item.offers.map(({ quantity }) => quantity));
  }

  revisionsToday(listingId: string): number {
    return this.revisions.get(this.#dayKey(listingId)) ?? 0;
  }

  answer(url: URL, method: string, body: string): Response {
    const path = url.pathname.replace("/sell/inventory/v1/", "");
    if (method === "POST" && path === "bulk_update_price_quantity") return this.#update(body);
    if (method === "POST" && path === "bulk_get_inventory_item") return this.#bulkGet(body);
    if (method === "GET" && path === "inventory_item") {
      const all = [...this.items.values()].map((item) => shownItem(item));
      return json(200, paged(all, url, "inventoryItems", 25, 100));
    }
    if (method === "GET" && path === "offer") return this.#offers(url);
    if (method === "GET" && path.startsWith("offer/")) return this.#offer(decodeURIComponent(path.slice(6)));
    throw refusal(404, 2002, "Resource not found");
  }

  #update(text: string): Response {
    const requests = requestsOf(text);
    for (const one of requests) checkShape(one);
    const given = requests as PriceQuantity[];
    const skus = given.map(({ sku }) => String(sku));
    this.updates.push(skus);
    if (new Set(skus).size < skus.length) throw refusal(400, 25730, "Duplicate SKU in the request");
    const bad = given.find(({ sku }) => this.refusesWhole && !this.items.has(String(sku)));
    if (bad !== undefined) throw refusal(400, 25702, `${String(bad.sku)} could not be found`);
    const responses = given.flatMap((one) => this.#updateOne(one));
    return json(responses.every(({ statusCode }) => statusCode === 200) ? 200 : 207, { responses });
  }

  #updateOne({ sku, shipToLocationAvailability, offers = [] }: PriceQuantity) {
    const name = String(sku);
    const item = this.items.get(name);
    const fail = (statusCode: number, offerId: string | undefined, errorId: number, message: string) => [
      {
        sku: name,
        ...(offerId !== undefined && { offerId }),
        statusCode,
        errors: [error(errorId, message)],
        warnings: [],
      },
    ];
    if (item === undefined)
      return fail(404, undefined, 25702, `${name} could not be found or is not available`);
    if (this.unwell.delete(name)) return fail(500, undefined, 25001, "A system error has occurred");
    const shipTo = Number(shipToLocationAvailability?.quantity);
    if (shipTo === 0 && !this.hasOutOfStockOption) {
      return fail(
        400,
        undefined,
        25004,
        "Invalid quantity. The quantity must be a valid number greater than 0.",
      );
    }
    item.shipTo = shipTo;
    const about = offers.flatMap(({ offerId, availableQuantity }) => {
      const id = String(offerId);
      const offer = item.offers.find((one) => one.offerId === id);
      if (offer === undefined) return fail(400, id, 25713, "This Offer is not available.");
      if (offer.status !== "PUBLISHED") return fail(400, id, 25604, "The offer is not published.");
      const key = this.#dayKey(offer.listingId);
      const used = this.revisions.get(key) ?? 0;
      if (used >= revisionsMax) {
        return fail(
          400,
          id,
          25002,
          "User error: you have exceeded the maximum number of revisions of this listing today",
        );
      }
      this.revisions.set(key, used + 1);
      offer.quantity = Number(availableQuantity);
      return [{ sku: name, offerId: id, statusCode: 200, errors: [], warnings: [] }];
    });
    return [{ sku: name, statusCode: 200, errors: [], warnings: [] }, ...about];
  }

  #bulkGet(text: string): Response {
    const responses = requestsOf(text).map((one) => {
      onlyKeys(one, ["sku"]);
      const sku = String((one as { sku?: unknown }).sku);
      const item = this.items.get(sku);
      if (item !== undefined)
        return { sku, statusCode: 200, inventoryItem: shownItem(item), errors: [], warnings: [] };
      return { sku, statusCode: 404, errors: [error(25702, `${sku} could not be found`)], warnings: [] };
    });
    return json(responses.every(({ statusCode }) => statusCode === 200) ? 200 : 207, { responses });
  }

  #offers(url: URL): Response {
    const item = this.items.get(url.searchParams.get("sku") ?? "");
    if (item === undefined || item.offers.length === 0)
      throw refusal(404, 25713, "This Offer is not available.");
    return json(
      200,
      paged(
        item.offers.map((offer) => shownOffer(item, offer)),
        url,
        "offers",
        25,
        100,
      ),
    );
  }

  #offer(offerId: string): Response {
    for (const item of this.items.values()) {
      const offer = item.offers.find((one) => one.offerId === offerId);
      if (offer !== undefined) return json(200, shownOffer(item, offer));
    }
    throw refusal(404, 25713, "This Offer is not available.");
  }

  #dayKey(listingId: string): string {
    return `${listingId} ${new Date(this.#now()).toLocaleDateString("en-US", { timeZone: "America/Los_Angeles" })}`;
  }
}

function requestsOf(text: string): object[] {
  const body = JSON.parse(text) as { requests?: unknown };
  onlyKeys(body, ["requests"]);
  const { requests } = body;
  if (!Array.isArray(requests) || requests.length === 0) throw refusal(400, 25709, "requests is required");
  if (requests.length > bulkMax) throw refusal(400, 25718, `at most ${bulkMax} requests`);
  return requests as object[];
}

function checkShape(one: PriceQuantity): void {
  onlyKeys(one, ["sku", "shipToLocationAvailability", "offers"]);
  onlyKeys(one.shipToLocationAvailability ?? {}, ["quantity", "availabilityDistributions"]);
  const quantities = [one.shipToLocationAvailability?.quantity];
  for (const offer of one.offers ?? []) {
    onlyKeys(offer, ["offerId", "availableQuantity", "price"]);
    if (typeof offer.offerId !== "string") throw refusal(400, 2004, "offerId");
    quantities.push(offer.availableQuantity);
  }
  if (typeof one.sku !== "string") throw refusal(400, 25709, "sku is required");
  if (!quantities.every((quantity) => Number.isInteger(quantity) && Number(quantity) >= 0)) {
    throw refusal(400, 2004, "Could not serialize field [quantity]");
  }
}

function shownItem({ sku, shipTo }: FakeItem) {
  return {
    sku,
    locale: "en_US",
    product: { title: `Title of ${sku}`, aspects: {} },
    condition: "NEW",
    availability: {
      shipToLocationAvailability: {
        quantity: shipTo,
        allocationByFormat: { auction: 0, fixedPrice: shipTo },
      },
    },
  };
}

function shownOffer({ sku }: FakeItem, offer: FakeOffer) {
  const { offerId, marketplaceId, format, status, quantity, listingId } = offer;
  const listing =
    status === "PUBLISHED" ? { listingId, listingStatus: "ACTIVE", soldQuantity: 0 } : undefined;
  return {
    offerId,
    sku,
    marketplaceId,
    format,
    status,
    availableQuantity: quantity,
    ...(listing && { listing }),
  };
}
