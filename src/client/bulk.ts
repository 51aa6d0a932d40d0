import { limits } from "../protocol/limits.ts";
import { waitBeforeNext } from "./retry.ts";
import { sleep } from "./sleep.ts";
import { type CallOptions, newIdempotencyKey, type Transport } from "./transport.ts";
import type { BulkItem, BulkResult } from "./types.ts";

type KeyOptional<Item> = Item extends unknown
  ? Omit<Item, "key"> & { readonly key?: string | undefined }
  : never;

/** A mutation of a bulk request; without a `key`, one is made. */
export type BulkRequest = KeyOptional<BulkItem>;

interface Pending {
  readonly index: number;
  readonly item: BulkItem;
}

/** Sends mutations until each has an answer of its own; those that stay unavailable are answered as such. */
export async function applyBulk(
  transport: Transport,
  items: readonly BulkRequest[],
  options: CallOptions,
): Promise<BulkResult[]> {
  const results: BulkResult[] = [];
  for (let start = 0; start < items.length; start += limits.bulkItemsMax) {
    const chunk = items.slice(start, start + limits.bulkItemsMax);
    await applyChunk(
      transport,
      chunk.map((item, at) => ({ index: start + at, item: withKey(item) })),
      options,
      results,
    );
  }
  return results;
}

async function applyChunk(
  transport: Transport,
  chunk: readonly Pending[],
  options: CallOptions,
  results: BulkResult[],
): Promise<void> {
  const endMs = performance.now() + transport.deadlineMs(options);
  let pending = chunk;
  for (let attempts = 1; ; attempts += 1) {
    const leftMs = Math.max(1, endMs - performance.now());
    const answers = await send(transport, pending, { ...options, deadlineMs: leftMs });
    for (const [at, { index }] of pending.entries()) {
      const answer = answers[at];
      if (answer !== undefined) results[index] = answer;
    }
    // Their SKU could not be reached: what it did before it failed is answered from its key.
    pending = pending.filter((_, at) => (answers[at]?.status ?? 0) >= 500);
    if (pending.length === 0) return;
    const pace = {
      backoff: transport.backoff,
      attempts,
      leftMs: endMs - performance.now(),
      random: Math.random(),
    };
    const waitMs = waitBeforeNext({ status: 503, retryAfterMs: undefined }, "keyed", pace);
    if (waitMs === undefined) return;
    await sleep(waitMs, options.signal);
  }
}

async function send(
  transport: Transport,
  pending: readonly Pending[],
  options: CallOptions,
): Promise<readonly BulkResult[]> {
  const body = { items: pending.map(({ item }) => item) };
  // Every item has a key of its own.
  const request = { method: "POST", path: "/v1/mutations", body, repeat: "keyed" } as const;
  return (await transport.send<{ items: BulkResult[] }>(request, options)).body.items;
}

function withKey(item: BulkRequest): BulkItem {
  return { ...item, key: item.key ?? newIdempotencyKey() };
}
