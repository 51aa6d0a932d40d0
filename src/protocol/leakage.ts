import { z } from "zod";

/** Every bound of the calculator; beyond them an answer would say nothing about a shop. */
const bounds = {
  dailyOrdersMax: 1_000_000_000,
  /** 1 ms. */
  syncIntervalMinutesMin: 1 / 60_000,
  /** A week. */
  syncIntervalMinutesMax: 10_080,
  amountMax: 1_000_000_000_000,
} as const;

const Fraction = z
  .number()
  .min(0, "a rate is a fraction from 0 to 1")
  .max(1, "a rate is a fraction from 0 to 1: write 0.02 for 2 %");

const Amount = z
  .number()
  .min(0, "an amount must not be negative")
  .max(bounds.amountMax, `an amount is at most ${bounds.amountMax}`);

/** A shop that syncs its stock by polling, as the leakage calculator takes it. Rates are fractions, amounts in the shop's currency. */
export const LeakageRequest = z
  .strictObject({
    dailyOrders: z
      .number()
      .min(0, "orders must not be negative")
      .max(bounds.dailyOrdersMax, `at most ${bounds.dailyOrdersMax} orders a day`)
      .meta({ description: "Orders a day, over all channels; an average may be a fraction" }),
    syncIntervalMinutes: z
      .number()
      .min(
        bounds.syncIntervalMinutesMin,
        "an interval is at least 1 ms (1/60000 minutes); without polling there is none, see `eventDriven` in the answer",
      )
      .max(
        bounds.syncIntervalMinutesMax,
        `an interval is at most a week (${bounds.syncIntervalMinutesMax} minutes)`,
      )
      .meta({ description: "Minutes between two polls" }),
    averageOrderValue: Amount.meta({ description: "What an order that cannot be filled would have brought" }),
    oversellRate: Fraction.meta({
      description: "Share of the orders that find their unit sold already, at this interval",
    }),
    customerLifetimeValue: Amount.meta({ description: "What a customer who stays brings in all" }),
    churnRate: Fraction.meta({
      description: "Share of the customers who do not come back after a cancelled order",
    }),
    currency: z
      .string()
      .regex(/^[A-Z]{3}$/, "a currency is three capital letters (ISO 4217), such as EUR")
      .optional()
      .meta({ description: "ISO 4217; decides to how many digits amounts are rounded (2 without one)" }),
  })
  .meta({
    id: "LeakageRequest",
    example: {
      dailyOrders: 500,
      syncIntervalMinutes: 15,
      averageOrderValue: 1500,
      oversellRate: 0.02,
      customerLifetimeValue: 8000,
      churnRate: 0.3,
      currency: "INR",
    },
  });
export type LeakageRequest = z.infer<typeof LeakageRequest>;

/** What polling costs at one interval, the oversell rate in proportion to it. */
export const LeakageAtInterval = z.object({
  syncIntervalMinutes: z.number(),
  oversellRate: z.number(),
  dailyLeakage: z.number().meta({ description: "Orders counted as they are, not whole per window" }),
});
export type LeakageAtInterval = z.infer<typeof LeakageAtInterval>;

export const LeakageAnswer = z
  .object({
    currency: z.string().optional(),
    windowsPerDay: z.number().meta({ description: "Polls a day" }),
    ordersPerWindow: z.int().meta({ description: "Orders between two polls, whole ones only" }),
    ordersPerWindowUnrounded: z.number(),
    lossPerOversell: z.number().meta({ description: "The order, and the customers who leave over it" }),
    lossPerWindow: z.number(),
    oversellsPerDay: z.number().meta({ description: "Of whole orders per window" }),
    oversellsPerDayUnrounded: z.number(),
    dailyLeakage: z.number().meta({ description: "Of whole orders per window" }),
    dailyLeakageUnrounded: z.number().meta({ description: "Of orders as they are" }),
    yearlyLeakage: z.number().meta({ description: "A year of 365 days" }),
    yearlyLeakageUnrounded: z.number(),
    eventDriven: z
      .object({
        windowSeconds: z.number().meta({ description: "How long a change travels at most" }),
        oversellRate: z.number(),
        oversellsPerDay: z.number(),
        dailyLeakage: z.number(),
        yearlyLeakage: z.number(),
      })
      .meta({ description: "What is left when each change is pushed" }),
    byInterval: z
      .array(LeakageAtInterval)
      .meta({ description: "The loss at other intervals, the shortest first" }),
    notes: z.array(z.string()).meta({ description: "What to know before these numbers are used" }),
  })
  .meta({ id: "Leakage" });
export type LeakageAnswer = z.infer<typeof LeakageAnswer>;
