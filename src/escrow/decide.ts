import { limits } from "../protocol/limits.ts";
import type { GuardRefusal, MutationResult } from "../sku/contract.ts";
import { isSticky, type Refusal, unreachable } from "../stock/refusal.ts";
import { formatHoldId } from "./address.ts";
import type { ChangeAsk, CommitAsk, ExtendAsk, HoldAsk, ReleaseAsk } from "./contract.ts";
import type { Decision, Records } from "./decision.ts";
import { decideGrants, type GrantCommand } from "./grants.ts";
import { type Grant, type Hold, isCurrent, leaseMarginMs, type ShardState, viewOf } from "./shard-state.ts";

/** What buyers ask, and what the shard learns from the SkuObject. */
export type Command =
  | HoldAsk
  | ChangeAsk
  | GrantCommand
  /** What the SkuObject said to a commit. */
  | {
      readonly type: "settled";
      readonly id: string;
      readonly attempt: number;
      readonly result: MutationResult;
    }
  | { readonly type: "expire" };

/** What a command does to a shard. Pure. What is due must have been expired first (`expire`). */
export function decide(state: ShardState, command: Command, records: Records, nowMs: number): Decision {
  switch (command.type) {
    case "hold":
      return known(state, command.request, records) ?? decideHold(state, command, records, nowMs);
    case "extend":
    case "release":
    case "commit":
      return known(state, command, records) ?? change(state, command, records, nowMs);
    case "settled":
      return settle(state, command);
    case "expire":
      return { state, reply: { outcome: "noted" } };
    default:
      return decideGrants(state, command);
  }
}

/** Ends the holds that are due, and forgets the grants whose lease is over. */
export function expire(state: ShardState, nowMs: number): { state: ShardState; holds: readonly Hold[] } {
  if (nowMs < state.nextExpiryAtMs) return { state, holds: [] };
  const due: Hold[] = [];
  let nextExpiryAtMs = Number.POSITIVE_INFINITY;
  for (const hold of state.holds.values()) {
    if (hold.status !== "active") continue;
    if (hold.expiresAtMs <= nowMs) due.push({ ...hold, status: "expired" });
    else nextExpiryAtMs = Math.min(nextExpiryAtMs, hold.expiresAtMs);
  }
  const ended = due.reduce(end, state);
  const grants = ended.grants.filter((grant) => grant.expiresAtMs - leaseMarginMs > nowMs);
  for (const grant of grants.values())
    nextExpiryAtMs = Math.min(nextExpiryAtMs, grant.expiresAtMs - leaseMarginMs);
  return { state: { ...ended, grants, nextExpiryAtMs }, holds: due };
}

/** The answer of a known key. */
function known(
  state: ShardState,
  { key, fingerprint }: { readonly key: string; readonly fingerprint: string },
  records: Records,
): Decision | undefined {
  const answer = records.answerTo(key);
  if (answer === undefined) return undefined;
  if (answer.fingerprint !== fingerprint) return refuse(state, { code: "idempotency-key-reused" });
  switch (answer.kind) {
    case "done":
      return { state, reply: { outcome: "done", replayed: true, hold: answer.hold } };
    case "refused":
      return { state, reply: { outcome: "refused", replayed: true, refusal: answer.refusal } };
    case "passed":
      return { state, reply: { outcome: "pass" } };
    case "commit": {
      const hold = state.holds.get(answer.id) ?? records.ended(answer.id);
      if (hold === undefined) return refuse(state, { code: "reservation-not-found" });
      return { state, reply: { outcome: "settle", hold, isOther: false } };
    }
    default:
      return unreachable(answer);
  }
}

function decideHold(
  state: ShardState,
  { request, isForSku }: HoldAsk,
  records: Records,
  nowMs: number,
): Decision {
  const { key, fingerprint, mutation } = request;
  const pass: Decision = {
    state,
    reply: { outcome: "pass" },
    answer: { key, fingerprint, answer: { kind: "passed" } },
  };
  const isFull = state.holds.size >= limits.reservationsPerSkuMax;
  if (mutation.type !== "reserve" || isForSku || !state.isOpen || isFull || records.mayKnow(key)) return pass;
  const { quantity, ttlSeconds, channel, reference, nonce } = mutation;
  const expiresAtMs = nowMs + ttlSeconds * 1_000;
  const grant = grantFor(state, quantity, expiresAtMs);
  if (grant === undefined) return pass;

  const sequence = state.sequence + 1;
  const { location, epoch, version } = grant;
  const id = formatHoldId(state, sequence, nonce);
  const from = { grantId: grant.id, location, epoch, version };
  const hold: Hold = {
    ...from,
    id,
    sequence,
    quantity,
    expiresAtMs,
    channel,
    reference,
    status: "active",
    attempts: 0,
  };
  const held: ShardState = {
    ...state,
    sequence,
    grants: state.grants.set(grant.id, { ...grant, held: grant.held + quantity }),
    holds: state.holds.set(id, hold),
    nextExpiryAtMs: Math.min(state.nextExpiryAtMs, expiresAtMs),
  };
  return done(held, { key, fingerprint }, hold);
}

