/** An entry that nobody has spoken of for so long is about something that goes on elsewhere by now. */
const forgottenAfterMs = 900_000;

/**
 * What waits, and since when, by name. In the memory of the isolate, so that it outlives the objects, which may sleep while
 * they wait. Whoever waits says so again now and then.
 */
export class Waiting {
  readonly #entries = new Map<string, { readonly sinceMs: number; readonly saidAtMs: number }>();

  /** `sinceMs` undefined: it does not wait any more. */
  note(name: string, sinceMs: number | undefined, nowMs: number): void {
    if (sinceMs === undefined) this.#entries.delete(name);
    else this.#entries.set(name, { sinceMs, saidAtMs: nowMs });
  }

  /** How many wait, and how long the one that waits longest has. */
  summary(nowMs: number): { readonly count: number; readonly oldestMs: number } {
    let oldestMs = 0;
    for (const [name, { sinceMs, saidAtMs }] of this.#entries) {
      if (nowMs - saidAtMs > forgottenAfterMs) this.#entries.delete(name);
      else oldestMs = Math.max(oldestMs, nowMs - sinceMs);
    }
    return { count: this.#entries.size, oldestMs };
  }
}
