import { isNewer, type Position } from "../protocol/position.ts";
import type { StockEventsMessage } from "../protocol/queue.ts";

/** So many entries of one SKU go in one piece of news: of usual ones a fifth of a message. */
const entriesMax = 100;

/**
 * The same news in fewer pieces: those of one SKU that follow on each other become one, with the newest view. Each entry stays
 * once and in its place.
 */
export function joinNews(news: readonly StockEventsMessage[]): StockEventsMessage[] {
  const joined: StockEventsMessage[] = [];
  /** Of each SKU where its last piece stands in `joined`. */
  const lastOf = new Map<string, number>();
  for (const next of news) {
    const index = lastOf.get(next.sku);
    const before = index === undefined ? undefined : joined[index];
    if (index === undefined || before === undefined || !follows(before, next)) {
      lastOf.set(next.sku, joined.push(next) - 1);
      continue;
    }
    const usedBy = [...new Set([...(before.usedBy ?? []), ...(next.usedBy ?? [])])];
    joined[index] = {
      ...before,
      entries: [...before.entries, ...next.entries],
      stock: isNewer(next.stock, before.stock) ? next.stock : before.stock,
      ...(usedBy.length > 0 && { usedBy }),
    };
  }
  return joined;
}

function follows(before: StockEventsMessage, { after, entries, last }: StockEventsMessage): boolean {
  const end = before.entries.at(-1)?.position;
  if (end === undefined || before.last !== undefined || last !== undefined || !isSame(end, after))
    return false;
  return before.entries.length + entries.length <= entriesMax;
}

function isSame(one: Position, other: Position): boolean {
  return one.epoch === other.epoch && one.version === other.version;
}
