import { ledgerOf } from "../../ledger/bindings.ts";
import { knownSkus } from "../../ledger/queries.ts";
import type { StockView } from "../../protocol/stock.ts";
import { newestStock } from "../../sku/latest-views.ts";
import { giveWay } from "../../storage/give-way.ts";
import type { CareEffects } from "./care.ts";
import { correctionRequest } from "./drift-correction.ts";

/** SKUs read at once. */
const skusAtOnce = 16;

/** How a channel's care reaches the SKUs and the ledger. */
export function skuAccess(
  env: Pick<Env, "SKU" | "LEDGER" | "LEDGER_SHARDS">,
): Pick<CareEffects, "known" | "stockOf" | "correct"> {
  return {
    known: (skus) => knownSkus(ledgerOf(env), skus),
    async stockOf(skus) {
      const stocks: StockView[] = [];
      for (let start = 0; start < skus.length; start += skusAtOnce) {
        const slice = skus.slice(start, start + skusAtOnce);
        const views = await Promise.all(slice.map((sku) => newestStock(env.SKU, sku)));
        stocks.push(...views.filter((view) => view !== undefined));
        await giveWay();
      }
      return stocks;
    },
    async correct(correction) {
      const [result] = await env.SKU.getByName(correction.sku).mutate([correctionRequest(correction)]);
      return result;
    },
  };
}
