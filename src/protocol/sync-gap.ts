import { z } from "zod";

const Count = z.number().min(0);

export const SyncSpread = z.object({ count: Count, p50Ms: Count, p95Ms: Count, p99Ms: Count, maxMs: Count });
export type SyncSpread = z.infer<typeof SyncSpread>;

/** What one way to sync did on a day of orders. */
export const SyncResult = z.object({
  name: z.string(),
  /** `virtual`: reckoned by a model. `measured`: run for real. */
  how: z.enum(["virtual", "measured"]),
  /** Absent if it does not poll. */
  intervalMs: Count.optional(),
  /** From a sale until each other channel was told. */
  latency: SyncSpread,
  /** Share of the time in which a number was at most 30 s old, from 0 to 1. */
  visibility: Count,
  ages: z.array(z.object({ ageMs: Count, share: Count })),
  sales: z.object({
    orders: Count,
    soldUnits: Count,
    oversoldUnits: Count,
    oversoldLines: Count,
    missedUnits: Count,
  }),
  /** Calls to all channels, per hour of the day that was played. */
  callsPerHour: Count,
  /** Of a poller: how long a round of reading and writing took at most. */
  longestRoundMs: Count.optional(),
});
export type SyncResult = z.infer<typeof SyncResult>;

/** The same with so many times the SKUs and orders. */
export const GrownResult = z.object({ times: Count, skus: Count, result: SyncResult });
export type GrownResult = z.infer<typeof GrownResult>;

/** A finished run of the sync-gap lab, as `npm run sync-gap -- --json FILE` writes it. */
export const SyncGapReport = z.object({
  kind: z.literal("stockwire.sync-gap.v1"),
  stream: z.object({
    source: z.string(),
    channels: Count,
    skus: Count,
    orders: Count,
    lines: Count,
    units: Count,
    hours: Count,
  }),
  /** Calls a second that each channel takes. */
  ratePerSecond: Count,
  results: z.array(SyncResult),
  /** Oversold units under polling at other intervals. */
  byInterval: z.array(z.object({ intervalMs: Count, oversoldUnits: Count })),
  growth: z.array(z.object({ name: z.string(), grown: z.array(GrownResult) })),
});
export type SyncGapReport = z.infer<typeof SyncGapReport>;
