import type { StockView } from "../../../src/protocol/stock.ts";
import { publishedQuantity } from "../../../src/stock/publication.ts";
import { publishEvent } from "../../../src/stock/publish.ts";
import type { Cloud } from "../cloud/cloud.ts";
import type { Line } from "../load/steps.ts";
import type { Shops } from "../market/shops.ts";
import type { Books } from "./books.ts";
import type { Report } from "./violation.ts";

/** Checks, when faults have stopped and everything has had its time, that everybody knows the same. */
export function checkConvergence(cloud: Cloud, books: Books, shops: Shops, report: Report): void {
  for (const { sku, rows, last, shelf, open } of books.all) {
    if (last === undefined) continue;
    const inLedger = cloud.inLedger(
      "SELECT epoch, version, event FROM ledger WHERE sku = ? ORDER BY epoch, version",
      sku,
    );
    const missing = rows.findIndex(({ position, event }, index) => {
      const entry = inLedger[index];
      return entry?.["event"] !== JSON.stringify(publishEvent(sku, position, event));
    });
    if (missing >= 0 || inLedger.length !== rows.length) {
      const where = rows[missing]?.position;
      const counts = `D1 has ${inLedger.length} entries of ${rows.length}`;
      report(
        "D1 is what the objects say",
        `${sku}: ${counts}; the first difference is at version ${where?.version}`,
      );
    }
    const [level] = cloud.inLedger("SELECT view FROM levels WHERE sku = ?", sku);
    if (level === undefined) {
      report("D1 is what the objects say", `${sku} has no level in D1`);
      continue;
    }
    const view = JSON.parse(String(level["view"])) as StockView;
    const { epoch, version } = last.position;
    if (view.epoch !== epoch || view.version !== version) {
      report(
        "D1 is what the objects say",
        `${sku} is at ${epoch}.${version}, D1 at ${view.epoch}.${view.version}`,
      );
      continue;
    }
    const difference = shelf.differsFrom(view);
    if (difference !== undefined) report("the ledger adds up to the state", `${sku} in D1: ${difference}`);
    const overdue = open.filter(([, expiresAtMs]) => expiresAtMs < cloud.timeline.nowMs - 60_000);
    for (const [id] of overdue) report("a reservation ends once", `${id} has not ended`);
    for (const { id } of shops.plans) checkShop(id, shops, view, report);
  }
}

function checkShop(id: string, shops: Shops, view: StockView, report: Report): void {
  const wanted = publishedQuantity(view, shops.ruleOf(id), id);
  const actual = shops.shown(id, view.sku);
  if (actual !== wanted)
    report("channels converge", `${id} shows ${actual} of ${view.sku}, it may show ${wanted}`);
}

/** Checks that there are as many of each kit as its components allow. */
export function checkKits(kits: ReadonlyMap<string, readonly Line[]>, books: Books, report: Report): void {
  for (const [kit, components] of kits) {
    const told = books.of(kit).shelf.kits;
    if (told === undefined) continue;
    const allowed = components.map(({ sku, quantity }) =>
      Math.floor(Math.max(0, books.of(sku).shelf.available) / quantity),
    );
    if (told === Math.min(...allowed)) continue;
    report(
      "a kit is what its components allow",
      `there are ${told} of ${kit}, it may be ${Math.min(...allowed)}`,
    );
  }
}
