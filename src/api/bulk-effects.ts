import type { Context } from "hono";
import type { BulkItem } from "../protocol/bulk.ts";
import { limits } from "../protocol/limits.ts";
import { parseEtag } from "../protocol/position.ts";
import { isHoldId, parseHoldId } from "../escrow/address.ts";
import type { ShardAnswer } from "../escrow/contract.ts";
import type { MutationRequest, MutationResult } from "../sku/contract.ts";
import { newestStock } from "../sku/latest-views.ts";
import { giveWay } from "../storage/give-way.ts";
import { limiter } from "../storage/limiter.ts";
import { unreachable } from "../stock/refusal.ts";
import { adoptCommitted } from "./adopt-orders.ts";
import type { AppEnv } from "../http/app-env.ts";
import type { BulkEffects, BulkMutation, BulkResult } from "./bulk.ts";
import { scopedTo } from "../http/idempotency.ts";
import { followHolds, freed } from "./reservations/agents.ts";
import { askShard, changeInShard, isForShard, learnShards } from "./reservations/sharded.ts";
import { sendNews } from "./send-news.ts";
import { toMutation } from "./stock-mutation.ts";
import { log } from "../telemetry/log.ts";

/** The items of a bulk request with what makes each safe to repeat. */
export async function toBulkMutations(
  c: Context<AppEnv>,
  items: readonly BulkItem[],
): Promise<BulkMutation[]> {
  const actor = c.get("principal").id;
  return Promise.all(
    items.map(async (item) => {
      const { key, ...payload } = item;
      const { sku: _, ifMatch, ...change } = payload;
      const idempotency = await scopedTo(c, key, payload);
      // The star is no position: any will do.
      const position = ifMatch === undefined ? undefined : parseEtag(ifMatch);
      const request = {
        mutation: { ...toMutation(change), actor },
        ...idempotency,
        ...(position !== undefined && { ifMatch: [position] }),
      };
      return { item, request };
    }),
  );
}

/** Bulk effects on the real objects, so many calls at a time. */
export function bulkEffects(c: Context<AppEnv>): BulkEffects {
  const run = limiter(limits.bulkCallsMax, giveWay);
  const actor = c.get("principal").id;
  return {
    mutate: (sku, requests) => run(() => mutate(c, sku, requests)),
    read: (sku) => run(async () => newestStock(c.env.SKU, sku)),
    kitsOf: (sku) => run(async () => c.env.SKU.getByName(sku).kits()),
    adopt: (sku, results) => adoptCommitted(c.env, sku, results, actor, run),
    failed: (sku, error) => log("bulk.mutation_failed", { sku }, { error }),
  };
}

/** A hold that shards must be asked for, or a change of one that a shard has: the SKU's object knows no such reservation. */
function isOfShard({ mutation }: MutationRequest, result: MutationResult): boolean {
  return isForShard(result) || ("reservationId" in mutation && isHoldId(mutation.reservationId));
}

/** One item at the shard that its key or its hold belongs to. Holds of a bulk request are made by the SKU itself. */
async function askShardFor(
  c: Context<AppEnv>,
  sku: string,
  { key = "", fingerprint, mutation }: MutationRequest,
  result: MutationResult,
): Promise<BulkResult> {
  if (isForShard(result)) {
    const shards = learnShards(sku, result.refusal.shards);
    const answer = await askShard(c, sku, { key, fingerprint, mutation }, shards, true);
    return resultOf(answer);
  }
  if (!("reservationId" in mutation) || parseHoldId(mutation.reservationId)?.sku !== sku) return result;
  const { reservationId: id } = mutation;
  switch (mutation.type) {
    case "extend":
      return resultOf(
        await changeInShard(c, { type: "extend", id, ttlSeconds: mutation.ttlSeconds, key, fingerprint }),
      );
    case "release": {
      const answer = await changeInShard(c, { type: "release", id, key, fingerprint });
      if (answer.outcome === "done") await freed(c, id);
      return resultOf(answer);
    }
    case "commit": {
      const { quantity, channel, orderId, lineId } = mutation;
      const actor = c.get("principal").id;
      const ask = { type: "commit" as const, id, quantity, channel, orderId, lineId, actor };
      const answer = await changeInShard(c, { ...ask, key, fingerprint });
      if (answer.outcome === "of-sku" && answer.result.outcome === "done") await freed(c, id);
      return resultOf(answer);
    }
    default:
      return result;
  }
}

function resultOf(answer: ShardAnswer): BulkResult {
  switch (answer.outcome) {
    case "of-sku":
      return answer.result;
    case "refused":
      return answer;
    case "done":
      return { outcome: "held", replayed: answer.replayed };
    default:
      return unreachable(answer);
  }
}

async function mutate(c: Context<AppEnv>, sku: string, requests: MutationRequest[]): Promise<BulkResult[]> {
  const { results, news } = await c.env.SKU.getByName(sku).mutateAndHandOver(requests);
  sendNews(c, news);
  await followHolds(c, results);
  return Promise.all(
    results.map(async (result, index) => {
      const request = requests[index];
      if (request === undefined || !isOfShard(request, result)) return result;
      return askShardFor(c, sku, request, result);
    }),
  );
}
