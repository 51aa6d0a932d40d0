import type { Context } from "hono";
import type { AppEnv } from "../../http/app-env.ts";
import type { Idempotency } from "../../http/idempotency.ts";
import { randomText } from "../../http/key-format.ts";
import { ifMatchOf, refuseIfMatch } from "../../http/precondition.ts";
import { ProblemError } from "../../http/problem.ts";
import {
  endWithin,
  extendWithin,
  freed,
  holdWithin,
  ownerOf,
  refuseForeignOrder,
  requireOwn,
} from "./agents.ts";
import { agentChannel, type CommitBodyOf, type HoldBody, type ReservationAnswer } from "./answer.ts";
import { formatOwnName, ownNameOf, type OwnName, tokenOf } from "./name.ts";
import {
  commitSeveral,
  extendSeveral,
  holdSeveral,
  isOfSeveral,
  knowsSeveral,
  readSeveral,
  releaseSeveral,
} from "./several.ts";
import { commitSingle, extendSingle, holdSingle, readSingle, releaseSingle } from "./single.ts";

/** 22 base-62 characters are 131 random bits. */
const nonceCharacters = 22;

/** Holds stock for whoever asks: of an agent as its own, and within its allowance. */
export async function holdFor(
  c: Context<AppEnv>,
  body: HoldBody,
  idempotency: Idempotency,
): Promise<ReservationAnswer> {
  const owner = await ownerOf(c);
  if (owner === undefined) return hold(c, body, idempotency);
  refuseForeignOrder(body);
  const allowance = c.env.ALLOWANCE.getByName(owner);
  const isKnown = async (token: string) =>
    (await allowance.knows(token)) || (await knowsSeveral(c, formatOwnName({ token, owner })));
  const name = { token: await tokenOf(idempotency.key, c.env, isKnown), owner };
  const units = body.lines.reduce((total, line) => total + line.quantity, 0);
  const own = { ...body, channel: agentChannel };
  const ask = { units, ttlSeconds: body.ttlSeconds };
  const answer = await holdWithin(c, name, ask, () => hold(c, own, idempotency, name));
  if (isReplay(answer)) {
    await freeIfOver(c, answer.view.id);
    // Made under the secret before this one, and claimed under that.
    if (ownNameOf(answer.view.id)?.token !== name.token) await allowance.end(name.token);
  }
  return answer;
}

export async function readFor(c: Context<AppEnv>, id: string): Promise<ReservationAnswer> {
  await requireOwn(c, id);
  return isOfSeveral(id) ? readSeveral(c, id) : readSingle(c, id);
}

export async function commitFor(
  c: Context<AppEnv>,
  id: string,
  body: CommitBodyOf,
  idempotency: Idempotency,
): Promise<ReservationAnswer> {
  await requireOwn(c, id);
  const isOwn = (await ownerOf(c)) !== undefined;
  if (isOwn) refuseForeignOrder(body);
  const order = isOwn ? { ...body, channel: agentChannel } : body;
  const commit = isOfSeveral(id) ? commitSeveral : commitSingle;
  return endWithin(c, id, () => commit(c, id, order, idempotency));
}

export async function extendFor(
  c: Context<AppEnv>,
  id: string,
  ttlSeconds: number,
  idempotency: Idempotency,
): Promise<ReservationAnswer> {
  await requireOwn(c, id);
  const extend = isOfSeveral(id) ? extendSeveral : extendSingle;
  return extendWithin(c, id, ttlSeconds, () => extend(c, id, ttlSeconds, idempotency));
}

export async function releaseFor(
  c: Context<AppEnv>,
  id: string,
  idempotency: Idempotency,
): Promise<ReservationAnswer> {
  await requireOwn(c, id);
  const release = isOfSeveral(id) ? releaseSeveral : releaseSingle;
  return endWithin(c, id, () => release(c, id, idempotency));
}

async function hold(
  c: Context<AppEnv>,
  body: HoldBody,
  idempotency: Idempotency,
  name?: OwnName,
): Promise<ReservationAnswer> {
  const ifMatch = ifMatchOf(c);
  const several = async () => {
    refuseIfMatch(c, "this reservation");
    const isKnown = (token: string) => knowsSeveral(c, token);
    const text = name === undefined ? await tokenOf(idempotency.key, c.env, isKnown) : formatOwnName(name);
    return holdSeveral(c, body, idempotency, text);
  };
  if (body.lines.length > 1) return several();
  const nonce = name === undefined ? randomText(nonceCharacters) : formatOwnName(name);
  return orIfKit(() => holdSingle(c, body, idempotency, ifMatch, nonce), several);
}

/** A plain SKU is tried first, since it costs one call; only a kit refuses because it is one. */
async function orIfKit(
  plain: () => Promise<ReservationAnswer>,
  kit: () => Promise<ReservationAnswer>,
): Promise<ReservationAnswer> {
  try {
    return await plain();
  } catch (error) {
    if (error instanceof ProblemError && error.slug === "sku-is-kit") return kit();
    throw error;
  }
}

/** A hold that is answered again may have ended long ago: then its repetition claims nothing. */
async function freeIfOver(c: Context<AppEnv>, id: string): Promise<void> {
  const { view } = await readFor(c, id);
  if (view.status !== "active") await freed(c, id);
}

function isReplay({ headers }: ReservationAnswer): boolean {
  return headers["idempotent-replayed"] !== undefined;
}
