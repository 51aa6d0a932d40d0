import type { Context } from "hono";
import type { Position } from "../../protocol/position.ts";
import { isHoldId, parseHoldId } from "../../escrow/address.ts";
import type { Taken } from "../../protocol/stock.ts";
import { publishEvent } from "../../stock/publish.ts";
import { parseReservationId } from "../../stock/reservation-id.ts";
import { adoptCommitted } from "../adopt-orders.ts";
import type { AppEnv } from "../../http/app-env.ts";
import type { Idempotency } from "../../http/idempotency.ts";
import { ifMatchOf } from "../../http/precondition.ts";
import { ProblemError, replayHeaders } from "../../http/problem.ts";
import type { MutationRequest } from "../../sku/contract.ts";
import { askSku, type Done, doneOr, mutateSku } from "../sku-call.ts";
import {
  askShard,
  changeAlone,
  changeInShard,
  isForShard,
  knownShards,
  learnShards,
  readOfShard,
  refuseVersion,
  shardAnswer,
} from "./sharded.ts";
import {
  type CommitBodyOf,
  directChannel,
  type HoldBody,
  type ReservationAnswer,
  unknownReservation,
} from "./answer.ts";

/** Reservations of one line: they live in their SkuObject, and cost one call. `nonce` makes their id unguessable. */
export async function holdSingle(
  c: Context<AppEnv>,
  body: HoldBody,
  idempotency: Idempotency,
  ifMatch: Position[] | undefined,
  nonce: string,
): Promise<ReservationAnswer> {
  const [line] = body.lines;
  if (line === undefined) throw new ProblemError("invalid-request");
  const { ttlSeconds, channel, reference } = body;
  const actor = c.get("principal").id;
  const mutation = { ...line, type: "reserve" as const, ttlSeconds, channel, reference, nonce, actor };
  const request = { mutation, ...idempotency, ifMatch };
  const shards = knownShards(line.sku);
  if (shards !== undefined) return holdInShard(c, line.sku, request, shards);
  const result = await askSku(c, line.sku, request);
  if (!isForShard(result)) return toAnswer(line.sku, doneOr(line.sku, result));
  return holdInShard(c, line.sku, request, learnShards(line.sku, result.refusal.shards));
}

/** Has the shard that a key belongs to hold units, or have the SKU decide. */
async function holdInShard(
  c: Context<AppEnv>,
  sku: string,
  request: MutationRequest & Idempotency,
  shards: number,
): Promise<ReservationAnswer> {
  const answer = await askShard(c, sku, request, shards);
  return answer.outcome === "of-sku" ? toAnswer(sku, doneOr(sku, answer.result)) : shardAnswer(sku, answer);
}

export async function readSingle(c: Context<AppEnv>, id: string): Promise<ReservationAnswer> {
  if (isHoldId(id)) return readOfShard(c, id);
  const sku = skuOf(id);
  const found = await c.env.SKU.getByName(sku).reservation(id);
  if (found?.active !== undefined) {
    const { quantity, taken, expiresAtMs, channel, reference } = found.active;
    const expiresAt = new Date(expiresAtMs).toISOString();
    const lines = [{ sku, quantity, taken: [...taken] }];
    return { view: { id, status: "active", expiresAt, channel, reference, lines }, headers: {} };
  }
  if (found?.ended !== undefined) {
    const { end, quantity, taken, order } = found.ended;
    const lines = [{ sku, quantity, taken: [...taken] }];
    const { channel, orderId } = order ?? {};
    return { view: { id, status: end, channel, orderId, lines }, headers: {} };
  }
  throw unknownReservation();
}

