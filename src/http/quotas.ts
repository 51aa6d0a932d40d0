import {
  fullBucket,
  type Rate,
  refill,
  takeToken,
  tokenAtMs,
  type TokenBucket,
} from "../storage/token-bucket.ts";

/** How often a caller may ask: so many requests in so many seconds, at once or spread out. */
export interface RateLimit {
  readonly requests: number;
  readonly windowSeconds: number;
}

/** What is left of a caller's quota. */
export interface Quota {
  /** Requests that may be made at once. */
  readonly remaining: number;
  /** Whole seconds until there is one more; 0 if nothing is missing. */
  readonly moreInSeconds: number;
}

interface Caller {
  readonly bucket: TokenBucket;
  readonly rate: Rate;
}

/** Callers remembered at once; some 200 bytes each. */
const callersMax = 20_000;

/**
 * The quotas of many callers, in memory: nothing is awaited or stored. Whose quota is whole need not be remembered; if
 * too many are not whole, those who were heard of first are forgotten.
 */
export class Quotas {
  readonly #callers = new Map<string, Caller>();

  /** Takes one request from a caller's quota; undefined if none is left. */
  take(name: string, limit: RateLimit, nowMs: number): Quota | undefined {
    const rate = rateOf(limit);
    const bucket = this.#callers.get(name)?.bucket ?? fullBucket(rate, nowMs);
    if (tokenAtMs(bucket, rate, nowMs) > nowMs) return undefined;
    const taken = takeToken(bucket, rate, nowMs);
    if (this.#callers.size >= callersMax && !this.#callers.has(name)) this.#forget(nowMs);
    this.#callers.set(name, { bucket: taken, rate });
    return quotaOf(taken, rate, nowMs);
  }

  /** What is left of a caller's quota; takes nothing. */
  look(name: string, limit: RateLimit, nowMs: number): Quota {
    const rate = rateOf(limit);
    return quotaOf(this.#callers.get(name)?.bucket ?? fullBucket(rate, nowMs), rate, nowMs);
  }

  #forget(nowMs: number): void {
    for (const [name, { bucket, rate }] of this.#callers) {
      if (refill(bucket, rate, nowMs).tokens >= rate.burst) this.#callers.delete(name);
    }
    // Half of them, so that this is not done again for the next caller.
    for (const name of this.#callers.keys()) {
      if (this.#callers.size <= callersMax / 2) return;
      this.#callers.delete(name);
    }
  }
}

function rateOf({ requests, windowSeconds }: RateLimit): Rate {
  return { ratePerSecond: requests / windowSeconds, burst: requests };
}

function quotaOf(bucket: TokenBucket, rate: Rate, nowMs: number): Quota {
  const { tokens } = refill(bucket, rate, nowMs);
  if (tokens >= rate.burst) return { remaining: rate.burst, moreInSeconds: 0 };
  const remaining = Math.floor(tokens);
  const moreInMs = Math.round(((remaining + 1 - tokens) * 1000) / rate.ratePerSecond);
  return { remaining, moreInSeconds: Math.ceil(moreInMs / 1000) };
}

const parsed = new Map<string, RateLimit | undefined>();

/**
 * A rate limit as `wrangler.toml` has it: `600/60` is 600 requests in 60 s. Undefined for `unlimited`. Throws if it is
 * neither: a limit that was misspelt must not be none.
 */
export function parseRateLimit(text: string): RateLimit | undefined {
  const known = parsed.get(text);
  if (known !== undefined || text === "unlimited") return known;
  const match = /^([1-9]\d{0,8})\/([1-9]\d{0,5})$/.exec(text);
  if (match === null) throw new Error(`a rate limit must be as in 600/60, or unlimited, not "${text}"`);
  const limit = { requests: Number(match[1]), windowSeconds: Number(match[2]) };
  parsed.set(text, limit);
  return limit;
}
