import type { OrderLineResult } from "../../order/contract.ts";
import type {
  CommitRequest,
  HoldRequest,
  OperationKey,
  ReservationRefusal,
  ReservationResult,
  ReservationSnapshot,
} from "../../reservation/contract.ts";
import type { Component } from "../../protocol/stock.ts";
import type { MutationRequest, MutationResult } from "../../sku/contract.ts";
import type { OrderLine } from "../../stock/state.ts";
import type { ApprovalRequest, CartLine } from "./contract.ts";
import { type Attempt, cartOf, type Hold, type SoldLeg } from "./journal.ts";
import { reasonOf, shortReason } from "./reason.ts";

/**
 * How long units are held until they are sold, in seconds. Far longer than a question may take, and short enough that
 * what a crash leaves is soon free: nobody else needs to know of it.
 */
const holdSeconds = 10;

/** The SkuObjects, as far as approvals need them. */
export interface ApprovalSkus {
  getByName(sku: string): {
    mutate(requests: MutationRequest[]): Promise<MutationResult[]>;
    components(): Promise<Component[] | undefined>;
    orderLines(channel: string, orderId: string): Promise<OrderLine[]>;
  };
}

/** The ReservationObjects, by the id of a reservation. */
export interface ApprovalReservations {
  of(id: string): {
    create(id: string, request: HoldRequest): Promise<ReservationResult>;
    read(id: string): Promise<ReservationSnapshot | undefined>;
    commit(id: string, commit: CommitRequest, operation: OperationKey): Promise<ReservationResult>;
    release(id: string, operation: OperationKey): Promise<ReservationResult>;
  };
}

export type Held =
  | { readonly outcome: "held"; readonly hold: Hold }
  /** What was held under this number before is over: take the next one. */
  | { readonly outcome: "over" }
  | { readonly outcome: "refused"; readonly reason: string };

/** What was sold of a line, and how its order knows it. */
export interface SoldLine {
  readonly legs: readonly SoldLeg[];
  readonly result: OrderLineResult;
}

/**
 * Takes the units of an order: held, then sold, all lines or none; and gives them back. One plain SKU is asked itself;
 * several, and kits, have a reservation of their own. The same step with the same number may be repeated.
 */
export class Taking {
  readonly #skus: ApprovalSkus;
  readonly #reservations: ApprovalReservations;

  constructor(skus: ApprovalSkus, reservations: ApprovalReservations) {
    this.#skus = skus;
    this.#reservations = reservations;
  }

