import type { GrantAnswer, GrantAsk, Keep } from "../escrow/contract.ts";
import { homeOf } from "../escrow/address.ts";
import { KeyFilter } from "../escrow/key-filter.ts";
import { leaseMs } from "../escrow/lease.ts";
import { isShort, quotaOf } from "../escrow/quota.ts";
import { limits } from "../protocol/limits.ts";
import { homesAt, type SkuState } from "../stock/state.ts";
import type { MutationRequest, MutationResult } from "./contract.ts";

/** How long a shard is waited for that is called back. */
const recallPatienceMs = 2_000;

const grantFingerprint = "grant";

export interface LenderEffects {
  state(): SkuState;
  mutate(requests: readonly MutationRequest[]): Promise<readonly MutationResult[]>;
  /** Calls a shard back: what it keeps of its grants. */
  recall(shard: number): Promise<readonly Keep[]>;
  /** Every idempotency key there is. */
  keys(): readonly string[];
  now(): number;
  sleep(ms: number): Promise<void>;
  recallFailed(shard: number, error: unknown): void;
}

/**
 * Lends a SKU's units to its shards: to the SKU, a grant is a reservation of its own ledger. Calls them back when somebody
 * would be refused for want of units that they do not hold for anybody.
 */
export class Lender {
  readonly #effects: LenderEffects;
  #recalling: Promise<void> | undefined;
  /** Every shard has given back what it did not hold, and none was granted anything since. */
  #isRecalled = false;
  #grants = 0;

  constructor(effects: LenderEffects) {
    this.#effects = effects;
  }

  /** Whether a shard that asks now is granted something. */
  get isGrantable(): boolean {
    return quotaOf(this.#effects.state()) !== undefined;
  }

  /** Whether shards may still have something to sell although they should not. */
  get isToRecall(): boolean {
    const { shards, granted } = this.#effects.state();
    return shards === 0 && granted > 0 && !this.#isRecalled;
  }

  async grant({ shard, ask, sinceMs }: GrantAsk): Promise<GrantAnswer> {
    const effects = this.#effects;
    const homes = homesAt(effects.state(), effects.now());
    if (homes === undefined) return {};
    const own = () => KeyFilter.of(effects.keys().filter((key) => homeOf(key, homes.shards) === shard));
    const known = {
      sinceMs: homes.sinceMs,
      ...(sinceMs !== homes.sinceMs && { knownKeys: own().toText() }),
    };
    const key = `shard\n${shard}\n${ask}`;
    if (shard >= homes.shards) return known;
    // Too little is refused under the number of the ask too: one that comes late must not be granted what nobody waits for.
    const quota = quotaOf(effects.state());
    if (quota !== undefined) {
      this.#grants += 1;
      this.#isRecalled = false;
    }
    const lease = { ttlSeconds: leaseMs / 1_000, nonce: crypto.randomUUID().replaceAll("-", "") };
    const tooMany = { quantity: limits.quantityMax + 1 };
    const mutation = { type: "reserve", ...(quota ?? tooMany), ...lease, shard } as const;
    const [result] = await effects.mutate([
      { mutation, key, fingerprint: grantFingerprint, isPassedOn: true },
    ]);
    if (result?.outcome !== "done" || result.event?.type !== "reserved") return known;
    const { reservationId: id, quantity, taken, expiresAt } = result.event;
    const location = taken[0]?.location ?? "";
    return {
      ...known,
      grant: { id, location, quantity, expiresAtMs: Date.parse(expiresAt), ...result.position },
    };
  }

  /** Takes in what a shard keeps of its grants; the rest is free. Grants that are no more are none of its. */
  async giveBack(shard: number, keeps: readonly Keep[]): Promise<void> {
    const { reservations } = this.#effects.state();
    const requests = keeps
      .filter(({ grantId }) => reservations.has(grantId))
      .map(({ grantId, keep }) => ({
        mutation: { type: "release" as const, reservationId: grantId, keep, shard },
        fingerprint: "",
      }));
    if (requests.length > 0) await this.#effects.mutate(requests);
  }

  /** Sees to it that nobody is refused units that a shard holds for nobody. */
  async before(requests: readonly MutationRequest[]): Promise<void> {
    if (this.#isRecalled) return;
    const mutations = requests.map(({ mutation }) => mutation);
    if (isShort(this.#effects.state(), mutations)) await this.recall();
  }

  /** Calls all shards back that have something. One that cannot be reached keeps what it has. */
  recall(): Promise<void> {
    this.#recalling ??= this.#recallAll().finally(() => {
      this.#recalling = undefined;
    });
    return this.#recalling;
  }

  async #recallAll(): Promise<void> {
    const before = this.#grants;
    const shards = new Set<number>();
    for (const { shard } of this.#effects.state().reservations.values()) {
      if (shard !== undefined) shards.add(shard);
    }
    const reached = await Promise.all([...shards].map((shard) => this.#recallOne(shard)));
    this.#isRecalled = reached.every(Boolean) && this.#grants === before;
  }

  async #recallOne(shard: number): Promise<boolean> {
    try {
      const late = this.#effects.sleep(recallPatienceMs).then(() => undefined);
      const keeps = await Promise.race([this.#effects.recall(shard), late]);
      if (keeps === undefined) throw new Error(`no answer within ${recallPatienceMs} ms`);
      await this.giveBack(shard, keeps);
      return true;
    } catch (error) {
      this.#effects.recallFailed(shard, error);
      return false;
    }
  }
}
