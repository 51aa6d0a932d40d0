import type { StockView } from "../../../src/protocol/stock.ts";

/** Virtual time: sleepers wake in order when it is moved forward. */
export class Clock {
  nowMs = 1_000_000;
  #sleepers: { atMs: number; wake: () => void }[] = [];

  readonly now = (): number => this.nowMs;

  readonly sleep = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      this.#sleepers.push({ atMs: this.nowMs + Math.max(0, ms), wake: resolve });
    });

  async advance(ms: number): Promise<void> {
    const untilMs = this.nowMs + ms;
    for (;;) {
      await settle();
      const next = this.#sleepers.toSorted((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined || next.atMs > untilMs) break;
      this.#sleepers = this.#sleepers.filter((sleeper) => sleeper !== next);
      this.nowMs = next.atMs;
      next.wake();
    }
    this.nowMs = untilMs;
    await settle();
  }
}

/** Lets everything run that waits for nothing but its turn. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

export function view(sku: string, version: number, atMs: number, available = version): StockView {
  const level = { onHand: available, committed: 0, reserved: 0, unavailable: 0, incoming: 0 };
  return {
    sku,
    status: "in_stock",
    available,
    ...level,
    safetyStock: 0,
    locations: [{ location: "default", ...level, available }],
    epoch: "e1",
    version,
    asOf: new Date(atMs).toISOString(),
  };
}