  async hold(request: ApprovalRequest, number: number, nowMs: number): Promise<Held> {
    const [line, ...others] = request.lines;
    if (line === undefined) return { outcome: "refused", reason: "the order has no lines" };
    if (others.length > 0) return this.#holdSeveral(request, number, nowMs);
    const [result] = await this.#skus.getByName(line.sku).mutate([
      {
        key: keyOf(request, number),
        fingerprint: cartOf(request),
        // The key is of this kind of order alone: no shard of the SKU can know it.
        isPassedOn: true,
        mutation: {
          type: "reserve",
          quantity: line.quantity,
          ttlSeconds: holdSeconds,
          channel: request.channel,
          reference: request.orderId,
          actor: actorOf(request),
          nonce: randomNonce(),
        },
      },
    ]);
    if (result?.outcome === "refused") {
      const { refusal } = result;
      if (refusal.code === "sku-is-kit") return this.#holdSeveral(request, number, nowMs);
      if (refusal.code !== "insufficient-stock") {
        return { outcome: "refused", reason: reasonOf(refusal.code, line) };
      }
      const { requested, available } = refusal;
      const short = shortReason([{ sku: line.sku, requested, available }], request.lines);
      return { outcome: "refused", reason: short };
    }
    if (result?.event?.type !== "reserved" || Date.parse(result.event.expiresAt) <= nowMs)
      return { outcome: "over" };
    return { outcome: "held", hold: { form: "single", reservationId: result.event.reservationId } };
  }

  /** Sells what is held; undefined if it is not held any more. */
  async sell(request: ApprovalRequest, number: number, hold: Hold): Promise<SoldLine[] | undefined> {
    return hold.form === "single"
      ? this.#sellSingle(request, number, hold)
      : this.#sellSeveral(request, number, hold);
  }

  /** Gives back what is held or sold. What is neither any more needs no giving back. */
  async undo(order: { readonly channel: string; readonly orderId: string }, attempt: Attempt): Promise<void> {
    const { hold, number, lines } = attempt;
    const { channel, orderId } = order;
    const actor = actorOf(order);
    if (hold.form === "single") {
      const [line] = lines;
      if (line === undefined) return;
      const cancelled = {
        type: "cancel" as const,
        channel,
        orderId,
        actor,
        lines: [{ lineId: nameOf(line, number) }],
      };
      const release = { type: "release" as const, reservationId: hold.reservationId, actor };
      // Whichever of the two there is to give back, the SKU refuses the other.
      await this.#skus.getByName(line.sku).mutate([
        { fingerprint: "", mutation: release },
        { fingerprint: "", mutation: cancelled },
      ]);
      return;
    }
    const { reservationId: id } = hold;
    const reservation = this.#reservations.of(id);
    const result = await reservation.release(id, { key: "undo", fingerprint: "" });
    if (result.outcome === "done" || result.refusal.code !== "reservation-ended") return;
    const snapshot = await reservation.read(id);
    const sold = (snapshot?.lines ?? []).flatMap(({ legs }) => legs);
    const bySku = Map.groupBy(sold, ({ sku }) => sku);
    await Promise.all(
      [...bySku].map(([sku, legs]) =>
        this.#skus.getByName(sku).mutate(
          legs.map(({ lineId = "" }) => ({
            fingerprint: "",
            mutation: { type: "cancel", channel, orderId, actor, lines: [{ lineId }] },
          })),
        ),
      ),
    );
  }

  /** Whether all that was sold for an order is still its own: nothing of it was cancelled since. */
  async isWhole(
    order: { readonly channel: string; readonly orderId: string },
    attempt: Attempt,
  ): Promise<boolean> {
    const { sold = [], lines } = attempt;
    const legs = sold.flatMap((own, index) =>
      own.map(({ sku, lineId, perUnit }) => ({
        sku,
        lineId,
        quantity: perUnit * (lines[index]?.quantity ?? 0),
      })),
    );
    const bySku = Map.groupBy(legs, ({ sku }) => sku);
    const answers = await Promise.all(
      [...bySku].map(async ([sku, own]) => {
        const known = await this.#skus.getByName(sku).orderLines(order.channel, order.orderId);
        return own.every(({ lineId, quantity }) =>
          known.some((line) => line.lineId === lineId && line.ordered - line.cancelled === quantity),
        );
      }),
    );
    return answers.every((isWhole) => isWhole);
  }

  async #holdSeveral(request: ApprovalRequest, number: number, nowMs: number): Promise<Held> {
    const { channel, orderId } = request;
    const id = await reservationIdOf(request, number);
    const lines = await Promise.all(
      request.lines.map(async ({ sku, quantity }) => {
        return { sku, quantity, components: await this.#skus.getByName(sku).components() };
      }),
    );
    const result = await this.#reservations.of(id).create(id, {
      lines,
      ttlSeconds: holdSeconds,
      channel,
      reference: orderId,
      actor: actorOf(request),
      fingerprint: cartOf(request),
    });
    if (result.outcome === "done") {
      if (result.reservation.expiresAtMs <= nowMs) return { outcome: "over" };
      return { outcome: "held", hold: { form: "several", reservationId: id } };
    }
    const { refusal } = result;
    if (refusal.code === "reservation-expired") return { outcome: "over" };
    if (refusal.code === "insufficient-stock") {
      return { outcome: "refused", reason: shortReason(refusal.lines, request.lines) };
    }
    return { outcome: "refused", reason: reasonOf(refusal.code, lineOf(refusal, request.lines)) };
  }

  async #sellSingle(
    request: ApprovalRequest,
    number: number,
    { reservationId }: Hold,
  ): Promise<SoldLine[] | undefined> {
    const [line] = request.lines;
    if (line === undefined) return undefined;
    const { channel, orderId } = request;
    const lineId = nameOf(line, number);
    const commit = {
      type: "commit" as const,
      reservationId,
      channel,
      orderId,
      lineId,
      actor: actorOf(request),
    };
    const [result] = await this.#skus.getByName(line.sku).mutate([{ fingerprint: "", mutation: commit }]);
    if (result === undefined || result.outcome === "refused") return undefined;
    const { lineId: told, sku, quantity } = line;
    const taken = result.event?.type === "committed" ? result.event.taken : [];
    const common = { lineId: told, sku, quantity, oversold: 0, taken, ...result.position };
    return [{ legs: [{ sku, lineId, perUnit: 1 }], result: { ...common, status: "accepted" } }];
  }

  async #sellSeveral(
    request: ApprovalRequest,
    number: number,
    { reservationId: id }: Hold,
  ): Promise<SoldLine[] | undefined> {
    const { channel, orderId } = request;
    const lines = request.lines.map((line) => {
      return { sku: line.sku, quantity: line.quantity, lineId: nameOf(line, number) };
    });
    const operation = { key: "approve", fingerprint: cartOf(request) };
    const result = await this.#reservations.of(id).commit(id, { channel, orderId, lines }, operation);
    if (result.outcome === "refused") return undefined;
    return result.reservation.lines.map(({ sku, quantity, legs }, index): SoldLine => {
      const lineId = request.lines[index]?.lineId ?? "";
      const parts = legs.map((leg) => {
        const { epoch, version, taken } = leg;
        const own = { lineId: leg.lineId ?? "", sku: leg.sku, quantity: leg.quantity, epoch, version, taken };
        return { ...own, status: "accepted" as const, oversold: 0 };
      });
      const common = { lineId, sku, quantity, status: "accepted" as const, oversold: 0 };
      return {
        legs: parts.map((part) => ({
          sku: part.sku,
          lineId: part.lineId,
          perUnit: part.quantity / quantity,
        })),
        result: { ...common, taken: [], components: parts },
      };
    });
  }
}

/** Who does it, as the ledger has it. */
export function actorOf({ channel }: { readonly channel: string }): string {
  return `channel:${channel}`;
}

/**
 * What a line is called at its SKU: never as the channel calls it. An approval that was given back must not stand in the
 * way of a later fact about the same line, which then counts like any other.
 */
function nameOf({ lineId }: CartLine, number: number): string {
  return `${lineId}~${number}`;
}

function lineOf(refusal: ReservationRefusal, lines: readonly CartLine[]): CartLine | undefined {
  return "sku" in refusal ? lines.find(({ sku }) => sku === refusal.sku) : undefined;
}

/** The same for every repetition of the same attempt. */
function keyOf({ channel, orderId, delivery }: ApprovalRequest, number: number): string {
  return `approval\n${channel}\n${orderId}\n${delivery}\n${number}`;
}

async function reservationIdOf(request: ApprovalRequest, number: number): Promise<string> {
  const text = new TextEncoder().encode(keyOf(request, number));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", text));
  return `rsm_approval${hex(digest.subarray(0, 20))}`;
}

function randomNonce(): string {
  return hex(crypto.getRandomValues(new Uint8Array(16)));
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
