import { z } from "zod";
import { limits } from "../../protocol/limits.ts";
import type { Price } from "../../protocol/stock.ts";
import { StockItem } from "../mcp/stock-item.ts";
import { type Envelope, lookupEnvelope, type Message, type UcpAnswer } from "./envelope.ts";
import type { OwnNames } from "./names.ts";

/** How many units there are and since when that is true: what the freshness capability adds. */
export const Freshness = StockItem.omit({ sku: true, title: true });
export type Freshness = z.infer<typeof Freshness>;

const Filters = z.looseObject({
  categories: z.array(z.string()).optional(),
  price: z.looseObject({ min: z.number().optional(), max: z.number().optional() }).optional(),
});
const Context = z.looseObject({ currency: z.string().optional() });

/** UCP requests are open: what is not known is not looked at. */
export const LookupBody = z
  .looseObject({
    ids: z
      .array(z.string())
      .min(1)
      .meta({ description: `SKUs, up to ${limits.availabilitySkusMax}` }),
    filters: Filters.optional(),
    context: Context.optional(),
  })
  .meta({ id: "UcpLookup", example: { ids: ["TEE-BLK-M"] } });

export const ProductBody = z
  .looseObject({ id: z.string(), filters: Filters.optional(), context: Context.optional() })
  .meta({ id: "UcpGetProduct", example: { id: "TEE-BLK-M" } });

type Narrowing = Pick<z.infer<typeof LookupBody>, "filters" | "context">;

/** A SKU as it was read, with the price that the seller has told. */
export interface Known {
  readonly item: StockItem;
  readonly price?: Price | undefined;
}

/** Answers a batch lookup. `known` has what was read of each id, in the order of `ids`; undefined for an unknown one. */
export function lookupAnswer(
  ids: readonly string[],
  known: readonly (Known | undefined)[],
  narrowing: Narrowing,
  names: OwnNames,
): UcpAnswer {
  const found = known.filter((one) => one !== undefined);
  const priced = found.flatMap(({ item, price }) => (price === undefined ? [] : [{ item, price }]));
  const unpriced = found.filter(({ price }) => price === undefined);
  const kept = priced.filter(({ price }) => passes(price, narrowing));
  const messages = [
    ...ids.filter((_, index) => known[index] === undefined).map(notFound),
    ...unpriced.map(({ item }) => priceUnknown(item, "info")),
    ...filterNotes(priced, narrowing),
  ];
  return {
    ucp: lookupEnvelope(names, "success"),
    products: kept.map(({ item, price }) => {
      const product = toProduct(item, price, names);
      return {
        ...product,
        variants: product.variants.map((variant) => ({
          ...variant,
          inputs: [{ id: item.sku, match: "exact" }],
        })),
      };
    }),
    ...(messages.length > 0 && { messages }),
    // What cannot be a product has a stock all the same.
    ...(unpriced.length > 0 && {
      [names.freshness]: {
        unpriced: unpriced.map(({ item }) => ({ id: item.sku, ...freshnessOf(item) })),
      },
    }),
  };
}

/** Answers the lookup of one product; an error in the envelope if there is none to show. */
export function productAnswer(
  id: string,
  known: Known | undefined,
  narrowing: Narrowing,
  names: OwnNames,
): UcpAnswer {
  if (known === undefined) return errorAnswer(lookupEnvelope(names, "error"), [notFoundError(id)]);
  const { item, price } = known;
  if (price === undefined) {
    const message = { ...priceUnknown(item, "error"), [names.freshness]: freshnessOf(item) };
    return errorAnswer(lookupEnvelope(names, "error"), [message]);
  }
  if (!passes(price, narrowing)) {
    const content = `${item.sku} does not pass the filters`;
    const excluded = { type: "error", code: "not_found", severity: "recoverable", content } as const;
    return errorAnswer(lookupEnvelope(names, "error"), [{ ...excluded, path: "$.filters" }]);
  }
  const messages = filterNotes([{ price }], narrowing);
  return {
    ucp: lookupEnvelope(names, "success"),
    product: toProduct(item, price, names),
    ...(messages.length > 0 && { messages }),
  };
}

/** UCP's error response: it has these members and no other. */
export function errorAnswer(ucp: Envelope, messages: readonly Message[]): UcpAnswer {
  return { ucp, messages: [...messages] };
}

/** A SKU is a product with one variant, and both are called by its name: there is no smaller thing that is sold here. */
function toProduct(item: StockItem, price: Price, names: OwnNames) {
  const { sku, title = sku } = item;
  const described = { title, description: { plain: title } };
  return {
    id: sku,
    ...described,
    price_range: { min: price, max: price },
    variants: [
      {
        id: sku,
        sku,
        ...described,
        price,
        availability: availabilityOf(item),
        [names.freshness]: freshnessOf(item),
      },
    ],
  };
}

function availabilityOf({ available, backorderable = 0 }: StockItem) {
  if (available > 0) return { available: true, status: "in_stock" };
  if (backorderable > 0) return { available: true, status: "backorder" };
  return { available: false, status: "out_of_stock" };
}

function freshnessOf({ sku: _sku, title: _title, ...freshness }: StockItem): Freshness {
  return freshness;
}

/** Of a price in another currency than the filter's nothing can be said, so it passes (price_filter.json). */
function passes(price: Price, { filters, context }: Narrowing): boolean {
  // Nothing here is in a category.
  if ((filters?.categories?.length ?? 0) > 0) return false;
  const { min = 0, max = Number.POSITIVE_INFINITY } = filters?.price ?? {};
  return context?.currency !== price.currency || (price.amount >= min && price.amount <= max);
}

function filterNotes(
  priced: readonly { readonly price: Price }[],
  { filters, context }: Narrowing,
): Message[] {
  const notes: Message[] = [];
  if ((filters?.categories?.length ?? 0) > 0) {
    const content =
      "No product has a category here, so none passes the filter; leave filters.categories out.";
    notes.push({ type: "info", code: "filter_unsupported", content, path: "$.filters.categories" });
  }
  const isOther = priced.some(({ price }) => price.currency !== context?.currency);
  if (filters?.price !== undefined && isOther) {
    const content =
      "The price filter was not applied to prices that are not in context.currency: amounts are not converted.";
    notes.push({ type: "info", code: "filter_ignored", content, path: "$.filters.price" });
  }
  return notes;
}

function notFound(id: string): Message {
  return { type: "info", code: "not_found", content: id };
}

function notFoundError(id: string): Message {
  return { type: "error", code: "not_found", content: `no SKU is called ${id}`, severity: "unrecoverable" };
}

function priceUnknown({ sku, available }: StockItem, type: Message["type"]): Message {
  const content =
    `The seller has told no price of ${sku}, so it is no product of this catalogue. ` +
    `Its stock is known: ${available} can be held.`;
  const told = { code: "price_unknown", content };
  return type === "info" ? { type, ...told } : { type, ...told, severity: "unrecoverable" };
}
