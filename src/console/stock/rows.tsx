import type { StockView } from "../../protocol/stock.ts";
import { Quantity } from "../parts/quantity.tsx";
import { StatusMark } from "../parts/status.tsx";
import { addressOf } from "../route.ts";
import { useStock } from "../use-stock.ts";

/** Further columns, for which there is room on wide screens only. */
const more = [
  ["On hand", "onHand"],
  ["Committed", "committed"],
  ["Reserved", "reserved"],
  ["Incoming", "incoming"],
] as const;

export function StockHead() {
  return (
    <div class="rows-head" role="rowgroup">
      <div class="stock-row" role="row" aria-rowindex={1}>
        <span role="columnheader">SKU</span>
        <span role="columnheader" class="stock-title">
          Title
        </span>
        <span role="columnheader" class="stock-status">
          Status
        </span>
        <span role="columnheader" class="number">
          Available
        </span>
        {more.map(([name]) => (
          <span key={name} role="columnheader" class="number stock-more">
            {name}
          </span>
        ))}
      </div>
    </div>
  );
}

/** One SKU, with live numbers as long as its row is drawn. */
export function StockRow({ index, from }: { index: number; from: StockView }) {
  const stock = useStock(from);
  return (
    <div class="stock-row row" role="row" aria-rowindex={index + 2} data-row={index}>
      <span role="cell" class="stock-sku">
        <a href={addressOf(["skus", stock.sku])}>{stock.sku}</a>
      </span>
      <span role="cell" class="stock-title">
        {stock.title}
      </span>
      <span role="cell" class="stock-status">
        <StatusMark status={stock.status} />
      </span>
      <span role="cell" class="number stock-available">
        <Quantity value={stock.available} />
      </span>
      {more.map(([name, field]) => (
        <span key={name} role="cell" class="number stock-more">
          <Quantity value={stock[field]} dim />
        </span>
      ))}
    </div>
  );
}

/** Where a SKU will be once its page is loaded. */
export function WaitingRow({ index }: { index: number }) {
  return (
    <div class="stock-row row row-waiting" role="row" aria-rowindex={index + 2} data-row={index}>
      <span role="cell" class="stock-sku">
        <span class="visually-hidden">Loading</span>
      </span>
    </div>
  );
}
