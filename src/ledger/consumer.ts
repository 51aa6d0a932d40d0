import type { StockEventsBatch, StockEventsMessage } from "../protocol/queue.ts";
import { type Backoff, fullJitter } from "../storage/backoff.ts";
import { restoredAtMs } from "../storage/restored-at.ts";
import { atMost } from "../storage/within.ts";
import { ledgerOf } from "./bindings.ts";
import { listRegistrations, type Registration } from "./channels.ts";
import { latelyAdded } from "./lately-added.ts";
import { newestViews, recordingTimes } from "./newest-views.ts";
import { project, type Projected } from "./projection.ts";
import { log } from "../telemetry/log.ts";
import { queueBatches, queueDuration, queueEvents } from "../telemetry/metrics.ts";

const retryBackoff: Backoff = { baseMs: 1_000, maxMs: 300_000 };

/** How often channels may appear while they are told. */
const attemptsMax = 4;

/** How long SKUs may take to be told what the ledger has. */
const reportsWithinMs = 2_000;

/** The channels the last projection saw; told at once. The next one finds out whether there are new ones. */
let channelsLastSeen: readonly Registration[] | undefined;

/**
 * Consumes the queue `stock-events`: submits the newest views to every channel, then projects into D1. SKUs that are quiet are
 * told; the others look there what is done. Each part is idempotent, so a failure of one repeats no harm in the others.
 * Messages with a SKU of a database that failed come again; the others are done.
 */
export async function consumeStockEvents(batch: MessageBatch<StockEventsBatch>, env: Env): Promise<void> {
  const messages = batch.messages.flatMap((message) => message.body.messages);
  const startedAtMs = Date.now();
  let projected: Projected;
  try {
    projected = await tellAndProject(messages, env);
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
  for (const { sku, entries } of done) latelyAdded.note(sku, entries);
  await report(done, env);
  queueDuration.observe({}, (Date.now() - startedAtMs) / 1_000);
}

/**
 * Resolves when every channel knows, and every database that does not fail has what is of its SKUs. A SKU takes what is in
 * the ledger for told, so the channels come first.
 */
async function tellAndProject(messages: readonly StockEventsMessage[], env: Env): Promise<Projected> {
  const ledger = ledgerOf(env);
  const recordedAtMs = recordingTimes(messages);
  const changes = newestViews(messages).map((stock) => ({
    stock,
    recordedAtMs: recordedAtMs.get(stock.sku),
  }));
  const told: Registration[] = [];
  /** Tells those that do not know yet; answers whether there were any. */
  const tell = async (channels: readonly Registration[]) => {
    const untold = channels.filter((one) => !told.some((other) => isSame(one, other)));
    await Promise.all(untold.map(({ id }) => env.CHANNEL.getByName(id).submit(changes)));
    told.push(...untold);
    return untold.length > 0;
  };
  const known = channelsLastSeen ?? (await listRegistrations(ledger.first));
  const [whole] = await Promise.all([
    Promise.all(messages.map((news) => withEntries(news, env))),
    tell(known),
    ...kitsOf(messages).map((kit) => env.SKU.getByName(kit).refresh()),
  ]);
  if (ledger.count > 1) await tell(await listRegistrations(ledger.first));
  for (let attempt = 1; ; attempt += 1) {
    try {
      const projected = await project(ledger, whole, told, Date.now(), restoredAtMs(env));
      channelsLastSeen = projected.channels;
      // Only of several databases: a channel that was registered between the look and the writes. If it cannot be told now,
      // the queue brings the messages again; were they lost just then, its backfill or the next comparison has them.
      await tell(projected.channels);
      return projected;
    } catch (error) {
      // Refused because of a channel that was not told? Then telling it mends that.
      if (attempt === attemptsMax || !(await tell(await listRegistrations(ledger.first)))) throw error;
    }
  }
}

/**
 * Tells the SKUs that wait for it what the ledger has now. One that does not hear it asks the ledger later; one that does not
 * answer must not hold up the news of others.
 */
async function report(done: readonly StockEventsMessage[], env: Env): Promise<void> {
  const awaited = done.filter(({ isAwaited }) => isAwaited);
  const told = awaited.map(({ sku, after, entries, last = entries.at(-1)?.position ?? after }) =>
    env.SKU.getByName(sku).reported({ after, last }),
  );
  await atMost(
    reportsWithinMs,
    Promise.allSettled(told).then(() => undefined),
  );
}

function isSame(one: Registration, other: Registration): boolean {
  return one.id === other.id && one.sinceMs === other.sinceMs;
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
