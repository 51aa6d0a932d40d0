import { DurableObject } from "cloudflare:workers";
import { orderObjectName } from "../../order/address.ts";
import { limits } from "../../protocol/limits.ts";
import { reservationObjectName } from "../../reservation/address.ts";
import { type Backoff, halfJitter } from "../../storage/backoff.ts";
import { KeyedExclusive } from "../../storage/exclusive.ts";
import { Wake } from "../../storage/wake.ts";
import { log } from "../../telemetry/log.ts";
import type { ApprovalRequest, Verdict } from "./contract.ts";
import {
  answered,
  answerTo,
  approvedAgain,
  begun,
  cartOf,
  emptyJournal,
  type Hold,
  isUnfinished,
  type Journal,
  late,
  settled,
  tooLate,
  undoing,
  undone,
  withdrawn,
} from "./journal.ts";
import { ApprovalStore } from "./store.ts";
import { actorOf, type SoldLine, Taking } from "./taking.ts";

/** What is found unfinished is given back by then, also after a crash; the question is over by then. */
const safetyNetMs = 6_000;
const undoBackoff: Backoff = { baseMs: 4_000, maxMs: 300_000 };
/** How many overdue orders one alarm looks after at once; the rest follow in the next. */
const dueAtOnce = 50;
/** Holds that were over before they could be sold are made anew so often. */
const holdsMax = 3;

/**
 * Decides whether orders may be paid, while their channel waits: units are held, then sold, and only then approved. What
 * is not approved in time is declined, and given back whatever crashes. The same question gets the same answer.
 */
