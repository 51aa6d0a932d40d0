import type { Context } from "hono";
import { ownerNameOf } from "../../allowance/address.ts";
import type { AllowanceCap, AllowanceCaps, AllowanceRefusal } from "../../allowance/contract.ts";
import type { AppEnv } from "../../http/app-env.ts";
import { ProblemError } from "../../http/problem.ts";
import { isAgent } from "../../http/scopes.ts";
import type { MutationResult } from "../../sku/contract.ts";
import { problemTypes } from "../../protocol/problem.ts";
import { log } from "../../telemetry/log.ts";
import { agentChannel, type ReservationAnswer } from "./answer.ts";
import { type OwnName, ownNameOf } from "./name.ts";

/** Who may extend whatever there is. */
const uncapped: AllowanceCaps = {
  unitsMax: Number.POSITIVE_INFINITY,
  holdsMax: Number.POSITIVE_INFINITY,
  ttlSecondsMax: Number.POSITIVE_INFINITY,
  lifetimeSecondsMax: Number.POSITIVE_INFINITY,
};

/** How much an agent may hold, as the service is set up (`wrangler.toml`). */
export function capsOf(env: Env): AllowanceCaps {
  return {
    unitsMax: Number(env.AGENT_UNITS_MAX),
    holdsMax: Number(env.AGENT_HOLDS_MAX),
    ttlSecondsMax: Number(env.AGENT_HOLD_SECONDS_MAX),
    lifetimeSecondsMax: Number(env.AGENT_HOLD_LIFETIME_SECONDS_MAX),
  };
}

/** Whose the reservations of this caller are; undefined for callers who may handle all of them. */
export async function ownerOf(c: Context<AppEnv>): Promise<string | undefined> {
  const principal = c.get("principal");
  return isAgent(principal) ? ownerNameOf(principal.id) : undefined;
}

/** An agent sells on one channel, and its orders are called after their reservations: it cannot take another's numbers. */
export function refuseForeignOrder(body: {
  channel?: string | undefined;
  orderId?: string | undefined;
}): void {
  if (body.orderId === undefined && (body.channel ?? agentChannel) === agentChannel) return;
  const detail =
    `a key with the scope stock:hold sells on the channel ${agentChannel}, under the reservation's id: ` +
    "leave `channel` and `orderId` out";
  throw new ProblemError("forbidden", { detail });
}

/** To an agent, a reservation that is not its own does not exist. */
export async function requireOwn(c: Context<AppEnv>, id: string): Promise<void> {
  const owner = await ownerOf(c);
  if (owner === undefined || ownNameOf(id)?.owner === owner) return;
  throw new ProblemError("reservation-not-found", { detail: "there is no reservation of this id of yours" });
}

/**
 * Makes a hold that counts against its owner's allowance: claimed first, given back if the SKUs refuse. What failed
 * otherwise may have been made all the same, so it counts until it would be over.
 */
export async function holdWithin(
  c: Context<AppEnv>,
  { token, owner }: OwnName,
  ask: { readonly units: number; readonly ttlSeconds: number },
  hold: () => Promise<ReservationAnswer>,
): Promise<ReservationAnswer> {
  const claim = await c.env.ALLOWANCE.getByName(owner).take(token, ask, capsOf(c.env));
  if (claim.outcome === "refused") throw refused(claim.refusal);
  try {
    return await hold();
  } catch (error) {
    // A key that stands for another hold was refused, but that hold may be the one that is counted.
    const isOfAnother = isProblem(error, "idempotency-key-reused") && !claim.isNew;
    if (isFinal(error) && !isOfAnother) await giveBack(c, { token, owner });
    throw error;
  }
}

