import { setTimeout as sleep } from "node:timers/promises";

/**
 * Starts each item when it is due (`dueMs`; at once if it says nothing), in order, with at most `concurrency` under way, whether or not earlier ones are
 * done. Stops at the first failure and throws it once what was under way has ended. Answers how late the latest
 * start was, in milliseconds.
 */
export async function runPaced<Item>(
  items: readonly Item[],
  dueMs: readonly number[],
  concurrency: number,
  work: (item: Item) => Promise<void>,
): Promise<number> {
  const underWay = new Set<Promise<void>>();
  const failures: unknown[] = [];
  const startedAtMs = performance.now();
  let latestMs = 0;
  for (const [index, item] of items.entries()) {
    const waitMs = startedAtMs + (dueMs[index] ?? 0) - performance.now();
    if (waitMs > 0) await sleep(waitMs);
    while (underWay.size >= concurrency) await Promise.race(underWay);
    if (failures.length > 0) break;
    latestMs = Math.max(latestMs, performance.now() - startedAtMs - (dueMs[index] ?? 0));
    const running: Promise<void> = work(item)
      .catch((error: unknown) => void failures.push(error))
      .finally(() => underWay.delete(running));
    underWay.add(running);
  }
  await Promise.all(underWay);
  if (failures.length > 0) throw failures[0];
  return latestMs;
}
