import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { replayCommand, replayOptions } from "../../src/cli/replay/options.ts";
import { replay } from "../../src/cli/replay/replay.ts";
import { failuresOf, type ReplayReport } from "../../src/cli/replay/report.ts";
import { type Embedded, startEmbedded } from "../../src/embedded/start.ts";

const file = fileURLToPath(new URL("../fixtures/orders.csv", import.meta.url));
const openingFile = fileURLToPath(new URL("../fixtures/opening.csv", import.meta.url));
let dataDir: string;
let service: Embedded;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "stockwire-replay-"));
  service = await startEmbedded({ dataDir, allowPrivateChannels: true });
});

afterAll(async () => {
  await service.stop();
  await rm(dataDir, { recursive: true, force: true });
});

/** Each test replays against the same running service, as a seller would: new channels, new orders. */
function replayOf(...args: string[]) {
  const line = [file, "--url", service.url, "--key", service.adminKey, ...args];
  const options = replayOptions(replayCommand(new Command()).parse(line, { from: "user" }));
  return replay(options, { url: service.url, key: service.adminKey }, () => undefined);
}

function expectNoFailure(report: ReplayReport): void {
  const { mismatches } = report.consistency;
  expect({ failures: failuresOf(report), mismatches }).toEqual({ failures: [], mismatches: [] });
}

describe("a replayed day ends with stock, ledger and every channel in agreement", () => {
  test("with orders as facts: what is not there is oversold, flagged and counted", async () => {
    // One at a time, so that it is known which line finds too little.
    const report = await replayOf(
      "--fast",
      "--concurrency",
      "1",
      "--opening",
      openingFile,
      "--channels",
      "3",
    );
    expectNoFailure(report);
    const { tally } = report;
    expect(tally).toMatchObject({
      orders: 12,
      ordered: { lines: 22, units: 283 },
      accepted: { lines: 17, units: 244 },
      oversold: { lines: 5, units: 39 },
      notTaken: { lines: 0, units: 0 },
      cancelled: { lines: 4, units: 17 },
      returned: { lines: 2, units: 35 },
      writtenOff: { lines: 1, units: 3 },
      short: { lines: 2, units: 10_001 },
      found: { lines: 1, units: 7 },
    });
    expect(report.consistency.oversoldUnits).toBe(tally.oversold.units);
  });

  test("with many orders at once, and a share of the SKUs that runs out", async () => {
    const report = await replayOf("--fast", "--sold-out-share", "0.3");
    expectNoFailure(report);
    const { accepted, oversold, ordered } = report.tally;
    expect(oversold.units).toBeGreaterThan(0);
    expect(accepted.units + oversold.units).toBe(ordered.units);
  });

  test("with a shop that asks first: what is not there is refused, and nothing is oversold", async () => {
    const report = await replayOf("--fast", "--mode", "shop", "--opening", openingFile);
    expectNoFailure(report);
    const { accepted, oversold, ordered, short } = report.tally;
    expect(oversold.units).toBe(0);
    expect(accepted.units).toBeLessThan(ordered.units);
    expect(short.lines).toBeGreaterThan(0);
  });
});
