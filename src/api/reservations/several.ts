import type { Context } from "hono";
import { reservationObjectName } from "../../reservation/address.ts";
import type {
  HoldRequest,
  LegView,
  ReservationRefusal,
  ReservationResult,
  ReservationSnapshot,
} from "../../reservation/contract.ts";
import { unreachable } from "../../stock/refusal.ts";
import type { AppEnv } from "../../http/app-env.ts";
import type { Idempotency } from "../../http/idempotency.ts";
import { refuseIfMatch } from "../../http/precondition.ts";
import { ProblemError, replayHeaders } from "../../http/problem.ts";
import {
  type CommitBodyOf,
  directChannel,
  type HoldBody,
  type ReservationAnswer,
  unknownReservation,
} from "./answer.ts";

const prefix = "rsm_";

/** Whether a reservation is one of several SKUs or of a kit, and lives in an object of its own. */
export function isOfSeveral(id: string): boolean {
  return id.startsWith(prefix);
}

/** Holds several SKUs, or a kit, under an id made of `name`, which must be the same for the same key. */
export async function holdSeveral(
  c: Context<AppEnv>,
  body: HoldBody,
  idempotency: Idempotency,
  name: string,
): Promise<ReservationAnswer> {
  const id = prefix + name;
  const skus = [...new Set(body.lines.map((line) => line.sku))];
  const kits = await Promise.all(skus.map((sku) => c.env.SKU.getByName(sku).components()));
  const { ttlSeconds, channel, reference } = body;
  const lines = body.lines.map((line) => ({ ...line, components: kits[skus.indexOf(line.sku)] }));
  const { fingerprint } = idempotency;
  const actor = c.get("principal").id;
  const request: HoldRequest = { lines, ttlSeconds, channel, reference, actor, fingerprint };
  return toAnswer(await objectOf(c, id).create(id, request));
}

/** Whether somebody asked for a reservation under a name before. */
export async function knowsSeveral(c: Context<AppEnv>, name: string): Promise<boolean> {
  return objectOf(c, prefix + name).knows(prefix + name);
}

export async function readSeveral(c: Context<AppEnv>, id: string): Promise<ReservationAnswer> {
  const reservation = await objectOf(c, id).read(id);
  if (reservation === undefined) throw unknownReservation();
  return { view: toView(reservation), headers: {} };
}

export async function commitSeveral(
  c: Context<AppEnv>,
  id: string,
  body: CommitBodyOf,
  operation: Idempotency,
): Promise<ReservationAnswer> {
  refuseIfMatch(c, "this reservation");
  const { channel = directChannel, orderId = id, lines } = body;
  return toAnswer(await objectOf(c, id).commit(id, { channel, orderId, lines }, operation));
}

export async function extendSeveral(
  c: Context<AppEnv>,
  id: string,
  ttlSeconds: number,
  operation: Idempotency,
): Promise<ReservationAnswer> {
  refuseIfMatch(c, "this reservation");
  return toAnswer(await objectOf(c, id).extend(id, ttlSeconds, operation));
}

export async function releaseSeveral(
  c: Context<AppEnv>,
  id: string,
  operation: Idempotency,
): Promise<ReservationAnswer> {
  refuseIfMatch(c, "this reservation");
  return toAnswer(await objectOf(c, id).release(id, operation));
}

function objectOf(c: Context<AppEnv>, id: string) {
  return c.env.RESERVATION.getByName(reservationObjectName(id));
}

function toAnswer(result: ReservationResult): ReservationAnswer {
  if (result.outcome === "refused") throw refusalOf(result.refusal, result.replayed);
  return { view: toView(result.reservation), headers: replayHeaders(undefined, result.replayed) };
}

function toView(reservation: ReservationSnapshot): ReservationAnswer["view"] {
  const { id, status, expiresAtMs, channel, orderId, reference } = reservation;
  return {
    id,
    status,
    ...(status === "active" && { expiresAt: new Date(expiresAtMs).toISOString() }),
    channel,
    orderId,
    reference,
    lines: reservation.lines.map(({ sku, quantity, isKit, legs }) => {
      const [leg] = legs;
      if (isKit || leg === undefined) return { sku, quantity, taken: [], components: legs.map(toPart) };
      return { ...toPart(leg), sku, quantity };
    }),
  };
}

function toPart({ sku, quantity, taken, epoch, version }: LegView) {
  return { sku, quantity, taken: [...taken], epoch, version };
}

function refusalOf(refusal: ReservationRefusal, replayed: boolean): ProblemError {
  const problem = (members: ConstructorParameters<typeof ProblemError>[1]) =>
    new ProblemError(refusal.code, members, replayHeaders(undefined, replayed));
  switch (refusal.code) {
    case "insufficient-stock": {
      const lines = refusal.lines.map((line) => ({ ...line }));
      const short = lines.map(
        (line) => `${line.requested} of ${line.sku} requested, ${line.available} available`,
      );
      return problem({ detail: `nothing is held: ${short.join("; ")}`, lines });
    }
    case "sku-not-found":
      return problem({ detail: `nothing is held: SKU ${refusal.sku} is unknown`, sku: refusal.sku });
    case "sku-is-kit":
      return problem({
        detail: `nothing is held: SKU ${refusal.sku} became a kit, and a kit cannot be part of another; change its components`,
        sku: refusal.sku,
      });
    case "quantity-out-of-range":
      return problem({ detail: `nothing is held: of ${refusal.sku}, ${refusal.detail}`, sku: refusal.sku });
    case "order-line-conflict":
      return problem({
        detail:
          `nothing is committed: the order has a line ${refusal.lineId} already, of ${refusal.recorded} units; ` +
          "name other line ids in `lines`, or release the reservation if it is the same sale",
        lineId: refusal.lineId,
      });
    case "too-many-reservations":
      return problem({ detail: `a SKU may have ${refusal.limit}`, limit: refusal.limit });
    case "reservation-not-found":
      return unknownReservation();
    case "reservation-expired":
      return problem({ detail: "the reservation has expired; make a new one" });
    case "reservation-ended":
      return problem({ detail: `the reservation was ${refusal.end} already`, end: refusal.end });
    case "reservation-exceeded":
      return problem({ detail: `${refusal.requested} requested, ${refusal.reserved} reserved` });
    case "idempotency-key-reused":
      return problem({ detail: "this key was used with another payload; use a new key for a new request" });
    default:
      return unreachable(refusal);
  }
}
