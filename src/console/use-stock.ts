import { useEffect, useState } from "preact/hooks";
import { isNewer } from "../protocol/position.ts";
import type { StockView } from "../protocol/stock.ts";
import { line } from "./live.ts";

/** A SKU's newest view as long as it is on the page; `from` is what a list said of it. */
export function useStock(from: StockView): StockView {
  const known = line.known(from.sku);
  const [stock, setStock] = useState(known !== undefined && isNewer(known, from) ? known : from);
  useEffect(() => {
    line.take(from);
    return line.watch(from.sku, setStock);
  }, [from.sku]);
  return stock.sku === from.sku ? stock : from;
}
