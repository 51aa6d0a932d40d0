import type { PublishedEvent, StockEvent } from "../protocol/event.ts";
import type { Position } from "../protocol/position.ts";

const sequenceDigits = 16;

/** The path of a SKU in the API, and the `source` of its events. */
export function skuPath(sku: string): string {
  return `/v1/skus/${encodeURIComponent(sku)}`;
}

/** An event of a SKU's ledger as the world sees it: CloudEvents 1.0. */
export function publishEvent(sku: string, position: Position, event: StockEvent): PublishedEvent {
  const { type, atMs, ...data } = event;
  const published = {
    specversion: "1.0",
    id: `${position.epoch}.${position.version}`,
    source: skuPath(sku),
    type: `stockwire.stock.${type}.v1`,
    subject: sku,
    time: new Date(atMs).toISOString(),
    datacontenttype: "application/json",
    sequence: String(position.version).padStart(sequenceDigits, "0"),
    data: { sku, epoch: position.epoch, version: position.version, ...data },
  };
  // Type and data come from one event, so they belong together; the compiler has lost sight of that.
  return published as PublishedEvent;
}
