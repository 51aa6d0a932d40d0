import { DurableObject } from "cloudflare:workers";
import type { MutationRequest, MutationResult } from "../sku/contract.ts";
import { epochAt } from "../sku/epoch.ts";
import { GroupCommit } from "../storage/group-commit.ts";
import { Lane } from "../storage/lane.ts";
import { restoredAtMs } from "../storage/restored-at.ts";
import { Wake } from "../storage/wake.ts";
import { unreachable } from "../stock/refusal.ts";
import { log } from "../telemetry/log.ts";
import { mutations } from "../telemetry/metrics.ts";
import { parseShardName } from "./address.ts";
import type { ChangeAsk, HoldAsk, HoldView, Keep, ShardAnswer } from "./contract.ts";
import type { Command } from "./decide.ts";
import type { Reply } from "./decision.ts";
import { leaseMs, renewBelowMs } from "./lease.ts";
import { Shard } from "./shard.ts";
import { freeUnits, type Hold, isDirty, viewOf } from "./shard-state.ts";
import { ShardStore } from "./store.ts";

/** What could not be told, or has no answer, is tried again after this long. */
const retryMs = 5_000;

/** Requests in one call to the SkuObject. */
const requestsPerCallMax = 500;

/**
 * One of the objects that sell a SKU side by side: it has units that the SkuObject granted it, holds them for buyers, and
 * passes on what it cannot serve. Thin on purpose: `decide.ts` and `grants.ts` decide, `shard.ts` persists.
 */