/** A grant that has so many units free, for so long. */
function grantFor(state: ShardState, quantity: number, expiresAtMs: number): Grant | undefined {
  for (const grant of state.grants.values()) {
    if (!isCurrent(state, grant)) continue;
    const isLongEnough = expiresAtMs <= grant.expiresAtMs - leaseMarginMs;
    if (isLongEnough && grant.quantity - grant.held >= quantity) return grant;
  }
  return undefined;
}

function change(state: ShardState, ask: ChangeAsk, records: Records, nowMs: number): Decision {
  const hold = state.holds.get(ask.id);
  if (hold === undefined) return changeEnded(state, ask, records.ended(ask.id));
  if (hold.status === "committing") {
    const isOther = ask.type !== "commit" || !isSameOrder(hold, ask);
    const answer = {
      key: ask.key,
      fingerprint: ask.fingerprint,
      answer: { kind: "commit", id: hold.id },
    } as const;
    return { state, reply: { outcome: "settle", hold, isOther }, ...(!isOther && { answer }) };
  }
  switch (ask.type) {
    case "extend":
      return extend(state, ask, hold, nowMs);
    case "release":
      return release(state, ask, hold);
    case "commit":
      return commit(state, ask, hold);
    default:
      return unreachable(ask);
  }
}

function extend(state: ShardState, ask: ExtendAsk, hold: Hold, nowMs: number): Decision {
  const lease = state.grants.get(hold.grantId)?.expiresAtMs;
  if (lease === undefined) return refuse(state, { code: "reservation-expired" }, ask);
  // Leases are renewed days before they end; a shard that could not do so promises no longer than it may.
  const expiresAtMs = Math.min(nowMs + ask.ttlSeconds * 1_000, lease - leaseMarginMs);
  const extended = { ...hold, expiresAtMs };
  const next = {
    ...state,
    holds: state.holds.set(hold.id, extended),
    nextExpiryAtMs: Math.min(state.nextExpiryAtMs, expiresAtMs),
  };
  return done(next, ask, extended);
}

function release(state: ShardState, ask: ReleaseAsk, hold: Hold): Decision {
  const released: Hold = { ...hold, status: "released" };
  return done(end(state, released), ask, released);
}

function commit(state: ShardState, ask: CommitAsk, hold: Hold): Decision {
  const quantity = ask.quantity ?? hold.quantity;
  if (quantity > hold.quantity) {
    return refuse(state, { code: "reservation-exceeded", requested: quantity, reserved: hold.quantity }, ask);
  }
  const attempt = hold.attempts + 1;
  const committing: Hold = {
    ...hold,
    status: "committing",
    attempts: attempt,
    commit: { ...ask, quantity, attempt },
  };
  return {
    state: {
      ...state,
      holds: state.holds.set(hold.id, committing),
      committing: state.committing + 1,
    },
    reply: { outcome: "settle", hold: committing, isOther: false },
    holds: [committing],
    answer: { key: ask.key, fingerprint: ask.fingerprint, answer: { kind: "commit", id: hold.id } },
  };
}

/** As a SkuObject answers of a reservation that has ended: the same end again is the same answer again. */
function changeEnded(state: ShardState, ask: ChangeAsk, hold: Hold | undefined): Decision {
  if (hold === undefined) return refuse(state, { code: "reservation-not-found" });
  if (ask.type === "commit" && hold.status === "committed" && isSameOrder(hold, ask)) {
    const answer = {
      key: ask.key,
      fingerprint: ask.fingerprint,
      answer: { kind: "commit", id: hold.id },
    } as const;
    return { state, reply: { outcome: "settle", hold, isOther: false }, answer };
  }
  if (ask.type === "release" && hold.status === "released") {
    const { reply: _, ...decided } = done(state, ask, hold);
    return { ...decided, reply: { outcome: "done", replayed: true, hold: viewOf(state, hold) } };
  }
  if (hold.status === "expired") return refuse(state, { code: "reservation-expired" }, ask);
  const how = hold.status === "released" ? "released" : "committed";
  return refuse(state, { code: "reservation-ended", end: how }, ask);
}

