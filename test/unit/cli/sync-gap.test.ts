import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { ChannelReceiver } from "../../../src/cli/channel-receiver.ts";
import { streamOfFile } from "../../../src/cli/sync-gap/file-stream.ts";
import { Storefront } from "../../../src/cli/sync-gap/storefront.ts";
import { SyncGapReport } from "../../../src/protocol/sync-gap.ts";

const main = fileURLToPath(new URL("../../../src/cli/main.ts", import.meta.url));
const fixture = fileURLToPath(new URL("../../fixtures/orders.csv", import.meta.url));

describe("stockwire sync-gap", () => {
  const syncGap = (...args: string[]) =>
    spawnSync(process.execPath, [main, "sync-gap", ...args], { encoding: "utf8" });

  it("prints what polling did, beside what is claimed, and writes charts and report", async () => {
    const dir = await mkdtemp(join(tmpdir(), "stockwire-"));
    try {
      const [svg, json] = [join(dir, "gap.svg"), join(dir, "gap.json")];
      const { status, stdout } = syncGap(fixture, "--virtual", "--svg", svg, "--json", json);
      expect(status).toBe(0);
      expect(stdout).toMatch(/^orders\.csv: 12 orders, /);
      expect(stdout).toMatch(/polling, 15 min +max sync latency +900 s +\d+ s +(?:as claimed|differs: )/);
      // Nothing is said of what was not run.
      expect(stdout).not.toContain("Stockwire");
      const report = SyncGapReport.parse(JSON.parse(await readFile(json, "utf8")));
      expect(report.results.map(({ how }) => how)).toEqual(["virtual", "virtual"]);
      expect(await readFile(svg, "utf8")).toContain("Oversold units, by how late channels learn of a sale");
    } finally {
      await rm(dir, { recursive: true });
    }
  });

  it("names the option at fault", () => {
    const { status, stderr } = syncGap("--channels", "1");
    expect(status).toBe(2);
    expect(stderr).toContain("--channels");
  });
});

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
