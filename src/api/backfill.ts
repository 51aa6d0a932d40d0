import { ledgerOf } from "../ledger/bindings.ts";
import { viewsAfter } from "../ledger/queries.ts";
import { giveWay } from "../storage/give-way.ts";

const pageItems = 500;

/**
 * Tells a channel of every SKU the ledger knows. The channel must be registered first: what changes meanwhile then
 * reaches it from the queue, and the newer of the two wins.
 */
export async function backfillChannel(env: Env, id: string): Promise<void> {
  const channel = env.CHANNEL.getByName(id);
  let after = "";
  for (;;) {
    const stocks = await viewsAfter(ledgerOf(env), after, pageItems);
    if (stocks.length > 0) await channel.backfill(stocks.map((stock) => ({ stock })));
    const last = stocks.at(-1);
    if (last === undefined || stocks.length < pageItems) return;
    after = last.sku;
    await giveWay();
  }
}
