import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it, vi } from "vitest";
import { spreadOverdueAlarms } from "../../src/embedded/overdue-alarms.ts";
import { eventually, Service } from "./service.ts";

const skus = 250;
const atOnce = 100;
const laterMs = 3_000;
const gapMs = 10;

/** When each SKU is to be woken, in milliseconds, those that are due first at first. */
function alarmsOf(dataDir: string): number[] {
  const path = join(dataDir, "do/stockwire-SkuObject/metadata.sqlite");
  const alarms = new DatabaseSync(path, { readOnly: true });
  try {
    const rows = alarms.prepare("SELECT scheduled_time / 1000000 AS ms FROM _cf_ALARM ORDER BY ms").all();
    return rows.map(({ ms }) => Number(ms));
  } finally {
    alarms.close();
  }
}

describe("alarms that came due while nothing ran", () => {
  let service: Service | undefined;
  afterEach(() => service?.remove());

  it("come in turn, and each is served", async () => {
    service = await Service.start();
    // Each has a hold that ends while nothing runs.
    const items = Array.from({ length: skus }, (_, index) => [
      { key: `count-${index}`, sku: `SKU-${index}`, type: "count", onHand: 1, ifMatch: "*" },
      { key: `hold-${index}`, sku: `SKU-${index}`, type: "reserve", quantity: 1, ttlSeconds: 10 },
    ]).flat();
    const imported = await service.call("POST", "/v1/mutations", { items });
    expect(imported.status).toBe(200);
    await service.kill();
    const set = alarmsOf(service.dataDir);
    expect(set.length).toBeGreaterThan(atOnce);
    await sleep(Math.max(0, (set.at(-1) ?? 0) - Date.now()) + 10);

    const nowMs = Date.now();
    spreadOverdueAlarms(service.dataDir, nowMs);
    const spread = alarmsOf(service.dataDir);
    expect(spread.slice(0, atOnce)).toEqual(set.slice(0, atOnce));
    expect(spread.slice(atOnce)).toEqual(
      Array.from({ length: set.length - atOnce }, (_, index) => nowMs + laterMs + (index + 1) * gapMs),
    );

    await service.start();
    const { dataDir } = service;
    // What is set by then is set anew.
    const lastMs = Math.max(...spread);
    await eventually(async () => (alarmsOf(dataDir).every((ms) => ms > lastMs) ? true : undefined));
    const { body } = await service.call("GET", "/v1/skus?limit=200");
    expect(body.items).toHaveLength(200);
  });

  it("ring as workerd has them if it keeps them otherwise than we know", () => {
    const dataDir = mkdtempSync(join(tmpdir(), "stockwire-alarms-"));
    const warn = vi.spyOn(console, "warn").mockReturnValue();
    try {
      mkdirSync(join(dataDir, "do/stockwire-SkuObject"), { recursive: true });
      new DatabaseSync(join(dataDir, "do/stockwire-SkuObject/metadata.sqlite")).close();
      spreadOverdueAlarms(dataDir, Date.now());
      expect(warn).toHaveBeenCalledExactlyOnceWith(expect.stringContaining("alarms.not_spread"));
    } finally {
      warn.mockRestore();
      rmSync(dataDir, { recursive: true });
    }
  });

  it("are none before the first start", () => {
    expect(() => spreadOverdueAlarms(join(tmpdir(), "no-such-directory"), Date.now())).not.toThrow();
  });
});
