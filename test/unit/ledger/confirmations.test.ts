import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Confirmations } from "../../../src/ledger/confirmations.ts";
import type { ConfirmedRange } from "../../../src/protocol/queue.ts";
import { Clock } from "../feed/clock.ts";

function setUp(sleep?: () => Promise<void>) {
  const clock = new Clock();
  const failures: unknown[] = [];
  const told: [string, ConfirmedRange[]][] = [];
  const confirmations = new Confirmations({
    now: clock.now,
    sleep: sleep ?? clock.sleep,
    failed: (error) => failures.push(error),
  });
  const confirm = async (sku: string, ranges: ConfirmedRange[]) => {
    if (sku === "UNREACHABLE") throw new Error("not reached");
    told.push([sku, ranges]);
  };
  return { clock, failures, told, confirmations, confirm };
}

function range(after: number, last: number): ConfirmedRange {
  return { after: { epoch: "e1", version: after }, last: { epoch: "e1", version: last } };
}

/** The versions that ranges cover. */
function versionsOf(ranges: readonly ConfirmedRange[]): number[] {
  const versions = new Set<number>();
  for (const { after, last } of ranges)
    for (let version = after.version + 1; version <= last.version; version += 1) versions.add(version);
  return [...versions].sort((a, b) => a - b);
}

describe("confirmations", () => {
  it("of a second go in one call for each SKU, as one range if they follow on each other", async () => {
    const { clock, told, confirmations, confirm } = setUp();
    void confirmations.add([["A", range(0, 3)]], confirm);
    expect(confirmations.add([["A", range(3, 4)]], confirm)).toBeUndefined();
    void confirmations.add([["B", range(7, 8)]], confirm);
    void confirmations.add([["A", range(6, 9)]], confirm);
    await clock.advance(999);
    expect(told).toEqual([]);
    await clock.advance(1);
    expect(told).toEqual([
      ["A", [range(0, 4), range(6, 9)]],
      ["B", [range(7, 8)]],
    ]);
  });

  it("are taken over from a run of the consumer that was cut off", async () => {
    let isCutOff = true;
    const { clock, told, confirmations, confirm } = setUp(() =>
      isCutOff ? new Promise(() => undefined) : Promise.resolve(),
    );
    void confirmations.add([["A", range(0, 1)]], confirm);
    await clock.advance(2_000);
    expect(confirmations.add([["A", range(1, 2)]], confirm)).toBeUndefined();
    isCutOff = false;
    await clock.advance(1_000);
    await confirmations.add([["B", range(0, 1)]], confirm);
    expect(told).toEqual([
      ["A", [range(0, 2)]],
      ["B", [range(0, 1)]],
    ]);
  });

  it("that do not reach a SKU keep none from the others", async () => {
    const { clock, failures, told, confirmations, confirm } = setUp();
    const ranges = ["UNREACHABLE", "B"].map((sku) => [sku, range(0, 1)] as const);
    void confirmations.add(ranges, confirm);
    await clock.advance(1_000);
    expect(failures).toHaveLength(1);
    expect(told).toEqual([["B", [range(0, 1)]]]);
  });

  it("cover what was confirmed, no more and no less, in whatever order it came", async () => {
    const steps = fc.array(fc.tuple(fc.nat(30), fc.integer({ min: 1, max: 5 })), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(steps, async (given) => {
        const { clock, told, confirmations, confirm } = setUp();
        const ranges = given.map(([after, length]) => range(after, after + length));
        for (const one of ranges) void confirmations.add([["A", one]], confirm);
        await clock.advance(1_000);
        expect(versionsOf(told.flatMap(([, all]) => all))).toEqual(versionsOf(ranges));
      }),
    );
  });
});
