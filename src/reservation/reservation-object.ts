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
import { limits } from "../protocol/limits.ts";
import {
  heldSnapshotOf,
  isOver,
  isSameCommit,
  isStickyRefusal,
  type Journal,
  legsOf,
  refuseEnded,
  refuseExcess,
  snapshotOf,
  wakeAtMs,
  withKey,
} from "./journal.ts";
import { Legs, patienceSeconds } from "./legs.ts";
import { JournalStore } from "./store.ts";
import { log } from "../telemetry/log.ts";

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
      // An alarm that was lost is set again by whoever comes next.
      this.#wake.by(this.#store.nextWakeAtMs() ?? Number.POSITIVE_INFINITY);
    });
  }

  /** Holds all lines, or none. The same request again gets the same answer. */
  async create(id: string, request: HoldRequest): Promise<ReservationResult> {
    return this.#exclusive.run(id, async () => {
      const known = this.#load(id);
      if (known === undefined) return firstAnswer(await this.#hold(id, request), false);
      if (known.request.fingerprint !== request.fingerprint)
        return refused({ code: "idempotency-key-reused" });
      const journal = await this.#drive(known);
      const { stage, refusal } = journal;
      // Nobody was told of the first, or it was refused for what may have been put right.
      const isAnew = stage === "holding" || (refusal !== undefined && !isStickyRefusal(refusal));
      return isAnew ? firstAnswer(await this.#hold(id, request), false) : firstAnswer(journal, true);
    });
  }

  /** Whether it was asked for before, whatever has become of it. */
  async knows(id: string): Promise<boolean> {
    return this.#exclusive.run(id, async () => this.#load(id) !== undefined);
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
      const wanted: Journal = { ...journal, commit, stage: "committing" };
      const refusal =
        refuseEnded(journal) ?? refuseExcess(journal, commit) ?? (await this.#legs.refuseKnownLines(wanted));
      if (refusal !== undefined) return refused(refusal);
      return answer(await this.#drive(this.#write(withKey(wanted, operation))), false);
    });
  }

  /** Holds it until `ttlSeconds` from now. */
  async extend(id: string, ttlSeconds: number, operation: OperationKey): Promise<ReservationResult> {
    return this.#operate(id, operation, async (journal) => {
      const before = journal.keys[operation.key]?.expiresAtMs;
      if (before !== undefined) return done(heldSnapshotOf(journal, before), true);
      const refusal = refuseEnded(journal);
      if (refusal !== undefined) return refused(refusal);
      const expiresAtMs = Date.now() + ttlSeconds * 1_000;
      const isHeld = await this.#legs.extend(journal.legs, ttlSeconds, journal.request.actor);
      if (!isHeld) return refused({ code: "reservation-expired" });
      return answer(this.#write({ ...withKey(journal, operation, { expiresAtMs }), expiresAtMs }), false);
    });
  }

  async release(id: string, operation: OperationKey): Promise<ReservationResult> {
    return this.#operate(id, operation, async (journal) => {
      if (journal.stage === "released") return answer(journal, true);
      const refusal = refuseEnded(journal);
      if (refusal !== undefined) return refused(refusal);
      const releasing: Journal = { ...withKey(journal, operation), stage: "releasing", end: "released" };
      return answer(await this.#drive(this.#write(releasing)), false);
    });
  }

  /** Expires on time, finishes what a crash left undone, and forgets what ended long ago. */
  override async alarm(): Promise<void> {
    this.#wake.fired();
    if (!this.#store.exists()) return;
    await Promise.all(this.#store.due(Date.now(), dueAtOnce).map((id) => this.#lookAfter(id)));
    this.#wake.by(Math.max(Date.now() + 1, this.#store.nextWakeAtMs() ?? Number.POSITIVE_INFINITY));
  }

  /** Never throws: one in trouble is tried again later, and keeps nobody else waiting. */
  async #lookAfter(id: string): Promise<void> {
    try {
      await this.#exclusive.run(id, async () => {
        const journal = this.#load(id);
        if (journal === undefined) return;
        const forgetAtMs = (journal.endedAtMs ?? Number.POSITIVE_INFINITY) + limits.reservationRetentionMs;
        if (isOver(journal) && forgetAtMs <= Date.now()) this.#store.forget(id);
        else if (isOver(journal)) this.#write(journal);
        else await this.#drive(journal);
      });
    } catch (error) {
      log("reservation.retried", { reservation: id }, { error });
      this.#store.postpone(id, Date.now() + patienceMs);
    }
  }

  async #hold(id: string, request: HoldRequest): Promise<Journal> {
    const times = { expiresAtMs: 0, firstExpiresAtMs: 0 };
    const base: Journal = { id, request, legs: legsOf(request), ...times, keys: {}, stage: "holding" };
    this.#write(base);
    const { legs, refusal } = await this.#legs.hold(base, nonce());
    if (refusal !== undefined) {
      return this.#drive(this.#write({ ...base, legs, refusal, stage: "releasing", end: "refused" }));
    }
    const expiresAtMs = Date.now() + request.ttlSeconds * 1_000;
    const held: Journal = { ...base, legs, expiresAtMs, firstExpiresAtMs: expiresAtMs, stage: "extending" };
    return this.#drive(this.#write(held));
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
        return { ...journal, committed: committed.legs, stage: "committed" };
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
    run: (journal: Journal) => Promise<ReservationResult>,
  ): Promise<ReservationResult> {
    return this.#exclusive.run(id, async () => {
      const known = this.#load(id);
      const journal = known && (await this.#drive(known));
      if (journal === undefined || journal.stage === "refused" || journal.stage === "holding") {
        return refused({ code: "reservation-not-found" });
      }
      const earlier = journal.keys[operation.key];
      if (earlier !== undefined && earlier.fingerprint !== operation.fingerprint)
        return refused({ code: "idempotency-key-reused" });
      if (earlier?.refusal !== undefined)
        return { outcome: "refused", replayed: true, refusal: earlier.refusal };
      const result = await run(journal);
      if (result.outcome === "refused") this.#write(withKey(journal, operation, { refusal: result.refusal }));
      return result;
    });
  }

  #load(id: string): Journal | undefined {
    return this.#store.exists() ? this.#store.load(id) : undefined;
  }

  #write(changed: Journal): Journal {
    const nowMs = Date.now();
    const journal = isOver(changed) ? { ...changed, endedAtMs: changed.endedAtMs ?? nowMs } : changed;
    const wake = wakeAtMs(journal, nowMs + patienceMs);
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
  return done(snapshotOf(journal), replayed);
}

/** What a hold is answered, however often it is repeated. */
function firstAnswer(journal: Journal, replayed: boolean): ReservationResult {
  if (journal.refusal !== undefined) return answer(journal, replayed);
  return done(heldSnapshotOf(journal, journal.firstExpiresAtMs), replayed);
}

function done(reservation: ReservationSnapshot, replayed: boolean): ReservationResult {
  return { outcome: "done", replayed, reservation };
}

function refused(refusal: ReservationRefusal): ReservationResult {
  return { outcome: "refused", replayed: false, refusal };
}

function nonce(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
}
