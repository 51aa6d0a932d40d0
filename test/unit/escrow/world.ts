import { expect } from "vitest";
import { homeOf } from "../../../src/escrow/address.ts";
import type { ChangeAsk, HoldAsk } from "../../../src/escrow/contract.ts";
import type { Command } from "../../../src/escrow/decide.ts";
import type { Reply } from "../../../src/escrow/decision.ts";
import { Shard } from "../../../src/escrow/shard.ts";
import { freeUnits, type Hold, isDirty } from "../../../src/escrow/shard-state.ts";
import { ShardStore } from "../../../src/escrow/store.ts";
import type { MutationRequest, MutationResult } from "../../../src/sku/contract.ts";
import { epochAt } from "../../../src/sku/epoch.ts";
import { Lender } from "../../../src/sku/lender.ts";
import { MemorySql } from "../sku/sqlite.ts";
import { StoredSku } from "../sku/stored-sku.ts";

export const shards = 3;

/** What becomes of a call: it arrives and is answered, is lost, its answer is lost, or it arrives later, unanswered. */
export type Fate = "ok" | "lost" | "unanswered" | "late";

interface Buyer {
  readonly request: MutationRequest & { readonly key: string };
  answer?: string;
}

/** A SKU, its lender and its shards on real SQL; the calls between them, which may be lost or late, are the test's. */
export class World {
  readonly sku = new StoredSku("A", 5);
  #currentFrom = "";
  readonly #disks = Array.from({ length: shards }, () => new MemorySql());
  readonly #shards = this.#disks.map((_, index) => this.#open(index));
  #lender = this.#newLender();
  readonly #late: (() => Promise<unknown>)[] = [];
  readonly buyers: Buyer[] = [];
  /** Ids of what shards held, and of what the SKU did. */
  readonly holds: string[] = [];
  #keys = 0;

  #open(index: number): Shard {
    const disk = this.#disks[index];
    if (disk === undefined) throw new Error("no such shard");
    return new Shard({ sku: "A", shard: index }, new ShardStore(disk), disk.transaction, this.#currentFrom);
  }