export class ApprovalObject extends DurableObject<Env> {
  readonly #store: ApprovalStore;
  readonly #wake: Wake;
  readonly #exclusive = new KeyedExclusive();
  readonly #taking: Taking;
  #failures = 0;
  #hasSchema = false;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#store = new ApprovalStore(ctx.storage.sql);
    this.#wake = new Wake(ctx.storage);
    this.#taking = new Taking(env.SKU, {
      of: (id) => env.RESERVATION.getByName(reservationObjectName(id)),
    });
    void ctx.blockConcurrencyWhile(async () => {
      if (!this.#store.exists()) return;
      ctx.storage.transactionSync(() => this.#store.migrate());
      this.#hasSchema = true;
      await this.#wake.load();
      // An alarm that was lost is set again by whoever comes next.
      this.#wake.by(this.#store.nextWakeAtMs() ?? Number.POSITIVE_INFINITY);
    });
  }

  /** Answers by `decideByMs`, whatever the SKUs do. */
  async approve(request: ApprovalRequest): Promise<Verdict> {
    const { promise, resolve } = Promise.withResolvers<Verdict>();
    const giveUp = () => resolve(this.#giveUp(request));
    const timer = setTimeout(giveUp, Math.max(0, request.decideByMs - Date.now()));
    const work = this.#exclusive
      .run(request.orderId, () => this.#decide(request))
      .then(resolve, (error: unknown) => {
        log("approval.failed", { channel: request.channel, order: request.orderId }, { error });
        giveUp();
      });
    // What goes back after the answer is no reason to let the caller wait.
    this.ctx.waitUntil(work);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
    }
  }

  /** The answer to a question could not be given in time: it counts as declined. */
  async withdraw(request: ApprovalRequest): Promise<void> {
    await this.#exclusive.run(request.orderId, async () => {
      const journal = this.#update(request, (known) => withdrawn(known, request));
      if (isUnfinished(journal)) await this.#undo(request);
    });
  }

  /** The order will not be paid: what was approved goes back. Answers whether there was something. */
  async abandon(channel: string, orderId: string): Promise<boolean> {
    return this.#exclusive.run(orderId, async () => {
      const known = this.#load(orderId);
      if (known?.current === undefined) return false;
      await this.#undo({ channel, orderId });
      return true;
    });
  }

  /** Gives back what a crash left half done, and forgets what was decided long ago. */
  override async alarm(): Promise<void> {
    this.#wake.fired();
    if (!this.#hasSchema) return;
    await Promise.all(this.#store.due(Date.now(), dueAtOnce).map((orderId) => this.#lookAfter(orderId)));
    this.#wake.by(Math.max(Date.now() + 1, this.#store.nextWakeAtMs() ?? Number.POSITIVE_INFINITY));
  }

  /** Never throws: one in trouble is tried again later, and keeps nobody else waiting. */
  async #lookAfter(orderId: string): Promise<void> {
    await this.#exclusive.run(orderId, async () => {
      const journal = this.#load(orderId);
      // It may have been decided since.
      if (journal === undefined || !this.#store.isDue(orderId, Date.now())) return;
      if (!isUnfinished(journal)) {
        this.#store.forget(orderId);
        return;
      }
      try {
        await this.#undo(journal);
        this.#failures = 0;
      } catch (error) {
        log("approval.undone_later", { channel: journal.channel, order: orderId }, { error });
        this.#failures += 1;
        this.#save(journal, Date.now() + halfJitter(undoBackoff, this.#failures, Math.random()));
      }
    });
  }

  async #decide(request: ApprovalRequest): Promise<Verdict> {
    for (;;) {
      const journal = this.#load(request.orderId) ?? emptyJournal(request);
      const known = answerTo(journal, request);
      if (known !== undefined) return known;
      if (Date.now() >= request.decideByMs) return this.#giveUp(request);
      const { current } = journal;
      if (current === undefined) return this.#take(request, journal.attempts + 1);
      const isSameCart = current.cart === cartOf(request);
      if (current.stage === "taking" && current.delivery === request.delivery && isSameCart) {
        return this.#take(request, current.number, current.hold);
      }
      if (current.stage === "approved" && isSameCart && (await this.#taking.isWhole(request, current))) {
        return this.#answerOf(request, (before) => approvedAgain(before, request));
      }
      // Of another cart, or half done: a checkout has one cart at a time, and this is it now.
      await this.#undo(request);
    }
  }

  /** `begunHold`: what an attempt of that number holds already, or has sold. */
  async #take(request: ApprovalRequest, first: number, begunHold?: Hold): Promise<Verdict> {
    for (let number = first; number < first + holdsMax; number += 1) {
      const isResumed = number === first && begunHold !== undefined;
      const held = isResumed
        ? ({ outcome: "held", hold: begunHold } as const)
        : await this.#taking.hold(request, number, Date.now());
      if (held.outcome === "over") continue;
      if (held.outcome === "refused") {
        const { reason } = held;
        return this.#answerOf(request, (before) =>
          answered(before, request, { outcome: "declined", reason }),
        );
      }
      const after = await this.#sell(request, number, held.hold);
      if (after.current?.stage !== "approved") await this.#undo(request);
      const verdict = answerTo(after, request);
      if (verdict !== undefined) return verdict;
    }
    return this.#giveUp(request);
  }

  /** Sells what is held, unless it is too late by then; answers how things stand. */
  async #sell(request: ApprovalRequest, number: number, hold: Hold): Promise<Journal> {
    const journal = this.#update(request, (before) => begun(before, request, number, hold));
    if (journal.current?.stage !== "taking") return journal;
    const sold = await this.#taking.sell(request, number, hold);
    if (sold === undefined) return this.#load(request.orderId) ?? journal;
    await this.#tellOrder(request, sold);
    const legs = sold.map((line) => line.legs);
    return this.#update(request, (before) => settled(before, request, legs, Date.now()));
  }

  async #tellOrder(request: ApprovalRequest, sold: readonly SoldLine[]): Promise<void> {
    const { channel, orderId } = request;
    const lines = request.lines.map(({ lineId, sku, quantity }) => ({ lineId, sku, quantity }));
    const fact = { channel, orderId, lines, actor: actorOf(request) };
    const records = sold.map(({ legs, result }) => ({ legs, result }));
    await this.#orderOf(request).approve(fact, records);
  }

  /** Gives back what is taken for an order, and takes its lines from the order. May be repeated. */
  async #undo(order: { readonly channel: string; readonly orderId: string }): Promise<void> {
    const { current } = this.#update(order, undoing);
    if (current === undefined) return;
    await this.#taking.undo(order, current);
    await this.#orderOf(order).disown(
      order.orderId,
      current.lines.map(({ lineId }) => lineId),
    );
    this.#update(order, undone);
  }

  #giveUp(request: ApprovalRequest): Verdict {
    return this.#answerOf(request, (before) => late(before, request));
  }

  #answerOf(request: ApprovalRequest, change: (journal: Journal) => Journal): Verdict {
    return answerTo(this.#update(request, change), request) ?? tooLate;
  }

  #orderOf({ channel, orderId }: { readonly channel: string; readonly orderId: string }) {
    return this.env.ORDER.getByName(orderObjectName(channel, orderId));
  }

  #load(orderId: string): Journal | undefined {
    return this.#hasSchema ? this.#store.load(orderId) : undefined;
  }

  /** Reads, changes and writes in one step, so that what happens meanwhile is never overwritten. */
  #update(
    order: { readonly channel: string; readonly orderId: string },
    change: (journal: Journal) => Journal,
  ): Journal {
    const before = this.#load(order.orderId) ?? emptyJournal(order);
    const after = change(before);
    if (after === before) return before;
    const waitMs = isUnfinished(after) ? safetyNetMs : limits.approvalRetentionMs;
    this.#save(after, Date.now() + waitMs);
    return after;
  }

  #save(journal: Journal, wakeAtMs: number): void {
    this.ctx.storage.transactionSync(() => {
      if (!this.#hasSchema) this.#store.migrate();
      this.#store.save(journal, wakeAtMs);
    });
    this.#hasSchema = true;
    this.#wake.by(wakeAtMs);
  }
}
