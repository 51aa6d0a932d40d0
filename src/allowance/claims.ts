import type {
  AllowanceAsk,
  AllowanceCap,
  AllowanceCaps,
  AllowanceRefusal,
  AllowanceResult,
  AllowanceUse,
} from "./contract.ts";

/**
 * What a claim outlives its hold by: it is written before the SKU is asked, and the hold's time begins when the SKU
 * answers. So a hold that may exist is counted, whatever was lost on the way.
 */
export const patienceMs = 10_000;
/** A claim that is over is remembered for so long, in case its hold is extended late. */
export const retentionMs = 3_600_000;

/** What a caller holds, or is about to. */
export interface Claim {
  readonly units: number;
  readonly takenAtMs: number;
  /** Up to when it counts. */
  readonly untilMs: number;
}

export type Claims = ReadonlyMap<string, Claim>;

/** What came of an ask, and the claim to be stored if that changed. */
export interface Decided {
  readonly result: AllowanceResult;
  readonly claim?: Claim;
}

/** What counts now; what is over does not. */
export function useOf(claims: Claims, nowMs: number): AllowanceUse {
  const live = [...claims.values()].filter((claim) => claim.untilMs > nowMs);
  return { units: live.reduce((total, claim) => total + claim.units, 0), holds: live.length };
}

/**
 * Claims units for a hold that is to be made. The same claim again is counted once; it lasts longer then, for nobody knows
 * whether the hold was made the first time or is made now.
 */
export function take(
  claims: Claims,
  token: string,
  ask: AllowanceAsk,
  caps: AllowanceCaps,
  nowMs: number,
): Decided {
  const known = liveClaim(claims, token, nowMs);
  const isMore = known === undefined || ask.units > known.units;
  const refusal =
    refuseTtl(ask.ttlSeconds, caps) ??
    (isMore ? refuseMore(claims, token, ask.units, caps, nowMs) : undefined);
  if (refusal !== undefined) return refused(refusal);
  const untilMs = untilOf(ask.ttlSeconds, nowMs);
  if (known === undefined) {
    return granted(claims, token, { units: ask.units, takenAtMs: nowMs, untilMs }, nowMs, true);
  }
  const units = Math.max(known.units, ask.units);
  const again = { ...known, units, untilMs: Math.max(known.untilMs, untilMs) };
  return granted(claims, token, again, nowMs, false);
}

/**
 * Lets a claim last longer. One that is over counts again, within the caps; of one that is unknown the hold has ended,
 * which its SKU will say.
 */
export function extend(
  claims: Claims,
  token: string,
  ttlSeconds: number,
  caps: AllowanceCaps,
  nowMs: number,
): Decided {
  const known = claims.get(token);
  if (known === undefined) {
    return { result: { outcome: "granted", isNew: false, use: useOf(claims, nowMs) } };
  }
  const isLive = liveClaim(claims, token, nowMs) !== undefined;
  const refusal =
    refuseTtl(ttlSeconds, caps) ??
    refuseLifetime(known, ttlSeconds, caps, nowMs) ??
    (isLive ? undefined : refuseMore(claims, token, known.units, caps, nowMs));
  if (refusal !== undefined) return refused(refusal);
  // Not earlier than before: nobody knows yet whether the SKU will take the new expiry.
  const claim = { ...known, untilMs: Math.max(known.untilMs, untilOf(ttlSeconds, nowMs)) };
  return granted(claims, token, claim, nowMs, !isLive);
}

/** Claims that are over and need not be remembered any more. */
export function forgotten(claims: Claims, nowMs: number): string[] {
  return [...claims].filter(([, claim]) => claim.untilMs + retentionMs <= nowMs).map(([token]) => token);
}

function untilOf(ttlSeconds: number, nowMs: number): number {
  return nowMs + ttlSeconds * 1_000 + patienceMs;
}

function refuseTtl(ttlSeconds: number, caps: AllowanceCaps): AllowanceRefusal | undefined {
  return over("ttlSeconds", caps.ttlSecondsMax, 0, ttlSeconds);
}

function refuseLifetime(
  claim: Claim,
  ttlSeconds: number,
  caps: AllowanceCaps,
  nowMs: number,
): AllowanceRefusal | undefined {
  const usedSeconds = Math.ceil((nowMs - claim.takenAtMs) / 1_000);
  return over("lifetimeSeconds", caps.lifetimeSecondsMax, usedSeconds, ttlSeconds);
}

function refuseMore(
  claims: Claims,
  token: string,
  units: number,
  caps: AllowanceCaps,
  nowMs: number,
): AllowanceRefusal | undefined {
  const others = useOf(new Map([...claims].filter(([other]) => other !== token)), nowMs);
  return over("holds", caps.holdsMax, others.holds, 1) ?? over("units", caps.unitsMax, others.units, units);
}

function liveClaim(claims: Claims, token: string, nowMs: number): Claim | undefined {
  const claim = claims.get(token);
  return claim !== undefined && claim.untilMs > nowMs ? claim : undefined;
}

function over(
  cap: AllowanceCap,
  limit: number,
  used: number,
  requested: number,
): AllowanceRefusal | undefined {
  if (used + requested <= limit) return undefined;
  return { code: "allowance-exceeded", cap, limit, used, requested };
}

function granted(claims: Claims, token: string, claim: Claim, nowMs: number, isNew: boolean): Decided {
  const use = useOf(new Map([...claims, [token, claim]]), nowMs);
  return { result: { outcome: "granted", isNew, use }, claim };
}

function refused(refusal: AllowanceRefusal): Decided {
  return { result: { outcome: "refused", refusal } };
}