  #newLender(): Lender {
    return new Lender({
      state: () => this.sku.keeper.state,
      mutate: async (requests) => this.sku.commit(requests),
      recall: async () => [],
      keys: () => this.sku.store.ledger.keys(),
      now: () => this.sku.nowMs,
      sleep: () => new Promise(() => undefined),
      recallFailed: () => undefined,
    });
  }

  shard(index: number): Shard {
    const shard = this.#shards[index % shards];
    if (shard === undefined) throw new Error("no such shard");
    return shard;
  }

  tell(index: number, command: Command): Reply {
    const [reply] = this.shard(index).commit([command], this.sku.nowMs);
    if (reply === undefined) throw new Error("no reply");
    return reply;
  }

  async #call<Result>(fate: Fate, run: () => Promise<Result>): Promise<Result | undefined> {
    if (fate === "lost") return undefined;
    if (fate === "late") {
      this.#late.push(run);
      return undefined;
    }
    const result = await run();
    return fate === "ok" ? result : undefined;
  }

  /** One of the calls that are late arrives. */
  async arrive(which: number): Promise<void> {
    const [run] = this.#late.splice(which % Math.max(1, this.#late.length), 1);
    await run?.();
  }

  newBuyer(quantity: number, ttlSeconds: number): Buyer {
    this.#keys += 1;
    const nonce = `n${String(this.#keys).padStart(21, "0")}`;
    const mutation = { type: "reserve", quantity, ttlSeconds, nonce } as const;
    const buyer: Buyer = {
      request: { mutation, key: `b${this.#keys}`, fingerprint: `${quantity} ${ttlSeconds}` },
    };
    this.buyers.push(buyer);
    return buyer;
  }

  /** As the API does: by way of the SKU if the caller has not heard of shards, which sends him there. */
  async buy(buyer: Buyer, hasHeard: boolean, fate: Fate): Promise<void> {
    const { request } = buyer;
    if (!hasHeard) {
      const [result] = this.sku.commit([request]);
      if (result?.outcome !== "refused" || result.refusal.code !== "ask-shard")
        return this.#answered(buyer, result);
    }
    const ask: HoldAsk = { type: "hold", request, isForSku: false };
    const reply = this.tell(homeOf(request.key, shards), ask);
    if (reply.outcome === "done") {
      const { id } = reply.hold;
      if (!this.holds.includes(id)) this.holds.push(id);
      return this.#told(buyer, JSON.stringify(reply.hold));
    }
    if (reply.outcome !== "pass") throw new Error(`a hold was answered ${reply.outcome}`);
    const result = await this.#call(fate, async () => this.sku.commit([{ ...request, isPassedOn: true }])[0]);
    if (result !== undefined) this.#answered(buyer, result);
  }

  #answered(buyer: Buyer, result: MutationResult | undefined): void {
    if (result === undefined) throw new Error("no result");
    if (result.outcome === "done") return this.#told(buyer, JSON.stringify(result.event));
    // A SKU that nobody has made yet is no answer that would stick.
    if (result.refusal.code === "insufficient-stock") this.#told(buyer, "refused");
  }

  /** A key is answered once, and the same ever after. */
  #told(buyer: Buyer, answer: string): void {
    buyer.answer ??= answer;
    expect(answer).toBe(buyer.answer);
  }

  async change(ask: ChangeAsk, fate: Fate): Promise<void> {
    const index = Number(/^rse_[^.]+\.(\d)/.exec(ask.id)?.[1]);
    const reply = this.tell(index, ask);
    if (reply.outcome === "settle") await this.settle(index, reply.hold, fate);
  }

  async settle(index: number, hold: Hold, fate: Fate): Promise<void> {
    const { id, grantId, commit } = hold;
    if (commit === undefined) return;
    const { attempt, quantity, channel, orderId, lineId } = commit;
    const mutation = {
      type: "commit",
      reservationId: grantId,
      quantity,
      channel,
      orderId,
      lineId,
      shard: index,
    } as const;
    const request = { mutation, key: `shard\n${id}\n${attempt}`, fingerprint: "commit" };
    const result = await this.#call(fate, async () => this.sku.commit([request])[0]);
    if (result !== undefined) this.tell(index, { type: "settled", id, attempt, result });
  }

  async ask(index: number, fate: Fate): Promise<void> {
    const reply = this.tell(index, { type: "ask" });
    if (reply.outcome !== "ask") throw new Error("a shard that does not ask");
    const { ask, sinceMs } = reply;
    const answer = await this.#call(fate, () => this.#lender.grant({ shard: index, ask, sinceMs }));
    if (answer !== undefined) this.tell(index, { type: "answered", ask, answer });
  }

  async give(index: number, fate: Fate, isRecall: boolean): Promise<void> {
    const reply = this.tell(index, { type: isRecall ? "recall" : "give" });
    if (reply.outcome !== "keeps") throw new Error("a shard that does not say what it keeps");
    const { keeps } = reply;
    const isTold = await this.#call(fate, async () => {
      await this.#lender.giveBack(index, keeps);
      return true;
    });
    // What a recall was answered, the shard is not told that it arrived.
    if (isTold === true && !isRecall) this.tell(index, { type: "told", keeps });
  }

  crashShard(index: number): void {
    this.#shards[index % shards] = this.#open(index % shards);
  }

  /** Everybody begins anew with what is stored. */
  restore(): void {
    this.sku.nowMs += 1_000;
    this.#currentFrom = epochAt(this.sku.nowMs);
    this.sku.keeper.restore(this.sku.nowMs);
    for (let index = 0; index < shards; index += 1) this.crashShard(index);
  }

  crashSku(): void {
    this.sku.crash();
    this.#lender = this.#newLender();
  }

  openHolds(): { readonly index: number; readonly hold: Hold }[] {
    return this.#shards.flatMap((shard, index) =>
      [...shard.state.holds.values()].map((hold) => ({ index, hold })),
    );
  }

  /** Nothing is promised twice, and no shard believes that it has more than is reserved for it. */
  check(): void {
    this.sku.do({ type: "expire" });
    for (let index = 0; index < shards; index += 1) this.tell(index, { type: "expire" });
    const { state } = this.sku.keeper;
    const { onHand, committed, reserved, available } = this.sku.view;
    expect(available + reserved + committed).toBe(onHand);
    let granted = 0;
    let own = 0;
    for (const reservation of state.reservations.values()) {
      if (reservation.shard === undefined) own += reservation.quantity;
      else granted += reservation.quantity;
    }
    expect(state.granted).toBe(granted);
    let promised = committed + own;
    for (const [index, shard] of this.#shards.entries()) {
      expect(freeUnits(shard.state)).toBeGreaterThanOrEqual(0);
      const committing = [...shard.state.holds.values()].filter(({ status }) => status === "committing");
      expect(shard.state.committing).toBe(committing.length);
      for (const grant of shard.state.grants.values()) {
        const holds = [...shard.state.holds.values()].filter(({ grantId }) => grantId === grant.id);
        expect(grant.held).toBe(holds.reduce((units, { quantity }) => units + quantity, 0));
        expect(grant.held).toBeLessThanOrEqual(grant.quantity);
        const applied = holds.reduce(
          (units, hold) => units + (this.#isApplied(hold) ? (hold.commit?.quantity ?? 0) : 0),
          0,
        );
        const reservation = state.reservations.get(grant.id);
        if (reservation !== undefined) expect(reservation.shard).toBe(index);
        expect(grant.quantity - applied).toBeLessThanOrEqual(reservation?.quantity ?? 0);
        promised += grant.held - applied;
      }
    }
    if (available >= 0) expect(promised).toBeLessThanOrEqual(onHand);
  }

  /** Whether the SKU has recorded a commit that the shard does not know of yet. */
  #isApplied({ id, status, commit }: Hold): boolean {
    if (status !== "committing" || commit === undefined) return false;
    return this.sku.store.ledger.answerTo(`shard\n${id}\n${commit.attempt}`)?.kind === "done";
  }

  /** All that is late arrives, shards are switched off, and every call is answered. */
  async settleAll(): Promise<void> {
    while (this.#late.length > 0) await this.arrive(0);
    this.sku.do({ type: "create", shards: 0 });
    for (let index = 0; index < shards; index += 1) {
      if (this.shard(index).state.isAsking) await this.ask(index, "ok");
    }
    for (const { index, hold } of this.openHolds()) {
      if (hold.status === "committing") await this.settle(index, hold, "ok");
    }
    for (let index = 0; index < shards; index += 1) {
      await this.give(index, "ok", true);
      for (let times = 0; isDirty(this.shard(index).state); times += 1) {
        expect(times).toBeLessThan(5);
        await this.give(index, "ok", false);
      }
    }
    this.check();
  }
}
