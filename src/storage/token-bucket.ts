/** A token bucket: a call takes a token, tokens come back at a steady rate up to `burst`. Values, not mutated. */
export interface TokenBucket {
  readonly tokens: number;
  readonly atMs: number;
}

export interface Rate {
  readonly ratePerSecond: number;
  readonly burst: number;
}

export function fullBucket(rate: Rate, nowMs: number): TokenBucket {
  return { tokens: rate.burst, atMs: nowMs };
}

/** When the next token is there; not after `nowMs` if one is there now. */
export function tokenAtMs(bucket: TokenBucket, rate: Rate, nowMs: number): number {
  const { tokens } = refill(bucket, rate, nowMs);
  return tokens >= 1 ? nowMs : nowMs + Math.ceil(((1 - tokens) * 1000) / rate.ratePerSecond);
}

/** The bucket after one call. Call only when `tokenAtMs` says there is a token. */
export function takeToken(bucket: TokenBucket, rate: Rate, nowMs: number): TokenBucket {
  const { tokens, atMs } = refill(bucket, rate, nowMs);
  return { tokens: Math.max(0, tokens - 1), atMs };
}

/** The bucket with what came back to it until now. */
export function refill(bucket: TokenBucket, rate: Rate, nowMs: number): TokenBucket {
  // A clock that steps back gives nothing and takes nothing.
  const elapsedMs = Math.max(0, nowMs - bucket.atMs);
  const tokens = Math.min(rate.burst, bucket.tokens + (elapsedMs * rate.ratePerSecond) / 1000);
  return { tokens, atMs: Math.max(nowMs, bucket.atMs) };
}
