import {
  applyD1Migrations,
  createExecutionContext,
  createMessageBatch,
  getQueueResult,
} from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, expect, it } from "vitest";
import { ledgerOf } from "../../src/ledger/bindings.ts";
import { consumeStockEvents } from "../../src/ledger/consumer.ts";
import { listLedger } from "../../src/ledger/queries.ts";
import type { StockEventsBatch } from "../../src/protocol/queue.ts";
import { messageOf, record } from "../unit/ledger/histories.ts";

const sharded: Env = { ...env, LEDGER_SHARDS: "2" };

beforeAll(async () => {
  for (const db of [env.LEDGER, env.LEDGER_1]) await applyD1Migrations(db, env.TEST_MIGRATIONS);
});

/** A queue message with the news of these SKUs. */
function news(id: string, ...skus: string[]) {
  const messages = skus.map((sku) => {
    const count = { waitMs: 0, mutation: { type: "count" as const, location: "default", onHand: 1 } };
    return messageOf(record(sku, [count]).recorded, 0, 1, 1);
  });
  return { id, timestamp: new Date(), attempts: 1, body: { messages } };
}

/** Hands messages to the consumer; answers which were acknowledged, which come again, and what the ledger has then. */
async function consume(...messages: ReturnType<typeof news>[]) {
  const batch = createMessageBatch<StockEventsBatch>("stock-events", messages);
  await consumeStockEvents(batch, sharded);
  const result = await getQueueResult(batch, createExecutionContext());
  const { items } = await listLedger(ledgerOf(sharded), { limit: 50 });
  return {
    isAllAcknowledged: result.ackAll,
    acknowledged: result.explicitAcks.toSorted(),
    retried: result.retryMessages.map(({ msgId }) => msgId),
    listed: items.map(({ subject }) => subject).toSorted(),
  };
}

it("has only those messages again that name a SKU of a database that fails", async () => {
  // By the hash of their names, I is in the second database, and A and G are in the first.
  expect(await consume(news("all", "A", "I"))).toMatchObject({
    acknowledged: ["all"],
    retried: [],
    listed: ["A", "I"],
  });

  await env.LEDGER_1.prepare("ALTER TABLE levels RENAME TO elsewhere").run();
  const failing = await consume(news("first", "G"), news("second", "L"), news("both", "H", "M"));
  expect(failing).toMatchObject({ acknowledged: ["first"], retried: ["second", "both"] });
  expect(failing.listed).toEqual(["A", "G", "H", "I"]);

  await env.LEDGER_1.prepare("ALTER TABLE elsewhere RENAME TO levels").run();
  const again = await consume(news("second", "L"), news("both", "H", "M"));
  expect(again).toMatchObject({ acknowledged: ["both", "second"], retried: [] });
  expect(again.listed).toEqual(["A", "G", "H", "I", "L", "M"]);
});

it("neither writes nor reads with another number of databases than the ledger was begun with", async () => {
  await ledgerOf(sharded).each(async () => undefined);
  await expect(ledgerOf(env).of("A")).rejects.toThrow("LEDGER_SHARDS is 1, but the ledger was begun with 2");
  const batch = createMessageBatch<StockEventsBatch>("stock-events", [news("lost?", "A")]);
  await consumeStockEvents(batch, env);
  const { retryMessages } = await getQueueResult(batch, createExecutionContext());
  expect(retryMessages).toMatchObject([{ msgId: "lost?" }]);
});

it("says which database is not bound", () => {
  expect(() => ledgerOf({ ...env, LEDGER_SHARDS: "3" })).toThrow("bound as LEDGER_2, and there is none");
});
