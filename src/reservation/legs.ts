import type { OrderLineResult } from "../order/contract.ts";
import type { MutationRequest, MutationResult } from "../sku/contract.ts";
import type { ReservationRefusal, ShortLine } from "./contract.ts";
import { committedLineId, committedQuantity, type Journal, type Leg } from "./journal.ts";
import { log } from "../telemetry/log.ts";

/**
 * What a coordinator lets its legs live while it decides, and beyond the reservation's end, in seconds. A coordinator
 * that dies half-way leaves nothing held for longer than this.
 */
export const patienceSeconds = 10;

/** The SkuObjects, as far as legs need them. */
export interface Skus {
  getByName(sku: string): {
    mutate(requests: MutationRequest[]): Promise<MutationResult[]>;
    read(): Promise<{ readonly available: number } | undefined>;
    orderLines(
      channel: string,
      orderId: string,
    ): Promise<{ readonly lineId: string; readonly ordered: number }[]>;
  };
}

/** Talks to the SkuObjects that hold the legs of a reservation. */
export class Legs {
  readonly #skus: Skus;

  constructor(skus: Skus) {
    this.#skus = skus;
  }

  /**
   * Holds the legs for a short while, SKU after SKU in their order: of two carts that want the same, one comes first
   * everywhere. Stops at the first SKU that refuses.
   */
  async hold(journal: Journal, nonce: string): Promise<{ legs: Leg[]; refusal?: ReservationRefusal }> {
    const { channel, reference, actor } = journal.request;
    const held: Leg[] = [];
    for (const [sku, legs] of Map.groupBy(journal.legs, (leg) => leg.sku)) {
      const results = await this.#skus.getByName(sku).mutate(
        legs.map((leg) => ({
          fingerprint: "",
          mutation: {
            ...choiceOf(leg),
            type: "reserve",
            quantity: leg.quantity,
            ttlSeconds: patienceSeconds,
            nonce,
            channel,
            reference: reference ?? journal.id,
            actor,
          },
        })),
      );
      for (const [index, result] of results.entries()) {
        const leg = legs[index];
        if (leg !== undefined && result.outcome === "done") held.push(withHold(leg, result));
      }
      const refused = results.find((result) => result.outcome === "refused");
      if (refused !== undefined)
        return { legs: held, refusal: await this.#explain(journal, held, sku, refused) };
    }
    return { legs: held };
  }

