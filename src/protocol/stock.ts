import { z } from "zod";
import {
  ChannelId,
  Location,
  NaturalQuantity,
  PositiveQuantity,
  Quantity,
  Sku,
  Timestamp,
} from "./primitives.ts";

/**
 * What the seller says one unit costs, in minor units of an ISO 4217 currency (1999 EUR is 19.99). It is passed on to
 * those who must be told one, and nothing is computed with it.
 */
export const Price = z
  .object({
    amount: z.int().min(0).meta({ description: "In minor units: cents of a euro, whole yen" }),
    currency: z.string().regex(/^[A-Z]{3}$/, "currency must be three capital letters, as in EUR (ISO 4217)"),
  })
  .meta({ id: "Price", example: { amount: 1999, currency: "EUR" } });
export type Price = z.infer<typeof Price>;

/** `backorder`: nothing is there, but the SKU's backorder limit still lets it be sold. */
export const StockStatus = z.enum(["in_stock", "low_stock", "out_of_stock", "backorder"]);
export type StockStatus = z.infer<typeof StockStatus>;

/** What is at one location. available = onHand - committed - reserved - unavailable. */
export const LevelView = z
  .object({
    location: Location,
    onHand: Quantity.meta({ description: "Negative if more was shipped than was ever counted" }),
    committed: NaturalQuantity,
    reserved: NaturalQuantity,
    unavailable: NaturalQuantity,
    incoming: NaturalQuantity,
    available: Quantity,
  })
  .meta({ id: "Level" });
export type LevelView = z.infer<typeof LevelView>;

/** Units that belong to one channel alone: no other channel may be promised them. */
export const Allocation = z
  .object({ channel: ChannelId, quantity: NaturalQuantity })
  .meta({ id: "Allocation" });
export type Allocation = z.infer<typeof Allocation>;

/** A part of a kit: how many units of which SKU one kit takes. */
export const Component = z.object({ sku: Sku, quantity: PositiveQuantity }).meta({ id: "Component" });
export type Component = z.infer<typeof Component>;

/** All there is to know of a SKU at one version. Totals are sums over locations; safety stock is kept back from the total. */
export const StockView = z
  .object({
    sku: Sku,
    title: z.string().optional(),
    price: Price.optional().meta({ description: "As the seller told it last; how old it is, is not known" }),
    status: StockStatus,
    available: Quantity.meta({ description: "on hand - committed - reserved - unavailable - safety stock" }),
    onHand: Quantity,
    committed: NaturalQuantity,
    reserved: NaturalQuantity,
    unavailable: NaturalQuantity,
    incoming: NaturalQuantity,
    safetyStock: NaturalQuantity,
    backorderLimit: NaturalQuantity.optional(),
    lowStockAt: NaturalQuantity.optional(),
    locations: z.array(LevelView),
    allocations: z
      .array(Allocation)
      .optional()
      .meta({ description: "Units of available that belong to one channel alone" }),
    components: z.array(Component).optional().meta({ description: "What it is made of, if it is a kit" }),
    shards: NaturalQuantity.optional().meta({
      description: "How many shards sell it; absent if it does so alone",
    }),
    inShards: NaturalQuantity.optional().meta({
      description: "Units of reserved that shards have, to sell them or held for their buyers",
    }),
    retired: z.literal(true).optional(),
    epoch: z.string(),
    version: z.int().min(1),
    asOf: Timestamp.meta({ description: "The moment at which this was true" }),
  })
  .meta({ id: "Stock" });
export type StockView = z.infer<typeof StockView>;

/** A quantity at a location, as taken by a reservation or an order. */
export const Taken = z.object({ location: Location, quantity: NaturalQuantity }).meta({ id: "Taken" });
export type Taken = z.infer<typeof Taken>;