export async function commitSingle(
  c: Context<AppEnv>,
  id: string,
  body: CommitBodyOf,
  idempotency: Idempotency,
): Promise<ReservationAnswer> {
  const sku = skuOf(id);
  const actor = c.get("principal").id;
  const [line, ...others] = body.lines ?? [];
  if (others.length > 0 || (line !== undefined && line.sku !== sku)) {
    const detail = `the reservation holds ${sku} and nothing else`;
    throw new ProblemError("invalid-request", { detail, errors: [{ pointer: "/lines", detail }] });
  }
  const order = { channel: body.channel ?? directChannel, orderId: body.orderId ?? id };
  const lineId = line?.lineId ?? id;
  if (isHoldId(id)) {
    refuseVersion(c);
    const ask = { type: "commit" as const, id, quantity: line?.quantity, ...order, lineId, actor };
    const answer = await changeInShard(c, { ...ask, ...idempotency });
    if (answer.outcome !== "of-sku") return shardAnswer(sku, answer);
    const done = doneOr(sku, answer.result);
    await adoptCommitted(c.env, sku, [done], actor, (task) => task());
    if (done.event === undefined) return readSingle(c, id);
    const { view, headers } = toAnswer(sku, done);
    return { view: { ...view, id }, headers };
  }
  const commit = { type: "commit" as const, reservationId: id, ...order, lineId, quantity: line?.quantity };
  const result = await mutateSku(c, sku, commit, idempotency, ifMatchOf(c));
  await adoptCommitted(c.env, sku, [result], actor, (task) => task());
  return answerOrRead(c, id, sku, result);
}

export async function extendSingle(
  c: Context<AppEnv>,
  id: string,
  ttlSeconds: number,
  idempotency: Idempotency,
): Promise<ReservationAnswer> {
  const sku = skuOf(id);
  if (isHoldId(id)) return changeAlone(c, { type: "extend", id, ttlSeconds, ...idempotency });
  const mutation = { type: "extend" as const, reservationId: id, ttlSeconds };
  return answerOrRead(c, id, sku, await mutateSku(c, sku, mutation, idempotency, ifMatchOf(c)));
}

export async function releaseSingle(
  c: Context<AppEnv>,
  id: string,
  idempotency: Idempotency,
): Promise<ReservationAnswer> {
  const sku = skuOf(id);
  if (isHoldId(id)) return changeAlone(c, { type: "release", id, ...idempotency });
  const mutation = { type: "release" as const, reservationId: id };
  return answerOrRead(c, id, sku, await mutateSku(c, sku, mutation, idempotency, ifMatchOf(c)));
}

/** The ledger forgets events in time; how a reservation ended is known for ever. */
async function answerOrRead(
  c: Context<AppEnv>,
  id: string,
  sku: string,
  result: Done,
): Promise<ReservationAnswer> {
  if (result.event !== undefined) return toAnswer(sku, result);
  const { view } = await readSingle(c, id);
  return { view, headers: replayHeaders(result.position, result.replayed) };
}

function skuOf(id: string): string {
  const address = isHoldId(id) ? parseHoldId(id) : parseReservationId(id);
  if (address === undefined) throw unknownReservation();
  return address.sku;
}

/** A reservation as the event left it. */
function toAnswer(sku: string, result: Done): ReservationAnswer {
  const { event, position, stock } = result;
  const base = { ...(event && { event: publishEvent(sku, position, event) }), stock };
  const line = (quantity: number, taken: readonly Taken[]) => [
    { sku, quantity, taken: [...taken], ...position },
  ];
  const headers = replayHeaders(position, result.replayed);
  switch (event?.type) {
    case "reserved": {
      const { reservationId: id, expiresAt, channel, reference, quantity, taken } = event;
      const lines = line(quantity, taken);
      return { view: { id, status: "active", expiresAt, channel, reference, lines, ...base }, headers };
    }
    case "extended": {
      const { reservationId: id, expiresAt } = event;
      return { view: { id, status: "active", expiresAt, lines: [], ...base }, headers };
    }
    case "committed": {
      const { reservationId: id, channel, orderId, quantity, taken } = event;
      return {
        view: { id, status: "committed", channel, orderId, lines: line(quantity, taken), ...base },
        headers,
      };
    }
    case "released": {
      const { reservationId: id, taken } = event;
      const quantity = taken.reduce((total, part) => total + part.quantity, 0);
      return { view: { id, status: "released", lines: line(quantity, taken), ...base }, headers };
    }
    default:
      throw new Error(`a reservation was answered with ${event?.type ?? "no event"}`);
  }
}