export class ShardObject extends DurableObject<Env> {
  readonly #shard: Shard;
  readonly #store: ShardStore;
  readonly #wake: Wake;
  readonly #commits: GroupCommit<Command, Reply>;
  readonly #passOn: Lane<MutationRequest, MutationResult>;
  readonly #settle: Lane<MutationRequest, MutationResult>;
  #refilling: Promise<void> | undefined;
  #giving: Promise<void> | undefined;
  /** Whether it is worth while to ask for units: not after there were too few, until the SkuObject says otherwise. */
  #isGrantable = true;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    const address = parseShardName(ctx.id.name ?? "");
    this.#store = new ShardStore(ctx.storage.sql);
    const transaction = <Result>(run: () => Result) => ctx.storage.transactionSync(run);
    this.#shard = new Shard(address, this.#store, transaction, epochAt(restoredAtMs(env)));
    this.#wake = new Wake(ctx.storage);
    this.#commits = new GroupCommit(
      (commands) => this.#commit(commands),
      () => ctx.storage.sync(),
    );
    this.#passOn = new Lane(requestsPerCallMax, async (requests) => {
      const { results, isGrantable } = await this.#sku().passOn(requests);
      this.#isGrantable = isGrantable;
      return results;
    });
    this.#settle = new Lane(requestsPerCallMax, async (requests) => this.#sku().mutate(requests));
    if (this.#shard.state.asks > 0) this.#wake.by(this.#nextWakeAtMs(Date.now()));
  }

  /** Holds units for buyers, or has the SkuObject decide. Durable before it answers. */
  async hold(asks: HoldAsk[]): Promise<ShardAnswer[]> {
    await this.#stockUp(asks);
    const replies = await this.#commits.submit(asks);
    this.#afterwards();
    return Promise.all(
      asks.map(async ({ request }, index): Promise<ShardAnswer> => {
        const reply = replies[index];
        if (reply?.outcome === "done" || reply?.outcome === "refused") return reply;
        return { outcome: "of-sku", result: await this.#passOn.submit({ ...request, isPassedOn: true }) };
      }),
    );
  }

  /** Extends, releases or commits holds, each in the order of the request. */
  async change(asks: ChangeAsk[]): Promise<ShardAnswer[]> {
    const replies = await this.#commits.submit(asks);
    this.#afterwards();
    return Promise.all(asks.map((ask, index) => this.#finish(ask, replies[index])));
  }

  /** A hold, active or ended; undefined if there never was one. */
  async reservation(id: string): Promise<HoldView | undefined> {
    if (Date.now() >= this.#shard.state.nextExpiryAtMs) await this.#commits.submit([{ type: "expire" }]);
    const hold = this.#shard.state.holds.get(id) ?? this.#store.endedHold(id);
    return hold && viewOf(this.#shard.state, hold);
  }

  /** The SkuObject wants back what is not held. What an ask on its way brings is given back too. */
  async recall(): Promise<Keep[]> {
    await this.#refilling;
    if (this.#shard.state.isAsking) await this.#refill();
    const [reply] = await this.#commits.submit([{ type: "recall" }]);
    return reply?.outcome === "keeps" ? [...reply.keeps] : [];
  }

  /** Idempotent, and never needed on time: what is due expires before the next decision. */
  override async alarm(): Promise<void> {
    this.#wake.fired();
    const nowMs = Date.now();
    let restMs = 1;
    try {
      await this.#commits.submit([{ type: "expire" }]);
      await this.#renewLeases(nowMs);
      await this.#settleAll();
      if (this.#shard.state.isAsking) await this.#refill();
      await this.#give();
      this.#store.prune(nowMs);
    } catch (error) {
      log("shard.work_failed", this.#names(), { error });
      restMs = retryMs;
    }
    this.#wake.by(Math.max(this.#nextWakeAtMs(Date.now()), nowMs + restMs));
  }

  #sku() {
    return this.env.SKU.getByName(this.#shard.state.sku);
  }

  #names(): { sku: string; shard: number } {
    const { sku, shard } = this.#shard.state;
    return { sku, shard };
  }

  #commit(commands: readonly Command[]): readonly Reply[] {
    const nowMs = Date.now();
    const replies = this.#shard.commit(commands, nowMs);
    for (const [index, command] of commands.entries()) count(command, replies[index]);
    this.#wake.by(this.#nextWakeAtMs(nowMs));
    return replies;
  }

  async #finish(ask: ChangeAsk, reply: Reply | undefined): Promise<ShardAnswer> {
    if (reply?.outcome === "done" || reply?.outcome === "refused") return reply;
    if (reply?.outcome !== "settle") throw new Error(`a shard answered ${ask.type} with ${reply?.outcome}`);
    const result = await this.#tell(reply.hold);
    if (!reply.isOther) return { outcome: "of-sku", result };
    // Another commit was under way. It has ended by now, so this cannot go on for ever.
    const [again] = await this.#commits.submit([ask]);
    return this.#finish(ask, again);
  }

  /** Has the SkuObject record a commit, or answer again what it recorded. */
  async #tell({ id, grantId, commit, reference }: Hold): Promise<MutationResult> {
    if (commit === undefined) throw new Error(`hold ${id} is not being committed`);
    const { attempt, quantity, channel, orderId, lineId, actor } = commit;
    const { shard } = this.#shard.state;
    const order = { channel, orderId, lineId, actor, reference };
    const result = await this.#settle.submit({
      mutation: { type: "commit", reservationId: grantId, quantity, ...order, shard },
      key: `shard\n${id}\n${attempt}`,
      fingerprint: "commit",
    });
    await this.#commits.submit([{ type: "settled", id, attempt, result }]);
    this.#afterwards();
    return result;
  }

  async #settleAll(): Promise<void> {
    if (this.#shard.state.committing === 0) return;
    const open = [...this.#shard.state.holds.values()].filter(({ status }) => status === "committing");
    await Promise.all(open.map((hold) => this.#tell(hold)));
  }

  /** Asks for units if there are too few for these; what cannot be had is passed on. */
  async #stockUp(asks: readonly HoldAsk[]): Promise<void> {
    if (!this.#isGrantable) return;
    const wanted = asks.reduce((units, { request, isForSku }) => {
      return request.mutation.type === "reserve" && !isForSku ? units + request.mutation.quantity : units;
    }, 0);
    if (wanted === 0 || (this.#shard.state.isOpen && freeUnits(this.#shard.state) >= wanted)) return;
    await this.#refillOrLog();
  }

  /** Low water, or called back: what follows is done in the background. */
  #afterwards(): void {
    const { state } = this.#shard;
    const isLow = state.isOpen && freeUnits(state) * 2 < state.quota;
    if (isLow && this.#isGrantable && this.#refilling === undefined) this.ctx.waitUntil(this.#refillOrLog());
    else if (isDirty(state)) this.ctx.waitUntil(this.#giveOrLog());
  }

  async #refillOrLog(): Promise<void> {
    try {
      await this.#refill();
    } catch (error) {
      log("shard.work_failed", this.#names(), { error });
    }
  }

  #refill(): Promise<void> {
    this.#refilling ??= this.#askForUnits().finally(() => {
      this.#refilling = undefined;
    });
    return this.#refilling;
  }

  async #askForUnits(): Promise<void> {
    const [reply] = await this.#commits.submit([{ type: "ask" }]);
    if (reply?.outcome !== "ask") return;
    const { ask, sinceMs } = reply;
    const answer = await this.#sku().grant({ shard: this.#shard.state.shard, ask, sinceMs });
    this.#isGrantable = answer.grant !== undefined;
    await this.#commits.submit([{ type: "answered", ask, answer }]);
    if (isDirty(this.#shard.state)) this.ctx.waitUntil(this.#giveOrLog());
  }

  async #giveOrLog(): Promise<void> {
    try {
      await this.#give();
    } catch (error) {
      log("shard.work_failed", this.#names(), { error });
    }
  }

  /** Tells the SkuObject what is left of grants, until it has been told all. */
  #give(): Promise<void> {
    this.#giving ??= this.#tellKeeps().finally(() => {
      this.#giving = undefined;
    });
    return this.#giving;
  }

  async #tellKeeps(): Promise<void> {
    while (isDirty(this.#shard.state)) {
      const [reply] = await this.#commits.submit([{ type: "give" }]);
      if (reply?.outcome !== "keeps" || reply.keeps.length === 0) return;
      await this.#sku().giveBack(this.#shard.state.shard, [...reply.keeps]);
      await this.#commits.submit([{ type: "told", keeps: reply.keeps }]);
    }
  }

  async #renewLeases(nowMs: number): Promise<void> {
    const { shard, grants } = this.#shard.state;
    for (const grant of grants.values()) {
      if (grant.expiresAtMs - nowMs > renewBelowMs) continue;
      const renewal = {
        type: "extend",
        reservationId: grant.id,
        ttlSeconds: leaseMs / 1_000,
        shard,
      } as const;
      const [result] = await this.#sku().mutate([{ mutation: renewal, fingerprint: "" }]);
      const expiresAt =
        result?.outcome === "done" && result.event?.type === "extended" && result.event.expiresAt;
      const expiresAtMs = typeof expiresAt === "string" ? Date.parse(expiresAt) : undefined;
      await this.#commits.submit([{ type: "renewed", grantId: grant.id, expiresAtMs }]);
    }
  }

  #nextWakeAtMs(nowMs: number): number {
    const { state } = this.#shard;
    const retryAtMs = nowMs + retryMs;
    let atMs = Math.min(state.nextExpiryAtMs, nowMs + pruneMs);
    if (isDirty(state) || state.isAsking || state.committing > 0) atMs = Math.min(atMs, retryAtMs);
    // A lease that could not be renewed is renewed in a while: there are days left.
    for (const { expiresAtMs } of state.grants.values())
      atMs = Math.min(atMs, Math.max(expiresAtMs - renewBelowMs, retryAtMs));
    return Math.max(atMs, nowMs);
  }
}

/** How often records that are old enough are looked for. */
const pruneMs = 86_400_000;

/** What the SkuObject decides or records, it counts itself. */
function count(command: Command, reply: Reply | undefined): void {
  switch (command.type) {
    case "hold":
    case "extend":
    case "release":
    case "commit": {
      if (reply?.outcome !== "done" && reply?.outcome !== "refused") return;
      const type = command.type === "hold" ? "reserve" : command.type;
      mutations.add({ type, outcome: reply.replayed ? "replayed" : reply.outcome });
      return;
    }
    case "ask":
    case "answered":
    case "recall":
    case "give":
    case "told":
    case "renewed":
    case "settled":
    case "expire":
      return;
    default:
      unreachable(command);
  }
}
