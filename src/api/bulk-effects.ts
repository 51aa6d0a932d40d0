import type { Context } from "hono";
import type { BulkItem } from "../protocol/bulk.ts";
import { limits } from "../protocol/limits.ts";
import { parseEtag } from "../protocol/position.ts";
import type { MutationRequest, MutationResult } from "../sku/contract.ts";
import { adoptCommitted } from "./adopt-orders.ts";
import type { AppEnv } from "../http/app-env.ts";
import type { BulkEffects, BulkMutation } from "./bulk.ts";
import { scopedTo } from "../http/idempotency.ts";
import { limiter } from "./limiter.ts";
import { followHolds } from "./reservations/agents.ts";
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
  const run = limiter(limits.bulkCallsMax);
  const actor = c.get("principal").id;
  return {
    mutate: (sku, requests) => run(() => mutate(c, sku, requests)),
    read: (sku) => run(async () => c.env.SKU.getByName(sku).read()),
    kitsOf: (sku) => run(async () => c.env.SKU.getByName(sku).kits()),
    adopt: (sku, results) => adoptCommitted(c.env, sku, results, actor, run),
    failed: (sku, error) => log("bulk.mutation_failed", { sku }, { error }),
  };
}

async function mutate(
  c: Context<AppEnv>,
  sku: string,
  requests: MutationRequest[],
): Promise<MutationResult[]> {
  const { results, news } = await c.env.SKU.getByName(sku).mutateAndHandOver(requests);
  sendNews(c, news);
  await followHolds(c, results);
  return results;
}