/** Extends a reservation, and with it what it claims of its owner's allowance, whoever asks for it. */
export async function extendWithin(
  c: Context<AppEnv>,
  id: string,
  ttlSeconds: number,
  extend: () => Promise<ReservationAnswer>,
): Promise<ReservationAnswer> {
  const name = ownNameOf(id);
  if (name === undefined) return extend();
  const caps = isAgent(c.get("principal")) ? capsOf(c.env) : uncapped;
  const claim = await c.env.ALLOWANCE.getByName(name.owner).extend(name.token, ttlSeconds, caps);
  if (claim.outcome === "refused") throw refused(claim.refusal);
  return orEnded(c, id, extend);
}

/** Ends a reservation; what it claimed is free again. */
export async function endWithin(
  c: Context<AppEnv>,
  id: string,
  end: () => Promise<ReservationAnswer>,
): Promise<ReservationAnswer> {
  const answer = await orEnded(c, id, end);
  await freed(c, id);
  return answer;
}

/** What a bulk request of the shop did to holds of agents: their allowances follow. */
export async function followHolds(c: Context<AppEnv>, results: readonly MutationResult[]): Promise<void> {
  await Promise.all(
    results.map(async (result) => {
      const event = result.outcome === "done" ? result.event : undefined;
      if (event?.type === "committed" || event?.type === "released") await freed(c, event.reservationId);
      if (event?.type === "extended") await lengthened(c, event.reservationId, event.expiresAt);
    }),
  );
}

/** A hold that lasts longer counts longer. */
async function lengthened(c: Context<AppEnv>, id: string, expiresAt: string): Promise<void> {
  const name = ownNameOf(id);
  if (name === undefined) return;
  const ttlSeconds = Math.max(0, Math.ceil((Date.parse(expiresAt) - Date.now()) / 1_000));
  await c.env.ALLOWANCE.getByName(name.owner).extend(name.token, ttlSeconds, uncapped);
}

/** Frees what a reservation claimed once it is known to have ended. */
export async function freed(c: Context<AppEnv>, id: string): Promise<void> {
  const name = ownNameOf(id);
  if (name !== undefined) await giveBack(c, name);
}

async function orEnded(
  c: Context<AppEnv>,
  id: string,
  run: () => Promise<ReservationAnswer>,
): Promise<ReservationAnswer> {
  try {
    return await run();
  } catch (error) {
    if (isProblem(error, "reservation-ended") || isProblem(error, "reservation-expired")) await freed(c, id);
    throw error;
  }
}

/** What cannot be given back now is free once its time is over: no reason to fail what has been done. */
async function giveBack(c: Context<AppEnv>, { token, owner }: OwnName): Promise<void> {
  try {
    await c.env.ALLOWANCE.getByName(owner).end(token);
  } catch (error) {
    log("allowance.freed_late", { owner }, { error });
  }
}

function isProblem(error: unknown, slug: ProblemError["slug"]): boolean {
  return error instanceof ProblemError && error.slug === slug;
}

/** Whether the SKUs were asked and said no, so that nothing is held. */
function isFinal(error: unknown): boolean {
  return error instanceof ProblemError && problemTypes[error.slug][0] < 500;
}

const advice: Readonly<Record<AllowanceCap, (refusal: AllowanceRefusal) => string>> = {
  units: ({ used, limit, requested }) =>
    `you hold ${used} of the ${limit} units you may hold, and asked for ${requested} more; commit or release some first`,
  holds: ({ used, limit }) =>
    `you have ${used} of the ${limit} holds you may have; commit or release one first`,
  ttlSeconds: ({ limit, requested }) => `a hold may be for ${limit} seconds, not ${requested}; ask for fewer`,
  lifetimeSeconds: ({ used, limit, requested }) =>
    `a hold may last ${limit} seconds in all; this one is ${used} seconds old, and ${requested} more are too many: commit it now`,
};

function refused(refusal: AllowanceRefusal): ProblemError {
  const { cap, limit, used, requested } = refusal;
  return new ProblemError("allowance-exceeded", {
    detail: advice[cap](refusal),
    cap,
    limit,
    used,
    requested,
  });
}
