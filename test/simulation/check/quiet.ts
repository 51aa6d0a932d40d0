import type { StockView } from "../../../src/protocol/stock.ts";
import { publishedQuantity } from "../../../src/stock/publication.ts";
import type { Cloud } from "../cloud/cloud.ts";
import type { Shops } from "../market/shops.ts";
import type { Books } from "./books.ts";
import type { Report } from "./violation.ts";

/** A fault may still be felt so long after it happened: retries wait longer and longer, breakers rest. */
const aftermathMs = 30 * 60_000;
/** How long ago a change must be. A channel that takes numbers and shows them later is asked again a few times. */
const settledMs = 10 * 60_000;

/**
 * Checks, while a run goes on and shortly before channels are compared, that they have what was recorded a while ago: the
 * comparison would put right what was forgotten. Only where nobody but us changes the number.
 */
export function checkQuiet(cloud: Cloud, books: Books, shops: Shops, report: Report): void {
  const { nowMs } = cloud.timeline;
  if (cloud.faults.lastAtMs > nowMs - aftermathMs) return;
  for (const { sku, last, rows } of books.all) {
    if (last === undefined || last.committedAtMs > nowMs - settledMs) continue;
    const [level] = cloud.inLedger("SELECT view FROM levels WHERE sku = ?", sku);
    const view = level && (JSON.parse(String(level["view"])) as StockView);
    if (view?.epoch !== last.position.epoch || view.version !== last.position.version) {
      const minutes = Math.floor((nowMs - last.committedAtMs) / 60_000);
      report(
        "D1 is what the objects say",
        `${sku} has ${rows.length} entries, D1 not the last, of ${minutes} min ago`,
      );
      continue;
    }
    for (const { id } of shops.plans) {
      if (!shops.isSteady(id, sku) || shops.hasForgotten(id, sku)) continue;
      const wanted = publishedQuantity(view, shops.ruleOf(id), id);
      const shown = shops.shown(id, sku);
      if (shown !== wanted)
        report("a channel is told in time", `${id} shows ${shown} of ${sku}, it may show ${wanted}`);
    }
  }
}
