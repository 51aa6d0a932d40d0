import { jsonBytes } from "../storage/json-bytes.ts";
import { joinNews } from "./join-news.ts";
import type { StockEventsBatch, StockEventsMessage } from "../protocol/queue.ts";

/** A queue message holds 128 KB, part of it for the queue itself. */
const messageBytesMax = 125_000;
/** A call of `sendBatch` takes 256 KB. */
const messagesPerCall = 2;

/** The part of a queue that is used here. */
export interface StockEventsQueue {
  send(message: StockEventsBatch): Promise<unknown>;
  sendBatch(messages: { body: StockEventsBatch }[]): Promise<unknown>;
}

/**
 * Puts news of SKUs on the queue, as many in a message as fit: an operation on the queue costs the same for one SKU as
 * for a hundred.
 */
export async function sendStockEvents(
  queue: StockEventsQueue,
  messages: readonly StockEventsMessage[],
): Promise<void> {
  const batches = pack(joinNews(messages));
  const [only] = batches;
  if (batches.length === 1 && only !== undefined) {
    await queue.send(only);
    return;
  }
  for (let start = 0; start < batches.length; start += messagesPerCall) {
    await queue.sendBatch(batches.slice(start, start + messagesPerCall).map((body) => ({ body })));
  }
}

/** The messages in order, grouped so that each group fits. What does not fit alone goes without its entries. */
export function pack(messages: readonly StockEventsMessage[]): StockEventsBatch[] {
  const batches: StockEventsBatch[] = [];
  let group: StockEventsMessage[] = [];
  let bytes = 0;
  for (const whole of messages) {
    const wholeBytes = jsonBytes(whole);
    const isTooLarge = wholeBytes > messageBytesMax;
    const message = isTooLarge ? withoutEntries(whole) : whole;
    const length = (isTooLarge ? jsonBytes(message) : wholeBytes) + 1;
    if (group.length > 0 && bytes + length > messageBytesMax) {
      batches.push({ messages: group });
      group = [];
      bytes = 0;
    }
    group.push(message);
    bytes += length;
  }
  if (group.length > 0) batches.push({ messages: group });
  return batches;
}

function withoutEntries(message: StockEventsMessage): StockEventsMessage {
  return { ...message, entries: [], last: message.entries.at(-1)?.position ?? message.after };
}