function isSameOrder({ commit: first, quantity }: Hold, ask: CommitAsk): boolean {
  return (
    first !== undefined &&
    first.channel === ask.channel &&
    first.orderId === ask.orderId &&
    first.quantity === (ask.quantity ?? quantity)
  );
}

/** Takes in what the SkuObject said to a commit; a late answer to an earlier attempt says nothing. */
function settle(
  before: ShardState,
  { id, attempt, result }: Extract<Command, { type: "settled" }>,
): Decision {
  const hold = before.holds.get(id);
  const { commit: asked } = hold ?? {};
  if (hold?.status !== "committing" || asked === undefined || asked.attempt !== attempt) {
    return { state: before, reply: { outcome: "noted" } };
  }
  const state = { ...before, committing: before.committing - 1 };
  if (result.outcome === "done") {
    const committed: Hold = { ...hold, status: "committed" };
    return { state: end(state, committed), reply: { outcome: "noted" }, holds: [committed] };
  }
  const { key, fingerprint } = asked;
  const { refusal } = result;
  if (isGrantLost(refusal)) {
    const lost: Hold = { ...hold, status: "expired", commit: undefined };
    const without = { ...state, grants: state.grants.delete(hold.grantId) };
    const answer = { kind: "refused", refusal: { code: "reservation-expired" } } as const;
    return {
      state: end(without, lost),
      reply: { outcome: "noted" },
      holds: [lost],
      answer: { key, fingerprint, answer },
    };
  }
  // The buyer may try again with another order, under another key.
  const active: Hold = { ...hold, status: "active", commit: undefined };
  const answer =
    isOfDomain(refusal) && isSticky(refusal) ? ({ kind: "refused", refusal } as const) : undefined;
  return {
    state: {
      ...state,
      holds: state.holds.set(id, active),
      nextExpiryAtMs: Math.min(state.nextExpiryAtMs, active.expiresAtMs),
    },
    reply: { outcome: "noted" },
    holds: [active],
    answer: { key, fingerprint, answer },
  };
}

function isOfDomain(refusal: Refusal | GuardRefusal): refusal is Refusal {
  switch (refusal.code) {
    case "ask-shard":
    case "version-mismatch":
    case "idempotency-key-reused":
      return false;
    default:
      return true;
  }
}

/** Only a lease that ended, or a restore, takes a grant away from its shard. */
function isGrantLost({ code }: Refusal | GuardRefusal): boolean {
  return code.startsWith("reservation-") || code === "sku-not-found";
}

/** Takes an ended hold out: what it did not sell is free again. */
function end(state: ShardState, hold: Hold): ShardState {
  const grant = state.grants.get(hold.grantId);
  const holds = state.holds.delete(hold.id);
  if (grant === undefined) return { ...state, holds };
  const sold = hold.status === "committed" ? (hold.commit?.quantity ?? hold.quantity) : 0;
  const left = {
    ...grant,
    quantity: grant.quantity - sold,
    told: grant.told - sold,
    held: grant.held - hold.quantity,
  };
  return { ...state, holds, grants: state.grants.set(grant.id, left) };
}

function done(
  state: ShardState,
  { key, fingerprint }: { readonly key: string; readonly fingerprint: string },
  hold: Hold,
): Decision {
  const view = viewOf(state, hold);
  return {
    state,
    reply: { outcome: "done", replayed: false, hold: view },
    holds: [hold],
    answer: { key, fingerprint, answer: { kind: "done", hold: view } },
  };
}

function refuse(
  state: ShardState,
  refusal: Refusal | GuardRefusal,
  ask?: { readonly key: string; readonly fingerprint: string },
): Decision {
  const reply = { outcome: "refused", replayed: false, refusal } as const;
  if (ask === undefined || !isOfDomain(refusal)) return { state, reply };
  const { key, fingerprint } = ask;
  return { state, reply, answer: { key, fingerprint, answer: { kind: "refused", refusal } } };
}