  /** Makes the legs outlive the reservation by the coordinator's patience. False if one has ended already. */
  async extend(legs: readonly Leg[], ttlSeconds: number, actor: string): Promise<boolean> {
    const results = await this.#tellEach(legs, (leg) => ({
      fingerprint: "",
      mutation: {
        type: "extend",
        reservationId: leg.reservationId ?? "",
        actor,
        ttlSeconds: ttlSeconds + patienceSeconds,
      },
    }));
    return results.every(({ result }) => result.outcome === "done");
  }

  /** Gives the legs back. What has ended already needs no giving back. */
  async release(legs: readonly Leg[], actor: string): Promise<void> {
    await this.#tellEach(
      legs.filter((leg) => leg.reservationId !== undefined),
      (leg) => ({
        fingerprint: "",
        mutation: { type: "release", reservationId: leg.reservationId ?? "", actor },
      }),
    );
  }

  /** Refuses a commit to an order that has one of its lines already: it would be taken for a repetition of that. */
  async refuseKnownLines(journal: Journal): Promise<ReservationRefusal | undefined> {
    const { channel = "", orderId = "" } = journal.commit ?? {};
    const wanted = journal.legs.filter((leg) => committedQuantity(journal, leg) > 0);
    const known = await Promise.all(
      [...Map.groupBy(wanted, (leg) => leg.sku)].map(async ([sku, legs]) => {
        const lines = await this.#skus.getByName(sku).orderLines(channel, orderId);
        const lineIds = new Set(legs.map((leg) => committedLineId(journal, leg)));
        return lines.filter(({ lineId }) => lineIds.has(lineId));
      }),
    );
    const [line] = known.flat();
    return line && { code: "order-line-conflict", lineId: line.lineId, recorded: line.ordered };
  }

  /**
   * Turns the legs into order lines. The decision stands: a leg that expired while nobody could be reached becomes an
   * order all the same, as a fact that may oversell and says so. A line id that somebody else took meanwhile is made
   * the reservation's own.
   */
  async commit(journal: Journal): Promise<{ legs: Leg[]; lines: OrderLineResult[] }> {
    const { actor } = journal.request;
    const wanted = journal.legs.filter((leg) => committedQuantity(journal, leg) > 0);
    await this.release(
      journal.legs.filter((leg) => committedQuantity(journal, leg) === 0),
      actor,
    );
    const attempts = await this.#commitAs(journal, wanted, (leg) => committedLineId(journal, leg));
    const taken = attempts.filter(({ result }) => isRefused(result, "order-line-conflict"));
    const ownId = (leg: Leg) => `${committedLineId(journal, leg)}/${journal.id}`;
    const renamed = await this.#commitAs(
      journal,
      taken.map(({ leg }) => leg),
      ownId,
    );
    const told = [...attempts.filter((attempt) => !taken.includes(attempt)), ...renamed];
    const lost = told.filter(({ result }) => result.outcome === "refused");
    const facts = await this.#orderInstead(journal, lost);
    const all = [...told.filter((attempt) => !lost.includes(attempt)), ...facts].map(toCommitted);
    return { legs: all.map(({ leg }) => leg), lines: all.map(({ line }) => line) };
  }

  async #commitAs(
    journal: Journal,
    legs: readonly Leg[],
    lineIdOf: (leg: Leg) => string,
  ): Promise<CommittedLeg[]> {
    const { channel = "", orderId = "" } = journal.commit ?? {};
    const { actor } = journal.request;
    const results = await this.#tellEach(legs, (leg) => ({
      fingerprint: "",
      mutation: {
        type: "commit",
        reservationId: leg.reservationId ?? "",
        actor,
        channel,
        orderId,
        lineId: lineIdOf(leg),
        quantity: committedQuantity(journal, leg),
      },
    }));
    return results.map(({ leg, result }) => ({
      leg: { ...leg, quantity: committedQuantity(journal, leg) },
      lineId: lineIdOf(leg),
      result,
    }));
  }

  async #orderInstead(journal: Journal, lost: readonly CommittedLeg[]): Promise<CommittedLeg[]> {
    const { channel = "", orderId = "" } = journal.commit ?? {};
    const { actor } = journal.request;
    const lineIds = new Map(lost.map(({ leg, lineId }) => [leg.reservationId, lineId]));
    const lineIdOf = (leg: Leg) => lineIds.get(leg.reservationId) ?? leg.lineId;
    const results = await this.#tellEach(
      lost.map(({ leg }) => leg),
      (leg) => ({
        fingerprint: "",
        mutation: {
          type: "order",
          actor,
          channel,
          orderId,
          lines: [{ lineId: lineIdOf(leg), quantity: leg.quantity, ...choiceOf(leg) }],
        },
      }),
    );
    return results.map(({ leg, result }) => ({ leg, lineId: lineIdOf(leg), result }));
  }

  /** One call per SKU, all at once. */
  async #tellEach(
    legs: readonly Leg[],
    request: (leg: Leg) => MutationRequest,
  ): Promise<{ leg: Leg; result: MutationResult }[]> {
    const answers = await Promise.all(
      [...Map.groupBy(legs, (leg) => leg.sku)].map(async ([sku, group]) => {
        const results = await this.#skus.getByName(sku).mutate(group.map(request));
        return group.map((leg, index) => {
          const result = results[index];
          if (result === undefined) throw new Error(`SKU ${sku} left a request unanswered`);
          return { leg, result };
        });
      }),
    );
    return answers.flat();
  }

  /** Why the reservation cannot be: every SKU that is short, not only the one that was asked first. */
  async #explain(
    journal: Journal,
    held: readonly Leg[],
    at: string,
    refused: Extract<MutationResult, { outcome: "refused" }>,
  ): Promise<ReservationRefusal> {
    const { refusal } = refused;
    if (refusal.code === "too-many-reservations") return refusal;
    if (refusal.code === "sku-is-kit") return { code: "sku-is-kit", sku: at };
    if (refusal.code === "quantity-out-of-range") return { ...refusal, sku: at };
    if (refusal.code !== "insufficient-stock") return { code: "sku-not-found", sku: at };
    const heldSkus = new Set(held.map((leg) => leg.sku));
    const wanted = Map.groupBy(journal.legs, (leg) => leg.sku);
    const lines: ShortLine[] = [];
    for (const [sku, legs] of wanted) {
      if (sku !== at && heldSkus.has(sku)) continue;
      const requested = legs.reduce((total, leg) => total + leg.quantity, 0);
      const stock = await this.#skus.getByName(sku).read();
      if (stock === undefined) return { code: "sku-not-found", sku };
      const mine = held.filter((leg) => leg.sku === sku).reduce((total, leg) => total + leg.quantity, 0);
      const available = sku === at ? Math.min(mine + refusal.available, requested - 1) : stock.available;
      if (sku === at || available < requested)
        lines.push({ sku, requested, available: Math.max(0, available) });
    }
    return { code: "insufficient-stock", lines };
  }
}

function choiceOf(leg: Leg): Pick<Leg, "location" | "strategy" | "locations" | "split"> {
  const { location, strategy, locations, split } = leg;
  return { location, strategy, locations, split };
}

type Done = Extract<MutationResult, { outcome: "done" }>;

/** A leg with the quantity that was committed of it, and what its SKU said. */
interface CommittedLeg {
  readonly leg: Leg;
  readonly lineId: string;
  readonly result: MutationResult;
}

function isRefused(result: MutationResult, code: string): boolean {
  return result.outcome === "refused" && result.refusal.code === code;
}

function withHold(leg: Leg, { event, position }: Done): Leg {
  if (event?.type !== "reserved") return leg;
  return { ...leg, reservationId: event.reservationId, taken: event.taken, ...position };
}

/** What became of a leg, for the reservation and for the order. */
function toCommitted({ leg, lineId, result }: CommittedLeg): { leg: Leg; line: OrderLineResult } {
  const { sku, quantity } = leg;
  if (result.outcome === "refused") {
    const { code } = result.refusal;
    log("reservation.leg_unrecorded", { sku, lineId, code });
    const line = { lineId, sku, quantity, status: "refused" as const, oversold: 0, taken: [] };
    return { leg: { ...leg, lineId, taken: [] }, line };
  }
  const { event, position } = result;
  const ordered = event?.type === "ordered" ? event.lines[0] : undefined;
  const taken = event?.type === "committed" ? event.taken : (ordered?.taken ?? leg.taken ?? []);
  const oversold = ordered?.oversold ?? 0;
  const status = oversold > 0 ? ("oversold" as const) : ("accepted" as const);
  return {
    leg: { ...leg, lineId, taken, ...position },
    line: { lineId, sku, quantity, status, oversold, taken, ...position },
  };
}
