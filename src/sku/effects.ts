import { shardName } from "../escrow/address.ts";
import { ledgerOf } from "../ledger/bindings.ts";
import { latelyAdded } from "../ledger/lately-added.ts";
import { sendStockEvents } from "../ledger/outgoing.ts";
import { reachedIn } from "../ledger/reach.ts";
import type { SkuState } from "../stock/state.ts";
import { stockView } from "../stock/view.ts";
import { log } from "../telemetry/log.ts";
import type { MutationRequest, MutationResult } from "./contract.ts";
import type { FollowersEffects } from "./followers.ts";
import type { LenderEffects } from "./lender.ts";
import type { OutboxEffects } from "./outbox.ts";
import type { SkuStore } from "./store.ts";

/** What the parts of a SkuObject have around them. */
export interface Surroundings {
  readonly env: Env;
  readonly store: SkuStore;
  readonly state: () => SkuState;
  /** Kits that are made of this SKU. */
  readonly usedBy: () => readonly string[];
  readonly mutate: (requests: readonly MutationRequest[]) => Promise<MutationResult[]>;
}

/** How units are lent to shards, and recalled. */
export function lenderEffects({ env, store, state, mutate }: Surroundings): LenderEffects {
  return {
    state,
    mutate,
    recall: (shard) => env.SHARD.getByName(shardName({ sku: state().sku, shard })).recall(),
    keys: () => store.ledger.keys(),
    now: () => Date.now(),
    sleep: (ms) => scheduler.wait(ms),
    recallFailed: (shard, error) => log("sku.recall_failed", { sku: state().sku, shard }, { error }),
  };
}

/** How feeds are told of changes. */
export function followersEffects({ env, store, state }: Surroundings): FollowersEffects {
  return {
    now: () => Date.now(),
    sleep: (ms) => scheduler.wait(ms),
    push: (feed) => env.FEED.getByName(feed).push(stockView(state(), Date.now())),
    save: (followers) => store.saveFollowers(followers),
  };
}

/** How entries are read and sent, and the ledger of all SKUs is asked whether it has them. */
export function outboxEffects({ env, store, state, usedBy }: Surroundings): OutboxEffects {
  return {
    entriesAfter: (position, limit) => store.ledger.entriesAfter(position, limit),
    settledAfter: (position, byMs, nowMs) => store.ledger.settledAfter(position, byMs, nowMs),
    reached: async (run) => {
      const { sku } = state();
      return latelyAdded.reached(sku, run) ?? reachedIn(await ledgerOf(env).of(sku), sku, run);
    },
    lookFailed: (error) => log("outbox.look_failed", { sku: state().sku }, { error }),
    stock: () => stockView(state(), Date.now()),
    usedBy,
    send: (message) => sendStockEvents(env.STOCK_EVENTS, [message]),
    sendFailed: (error) => log("outbox.send_failed", { sku: state().sku }, { error }),
    now: () => Date.now(),
    random: () => Math.random(),
  };
}
