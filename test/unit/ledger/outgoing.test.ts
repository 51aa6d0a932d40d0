import { describe, expect, it } from "vitest";
import type { LedgerEntry, StockEventsBatch, StockEventsMessage } from "../../../src/protocol/queue.ts";
import { pack } from "../../../src/ledger/outgoing.ts";
import { Outbox } from "../../../src/sku/outbox.ts";
import { unknownSku } from "../../../src/stock/state.ts";
import { stockView } from "../../../src/stock/view.ts";

/** A queue message holds 128 KB (Cloudflare Queues, limits), about 100 bytes of it for the queue itself. */
const messageBytesMax = 128_000 - 100;
const bytesOf = (batch: StockEventsBatch) => new TextEncoder().encode(JSON.stringify(batch)).length;
const text = "在庫".repeat(250);

/** The messages of an outbox that has so many entries to send, each with that note. */
function messagesOf(sku: string, entries: number, note: string): StockEventsMessage[] {
  const entry = (version: number): LedgerEntry => ({
    position: { epoch: "e", version },
    event: {
      type: "adjusted",
      atMs: 0,
      location: "default",
      delta: 1,
      reason: "found",
      note,
      reference: note,
    },
  });
  const outbox = new Outbox(
    {
      entriesAfter: ({ version }, limit) =>
        Array.from({ length: entries - version }, (_, index) => entry(version + index + 1)).slice(0, limit),
      stock: () => stockView({ ...unknownSku(sku, "e"), version: entries }, 0),
      usedBy: () => [],
      send: () => Promise.resolve(),
      sendFailed: () => undefined,
      settledAfter: () => undefined,
      reached: () => Promise.reject(new Error("nobody looks")),
      lookFailed: () => undefined,
      now: () => 0,
      random: () => 0,
    },
    { epoch: "e", version: 0 },
    { epoch: "e", version: entries },
  );
  return outbox.takeAll();
}

describe("news on their way to the queue", () => {
  it("fit into a message in any script, and all of them go", () => {
    const messages = messagesOf("A", 400, text);
    expect(messages.flatMap(({ entries }) => entries)).toHaveLength(400);
    for (const batch of pack(messages)) expect(bytesOf(batch)).toBeLessThanOrEqual(messageBytesMax);
  });

  it("of many SKUs share a message as long as they fit", () => {
    const messages = Array.from({ length: 200 }, (_, index) => messagesOf(`${index}`, 1, text)).flat();
    const batches = pack(messages);
    expect(batches.flatMap((batch) => batch.messages)).toEqual(messages);
    for (const batch of batches) expect(bytesOf(batch)).toBeLessThanOrEqual(messageBytesMax);
    expect(batches.length).toBeLessThan(20);
  });
});
