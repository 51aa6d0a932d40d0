import type { OrderLineResult } from "../order/contract.ts";
import type { MutationRequest, MutationResult } from "../sku/contract.ts";
import type { ReservationRefusal, ShortLine } from "./contract.ts";
import { committedLineId, committedQuantity, type Journal, type Leg } from "./journal.ts";

/**
 * What a coordinator lets its legs live while it decides, and beyond the reservation's end, in seconds. A coordinator
 * that dies half-way leaves nothing held for longer than this.
 */
export const patienceSeconds = 10;

/** Talks to the SkuObjects that hold the legs of a reservation. */
export class Legs {
  readonly #skus: Env["SKU"];

  constructor(skus: Env["SKU"]) {
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

  /**
   * Turns the legs into order lines. The decision stands: a leg that expired while nobody could be reached becomes an
   * order all the same, as a fact that may oversell and says so.
   */
  async commit(journal: Journal): Promise<{ legs: Leg[]; lines: OrderLineResult[] }> {
    const { actor } = journal.request;
    const { channel = "", orderId = "" } = journal.commit ?? {};
    const wanted = journal.legs.filter((leg) => committedQuantity(journal, leg) > 0);
    await this.release(
      journal.legs.filter((leg) => committedQuantity(journal, leg) === 0),
      actor,
    );
    const results = await this.#tellEach(wanted, (leg) => ({
      fingerprint: "",
      mutation: {
        type: "commit",
        reservationId: leg.reservationId ?? "",
        actor,
        channel,
        orderId,
        lineId: committedLineId(journal, leg),
        quantity: committedQuantity(journal, leg),
      },
    }));
    const lost = results.filter(({ result }) => result.outcome === "refused").map(({ leg }) => leg);
    const recorded = await this.#tellEach(lost, (leg) => ({
      fingerprint: "",
      mutation: {
        type: "order",
        actor,
        channel,
        orderId,
        lines: [
          {
            lineId: committedLineId(journal, leg),
            quantity: committedQuantity(journal, leg),
            ...choiceOf(leg),
          },
        ],
      },
    }));
    const done = [...results, ...recorded].filter(({ result }) => result.outcome === "done");
    const legs = done.map(({ leg, result }) => withCommit(leg, result));
    const lines = legs.map((leg): OrderLineResult => {
      const { sku, quantity, taken = [], epoch = "", version = 0 } = leg;
      const lineId = committedLineId(journal, leg);
      return { lineId, sku, quantity, status: "accepted", oversold: 0, taken, epoch, version };
    });
    return { legs, lines };
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

function withHold(leg: Leg, { event, position }: Done): Leg {
  if (event?.type !== "reserved") return leg;
  return { ...leg, reservationId: event.reservationId, taken: event.taken, ...position };
}

function withCommit(leg: Leg, result: MutationResult): Leg {
  if (result.outcome !== "done") return leg;
  const { event, position } = result;
  if (event?.type === "committed")
    return { ...leg, quantity: event.quantity, taken: event.taken, ...position };
  const line = event?.type === "ordered" ? event.lines[0] : undefined;
  return line === undefined ? leg : { ...leg, quantity: line.quantity, taken: line.taken, ...position };
}
