import { DurableObject } from "cloudflare:workers";
import { orderObjectName } from "../order/address.ts";
import { KeyedExclusive } from "../storage/exclusive.ts";
import { unreachable } from "../stock/refusal.ts";
import { Wake } from "../storage/wake.ts";
import type {
  CommitRequest,
  HoldRequest,
  OperationKey,
  ReservationRefusal,
  ReservationResult,
  ReservationSnapshot,
} from "./contract.ts";
import {
  isSameCommit,
  type Journal,
  legsOf,
  refuseEnded,
  refuseExcess,
  snapshotOf,
  wakeAtMs,
} from "./journal.ts";
import { Legs, patienceSeconds } from "./legs.ts";
import { JournalStore } from "./store.ts";

const patienceMs = patienceSeconds * 1_000;
/** How many overdue reservations one alarm looks after at once; the rest follow in the next. */
const dueAtOnce = 100;

/**
 * Reservations of several SKUs, or of kits: all lines or none. Each step of one is written down before it is taken,
 * and what is found undone after a crash is driven forward or back. What is held while that is decided, the SKUs let
 * go by themselves.
 */
export class ReservationObject extends DurableObject<Env> {
  readonly #store: JournalStore;
  readonly #wake: Wake;
  readonly #legs: Legs;
  readonly #exclusive = new KeyedExclusive();

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#store = new JournalStore(ctx.storage.sql);
    this.#wake = new Wake(ctx.storage);
    this.#legs = new Legs(env.SKU);
    void ctx.blockConcurrencyWhile(async () => {
      if (!this.#store.exists()) return;
      ctx.storage.transactionSync(() => this.#store.migrate());
      await this.#wake.load();
    });
  }

  /** Holds all lines, or none. The same request again gets the same answer. */
  async create(id: string, request: HoldRequest): Promise<ReservationResult> {
    return this.#exclusive.run(id, async () => {
      const known = this.#load(id);
      if (known !== undefined && known.stage !== "holding") {
        const isSame = known.request.fingerprint === request.fingerprint;
        return isSame ? answer(await this.#drive(known), true) : refused({ code: "idempotency-key-reused" });
      }
      return answer(await this.#hold(id, request), false);
    });
  }

  /** A reservation as it is now; undefined if there never was one. */
  async read(id: string): Promise<ReservationSnapshot | undefined> {
    return this.#exclusive.run(id, async () => {
      const known = this.#load(id);
      const journal = known && (await this.#drive(known));
      return journal === undefined || journal.stage === "refused" ? undefined : snapshotOf(journal);
    });
  }

