import type { ConfirmedRange, StockEventsBatch, StockEventsMessage } from "../protocol/queue.ts";
import { type Backoff, fullJitter } from "../storage/backoff.ts";
import { restoredAtMs } from "../storage/restored-at.ts";
import { ledgerOf } from "./bindings.ts";
import { newestViews, recordingTimes } from "./newest-views.ts";
import { project, type Projected } from "./projection.ts";
import { log } from "../telemetry/log.ts";
import { queueBatches, queueDuration, queueEvents } from "../telemetry/metrics.ts";

const retryBackoff: Backoff = { baseMs: 1_000, maxMs: 300_000 };

/** The channels the last projection saw; told at once, while the projection finds out whether there are new ones. */
let channelsLastSeen: readonly string[] = [];

/**
 * Consumes the queue `stock-events`: projects into D1, submits the newest views to every channel, and confirms
 * to the SkuObjects what both have. Each part is idempotent, so a failure of one repeats no harm in the others.
 * Messages with a SKU of a database that failed come again; the others are done.
 */
export async function consumeStockEvents(batch: MessageBatch<StockEventsBatch>, env: Env): Promise<void> {
  const messages = batch.messages.flatMap((message) => message.body.messages);
  const startedAtMs = Date.now();
  let projected: Projected;
  try {
    projected = await projectAndTell(messages, env);
  } catch (error) {
    log("events.retried", { messages: messages.length }, { error });
    count("retried", messages);
    for (const message of batch.messages) retry(message);
    return;
  }
  const { failures } = projected;
  const missing = new Set(failures.flatMap((failure) => failure.messages.map(({ sku }) => sku)));
  const [undone, done] = parted(messages, ({ sku }) => missing.has(sku));
  for (const message of batch.messages) {
    if (message.body.messages.some(({ sku }) => missing.has(sku))) retry(message);
    else message.ack();
  }
  for (const failure of failures) {
    log("events.retried", { messages: failure.messages.length }, { error: failure.error });
  }
  if (undone.length > 0) count("retried", undone);
  if (done.length > 0) count("processed", done);
  queueDuration.observe({}, (Date.now() - startedAtMs) / 1_000);
  await confirm(env, done);
}

/** Resolves when every channel knows, and every database that does not fail has what is of its SKUs. */
async function projectAndTell(messages: readonly StockEventsMessage[], env: Env): Promise<Projected> {
  const recordedAtMs = recordingTimes(messages);
  const changes = newestViews(messages).map((stock) => ({
    stock,
    recordedAtMs: recordedAtMs.get(stock.sku),
  }));
  const submit = (ids: readonly string[]) =>
    Promise.all(ids.map((id) => env.CHANNEL.getByName(id).submit(changes)));

  const toldFirst = channelsLastSeen;
  const first = submit(toldFirst);
  // Awaited below; a failure there must not count as unhandled while the projection is under way.
  first.catch(() => undefined);
  const projected = await project(
    ledgerOf(env),
    await Promise.all(messages.map((news) => withEntries(news, env))),
    Date.now(),
    restoredAtMs(env),
  );
  const { channels } = projected;
  channelsLastSeen = channels;
  await Promise.all([
    first,
    submit(channels.filter((id) => !toldFirst.includes(id))),
    ...kitsOf(messages).map((kit) => env.SKU.getByName(kit).refresh()),
  ]);
  return projected;
}

function retry(message: Message<StockEventsBatch>): void {
  const delayMs = fullJitter(retryBackoff, message.attempts, Math.random());
  message.retry({ delaySeconds: Math.ceil(delayMs / 1000) });
}

/** Those of which it is true, and the others. */
function parted<Item>(items: readonly Item[], isSo: (item: Item) => boolean): [Item[], Item[]] {
  return [items.filter(isSo), items.filter((item) => !isSo(item))];
}

function count(outcome: "processed" | "retried", messages: readonly StockEventsMessage[]): void {
  queueBatches.add({ outcome });
  queueEvents.add(
    { outcome },
    messages.reduce((sum, { entries }) => sum + entries.length, 0),
  );
}

/** Fetches the entries that were too large to send. */
async function withEntries(news: StockEventsMessage, env: Env): Promise<StockEventsMessage> {
  const { sku, after, last } = news;
  if (last === undefined) return news;
  return { ...news, entries: await env.SKU.getByName(sku).entries({ after, last }) };
}

/** Kits that are made of SKUs that changed: how many there are may have changed too. */
function kitsOf(messages: readonly StockEventsMessage[]): string[] {
  return [...new Set(messages.flatMap((message) => message.usedBy ?? []))];
}

/** Tells each SkuObject what is done, in one call. A lost one only means that the events come again. */
async function confirm(env: Env, messages: readonly StockEventsMessage[]): Promise<void> {
  const told = [...Map.groupBy(messages, ({ sku }) => sku)].map(([sku, own]) =>
    env.SKU.getByName(sku).confirm(own.map(rangeOf)),
  );
  for (const result of await Promise.allSettled(told)) {
    if (result.status === "rejected") log("events.confirm_failed", {}, { error: result.reason });
  }
}

function rangeOf({ after, entries, last }: StockEventsMessage): ConfirmedRange {
  return { after, last: last ?? entries.at(-1)?.position ?? after };
}
