import type { StockEventsBatch, StockEventsMessage } from "../protocol/queue.ts";

/** A queue message holds 128 KB; characters beyond ASCII take up to three bytes, which leaves room for few of them. */
const messageCharactersMax = 90_000;
/** A call of `sendBatch` takes 256 KB. */
const messagesPerCall = 2;

/**
 * Puts news of SKUs on the queue, as many in a message as fit: an operation on the queue costs the same for one SKU as
 * for a hundred. A single SKU's news always fit, see `sku/outbox.ts`.
 */
export async function sendStockEvents(
  queue: Queue<StockEventsBatch>,
  messages: readonly StockEventsMessage[],
): Promise<void> {
  const batches = pack(messages);
  const [only] = batches;
  if (batches.length === 1 && only !== undefined) {
    await queue.send(only);
    return;
  }
  for (let start = 0; start < batches.length; start += messagesPerCall) {
    await queue.sendBatch(batches.slice(start, start + messagesPerCall).map((body) => ({ body })));
  }
}

/** The messages in order, grouped so that each group fits. */
export function pack(messages: readonly StockEventsMessage[]): StockEventsBatch[] {
  const batches: StockEventsBatch[] = [];
  let group: StockEventsMessage[] = [];
  let characters = 0;
  for (const message of messages) {
    const length = JSON.stringify(message).length;
    if (group.length > 0 && characters + length > messageCharactersMax) {
      batches.push({ messages: group });
      group = [];
      characters = 0;
    }
    group.push(message);
    characters += length;
  }
  if (group.length > 0) batches.push({ messages: group });
  return batches;
}