  /** Makes an order of it. A reservation is committed once; asking again for the same gets the same answer. */
  async commit(id: string, commit: CommitRequest, operation: OperationKey): Promise<ReservationResult> {
    return this.#operate(id, operation, async (journal) => {
      const isDone = journal.stage === "committed" && journal.commit !== undefined;
      if (isDone && isSameCommit(journal.commit, commit)) return answer(journal, true);
      const refusal = refuseEnded(journal) ?? refuseExcess(journal, commit);
      if (refusal !== undefined) return refused(refusal);
      return answer(await this.#drive(this.#write({ ...journal, commit, stage: "committing" })), false);
    });
  }

  /** Holds it until `ttlSeconds` from now. */
  async extend(id: string, ttlSeconds: number, operation: OperationKey): Promise<ReservationResult> {
    return this.#operate(id, operation, async (journal, isRepeated) => {
      const refusal = refuseEnded(journal);
      if (refusal !== undefined) return refused(refusal);
      if (isRepeated) return answer(journal, true);
      const expiresAtMs = Date.now() + ttlSeconds * 1_000;
      const isHeld = await this.#legs.extend(journal.legs, ttlSeconds, journal.request.actor);
      return isHeld
        ? answer(this.#write({ ...journal, expiresAtMs }), false)
        : refused({ code: "reservation-expired" });
    });
  }

  async release(id: string, operation: OperationKey): Promise<ReservationResult> {
    return this.#operate(id, operation, async (journal) => {
      if (journal.stage === "released") return answer(journal, true);
      const refusal = refuseEnded(journal);
      if (refusal !== undefined) return refused(refusal);
      return answer(
        await this.#drive(this.#write({ ...journal, stage: "releasing", end: "released" })),
        false,
      );
    });
  }

  /** Expires on time, and finishes what a crash left undone. */
  override async alarm(): Promise<void> {
    this.#wake.fired();
    if (!this.#store.exists()) return;
    // First of all, so that nothing below that fails leaves the object asleep.
    this.#wake.by(Date.now() + patienceMs);
    await Promise.allSettled(this.#store.due(Date.now(), dueAtOnce).map((id) => this.read(id)));
    this.#wake.by(Math.max(Date.now() + 1, this.#store.nextWakeAtMs() ?? Number.POSITIVE_INFINITY));
  }

  async #hold(id: string, request: HoldRequest): Promise<Journal> {
    const base: Journal = { id, request, legs: legsOf(request), expiresAtMs: 0, keys: {}, stage: "holding" };
    this.#write(base);
    const { legs, refusal } = await this.#legs.hold(base, nonce());
    if (refusal !== undefined) {
      return this.#drive(this.#write({ ...base, legs, refusal, stage: "releasing", end: "refused" }));
    }
    const expiresAtMs = Date.now() + request.ttlSeconds * 1_000;
    return this.#drive(this.#write({ ...base, legs, expiresAtMs, stage: "extending" }));
  }

  /** Takes the next steps until there is nothing to do but wait. */
  async #drive(journal: Journal): Promise<Journal> {
    for (let at = journal; ;) {
      const next = await this.#step(at);
      if (next === undefined) return at;
      at = this.#write(next);
    }
  }

  /** Does what the journal says comes next; answers how it stands then, or undefined if there is only waiting. */
  async #step(journal: Journal): Promise<Journal | undefined> {
    const { legs, request } = journal;
    switch (journal.stage) {
      case "extending": {
        const isHeld = await this.#legs.extend(legs, request.ttlSeconds, request.actor);
        if (isHeld) return { ...journal, stage: "active" };
        // It took so long that what was held is gone: the caller was not answered yet, and must ask anew.
        return { ...journal, stage: "releasing", end: "refused", refusal: { code: "reservation-expired" } };
      }
      case "active":
        if (Date.now() < journal.expiresAtMs) return undefined;
        return { ...journal, stage: "releasing", end: "expired" };
      case "committing": {
        const committed = await this.#legs.commit(journal);
        const { channel = "", orderId = "" } = journal.commit ?? {};
        const lines = committed.lines.map(({ lineId, sku, quantity }) => ({ lineId, sku, quantity }));
        const fact = { channel, orderId, lines, actor: request.actor };
        await this.env.ORDER.getByName(orderObjectName(channel, orderId)).adopt(fact, committed.lines);
        return { ...journal, legs: committed.legs, stage: "committed" };
      }
      case "releasing":
        await this.#legs.release(legs, request.actor);
        return { ...journal, stage: journal.end ?? "released" };
      // Of `holding` nobody was told, and the SKUs let go by themselves: a repetition starts afresh.
      case "holding":
      case "committed":
      case "released":
      case "expired":
      case "refused":
        return undefined;
      default:
        return unreachable(journal.stage);
    }
  }

  async #operate(
    id: string,
    operation: OperationKey,
    run: (journal: Journal, isRepeated: boolean) => Promise<ReservationResult>,
  ): Promise<ReservationResult> {
    return this.#exclusive.run(id, async () => {
      const known = this.#load(id);
      const journal = known && (await this.#drive(known));
      if (journal === undefined || journal.stage === "refused" || journal.stage === "holding") {
        return refused({ code: "reservation-not-found" });
      }
      const earlier = journal.keys[operation.key];
      if (earlier !== undefined && earlier !== operation.fingerprint)
        return refused({ code: "idempotency-key-reused" });
      const keys = { ...journal.keys, [operation.key]: operation.fingerprint };
      return run({ ...journal, keys }, earlier !== undefined);
    });
  }

  #load(id: string): Journal | undefined {
    return this.#store.exists() ? this.#store.load(id) : undefined;
  }

  #write(journal: Journal): Journal {
    const wake = wakeAtMs(journal, Date.now() + patienceMs);
    this.ctx.storage.transactionSync(() => {
      this.#store.migrate();
      this.#store.save(journal, wake);
    });
    if (wake !== undefined) this.#wake.by(wake);
    return journal;
  }
}

function answer(journal: Journal, replayed: boolean): ReservationResult {
  if (journal.refusal !== undefined) return { outcome: "refused", replayed, refusal: journal.refusal };
  return { outcome: "done", replayed, reservation: snapshotOf(journal) };
}

function refused(refusal: ReservationRefusal): ReservationResult {
  return { outcome: "refused", replayed: false, refusal };
}

function nonce(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
}
