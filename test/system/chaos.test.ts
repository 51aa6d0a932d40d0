import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { chaos } from "../chaos/chaos.ts";
import { renderReport } from "../chaos/report.ts";

test("whoever asks, watches or follows is told the truth, however often the service is killed", async () => {
  const logDir = await mkdtemp(join(tmpdir(), "stockwire-chaos-"));
  const lifeMs = { least: 500, most: 1_500 };
  const report = await chaos({
    seed: String(Date.now()),
    kills: 2,
    rate: 100,
    skus: 20,
    lifeMs,
    logDir,
  });
  await rm(logDir, { recursive: true });
  // As the report has it, which names the seed.
  expect(report.findings.length === 0 ? "" : renderReport(report)).toBe("");
  expect(report.readyMs).toHaveLength(2);
  expect(report.checked.acknowledged).toBeGreaterThan(50);
  expect(report.checked.reads).toBeGreaterThan(0);
  expect(report.messages).toBeGreaterThan(50);
  expect(report.deliveries).toBeGreaterThan(20);
  expect(report.followed).toBe(report.checked.entries);
}, 300_000);
