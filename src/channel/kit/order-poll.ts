import type { Polled } from "./inbound.ts";
import { advance, askFromMs, beginAfter, type PolledOrder, readCursor, writeCursor } from "./order-cursor.ts";

/** Requests that one poll makes at most; what is left comes with the next, at once. */
const pagesMax = 20;

/** A channel whose orders can be listed in the order of their last change. */
export interface OrderSource {
  readonly pageSize: number;
  /** The orders changed last, newest first. */
  latest(): Promise<readonly PolledOrder[]>;
  /** Orders changed at that time or later, oldest change first. */
  changedSince(fromMs: number, skip: number): Promise<readonly PolledOrder[]>;
}

/** Asks for orders that changed since the cursor; without one, from now on. Throws what the source throws. */
export async function pollOrders(source: OrderSource, cursorText: string | undefined): Promise<Polled> {
  if (cursorText === undefined) {
    return { facts: [], cursor: writeCursor(beginAfter(await source.latest())), hasMore: false };
  }
  const before = readCursor(cursorText);
  const found = new Map<string, PolledOrder>();
  let fromMs = askFromMs(before);
  let skip = 0;
  let isCaughtUp = false;
  for (let pages = 0; pages < pagesMax && !isCaughtUp; pages += 1) {
    const page = await source.changedSince(fromMs, skip);
    for (const order of page) found.set(order.report.orderId, order);
    isCaughtUp = page.length < source.pageSize;
    // By time, not by count: an order that changes meanwhile moves to the end, and would push another one out of sight.
    const lastMs = page.at(-1)?.updatedAtMs ?? fromMs;
    skip = lastMs > fromMs ? 0 : skip + page.length;
    fromMs = lastMs;
  }
  const { facts, cursor } = advance(before, [...found.values()], isCaughtUp);
  return { facts, cursor: writeCursor(cursor), hasMore: !isCaughtUp };
}
