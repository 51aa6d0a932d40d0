import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { ChannelReceiver } from "../../../src/cli/channel-receiver.ts";
import { streamOfFile } from "../../../src/cli/sync-gap/file-stream.ts";
import { Storefront } from "../../../src/cli/sync-gap/storefront.ts";

describe("a file of real orders", () => {
  it("is a day of demand: its sales, on one channel each, one line a SKU", async () => {
    const text = await readFile(new URL("../../fixtures/orders.csv", import.meta.url), "utf8");
    const { orders, opening, channels } = streamOfFile(text, 2, 0.2);
    expect(channels).toBe(2);
    const units = orders.flatMap(({ lines }) => lines).reduce((sum, { quantity }) => sum + quantity, 0);
    // As the replay of the same file counts it.
    expect([orders.length, units]).toEqual([12, 283]);
    for (const { channel, lines } of orders) {
      expect([0, 1]).toContain(channel);
      expect(new Set(lines.map(({ sku }) => sku)).size).toBe(lines.length);
      for (const { sku } of lines) expect(opening.get(sku)).toBeGreaterThan(0);
    }
    expect(orders[0]?.atMs).toBe(0);
    expect(streamOfFile(text, 2, 0.2)).toEqual({ channels, orders, opening, lengthMs: expect.any(Number) });
  });
});

describe("a shop front", () => {
  it("counts its own sales down until it is told a number, which replaces what it had", async () => {
    const receiver = await ChannelReceiver.start({ id: "a" });
    try {
      const front = new Storefront(receiver);
      const tell = (version: number, quantity: number) =>
        receiver.shown.take({ sku: "A", epoch: "e", version, quantity });
      expect(front.sell({ sku: "A", quantity: 1 })).toBe(0);
      tell(1, 3);
      expect(front.sell({ sku: "A", quantity: 2 })).toBe(2);
      expect(front.shown("A")).toBe(1);
      expect(front.sell({ sku: "A", quantity: 2 })).toBe(1);
      expect(front.sell({ sku: "A", quantity: 2 })).toBe(0);
      tell(2, 4);
      expect(front.shown("A")).toBe(4);
      tell(1, 9);
      expect(front.shown("A")).toBe(4);
    } finally {
      await receiver.stop();
    }
  });
});
