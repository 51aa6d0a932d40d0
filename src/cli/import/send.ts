import type { BulkItem, BulkResult, StockwireClient } from "../../client/index.ts";

/** Mutations of one request: so few that a busy service answers in seconds, and progress is seen. */
const itemsAtOnce = 200;
/** A body may have 1 MiB. */
const bytesAtOnce = 700_000;
/** New SKUs take a service longer than anything else; to ask again too early would only make it slower. */
const patience = { attemptTimeoutMs: 60_000, deadlineMs: 300_000 };

/** What became of an import's mutations. */
export interface Sent {
  readonly done: number;
  /** Done by an earlier run of the same import: nothing changed. */
  readonly replayed: number;
  readonly failed: readonly BulkResult[];
}

/** Sends mutations in order, request after request; each failure is reported, and the others stand. */
export async function sendAll(
  client: StockwireClient,
  items: readonly BulkItem[],
  signal: AbortSignal,
  onProgress: (done: number) => void,
): Promise<Sent> {
  let done = 0;
  let replayed = 0;
  const failed: BulkResult[] = [];
  let sent = 0;
  for (const chunk of chunksOf(items)) {
    const results = await client.stock.bulk(chunk, { signal, ...patience });
    for (const result of results) {
      if (result.problem !== undefined) failed.push(result);
      else if (result.replayed === true) replayed += 1;
      else done += 1;
    }
    sent += chunk.length;
    onProgress(sent);
  }
  return { done, replayed, failed };
}

function* chunksOf(items: readonly BulkItem[]): Generator<BulkItem[]> {
  let chunk: BulkItem[] = [];
  let bytes = 0;
  for (const item of items) {
    const size = Buffer.byteLength(JSON.stringify(item));
    if (chunk.length === itemsAtOnce || bytes + size > bytesAtOnce) {
      yield chunk;
      chunk = [];
      bytes = 0;
    }
    chunk.push(item);
    bytes += size;
  }
  if (chunk.length > 0) yield chunk;
}
