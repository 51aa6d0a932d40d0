/** How fast the day is played. */
export type Pace =
  | { readonly kind: "rate"; readonly ordersPerSecond: number }
  /** The day's own clock, so many times faster. */
  | { readonly kind: "speed"; readonly factor: number }
  /** As fast as the bounded concurrency lets it. */
  | { readonly kind: "fast" };

const minuteMs = 60_000;

/**
 * When each invoice is due, in milliseconds after the start. The file tells minutes only, so the invoices of one
 * minute are spread over it.
 */
export function schedule(invoicedAtMs: readonly number[], pace: Pace): number[] {
  if (pace.kind === "fast") return invoicedAtMs.map(() => 0);
  if (pace.kind === "rate") return invoicedAtMs.map((_, index) => (index * 1_000) / pace.ordersPerSecond);
  const firstMs = invoicedAtMs[0] ?? 0;
  const perMinute = Map.groupBy(invoicedAtMs, (atMs) => atMs);
  const seen = new Map<number, number>();
  return invoicedAtMs.map((atMs) => {
    const before = seen.get(atMs) ?? 0;
    seen.set(atMs, before + 1);
    const withinMinuteMs = (before * minuteMs) / (perMinute.get(atMs)?.length ?? 1);
    return (atMs - firstMs + withinMinuteMs) / pace.factor;
  });
}
