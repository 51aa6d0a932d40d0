/** The ages at which it is counted how much of the time numbers were younger, in milliseconds. */
export const ageBoundsMs = [
  100, 250, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 900_000,
  1_800_000, 3_600_000,
] as const;

/** How old a number may be for an AI shopping agent to use it. */
export const agentAgeMaxMs = 30_000;

export interface AgeShare {
  readonly ageMs: number;
  /** Share of the time, over all numbers on all channels, in which they were at most so old. */
  readonly share: number;
}

/** How old numbers are, weighted by time: a number is as old as the look at the stock that it comes from. */
export class Ages {
  readonly #youngMs: number[] = ageBoundsMs.map(() => 0);
  #totalMs = 0;

  /** A number stood from one time until another, and came from a look at the stock at `asOfMs`. */
  stood(fromMs: number, untilMs: number, asOfMs: number, numbers = 1): void {
    if (untilMs <= fromMs) return;
    this.#totalMs += (untilMs - fromMs) * numbers;
    for (const [index, ageMs] of ageBoundsMs.entries()) {
      const youngUntilMs = Math.min(untilMs, asOfMs + ageMs);
      this.#youngMs[index] = (this.#youngMs[index] ?? 0) + Math.max(0, youngUntilMs - fromMs) * numbers;
    }
  }

  shares(): AgeShare[] {
    return ageBoundsMs.map((ageMs, index) => ({
      ageMs,
      share: this.#totalMs === 0 ? 0 : (this.#youngMs[index] ?? 0) / this.#totalMs,
    }));
  }
}

/** The share of the time in which numbers were young enough for an agent. */
export function visibilityOf(shares: readonly AgeShare[]): number {
  return shares.find(({ ageMs }) => ageMs === agentAgeMaxMs)?.share ?? 0;
}
