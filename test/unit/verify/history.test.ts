import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkHistory, describeFinding } from "../../../src/verify/index.ts";
import { faults } from "./faults.ts";
import { watched, watchedRestored } from "./watched-service.ts";

describe("what clients saw of a service that keeps its promises", { timeout: 60_000 }, () => {
  it("is what the ledger says, whatever overlapped and whatever got lost", () => {
    fc.assert(
      fc.property(watched, ({ history, ledger }) => {
        expect(checkHistory(history, ledger).findings.map(describeFinding)).toEqual([]);
      }),
      { numRuns: 250 },
    );
  });

  it("is so too if it was restored, and what that undid is counted as undone", () => {
    let undone = 0;
    fc.assert(
      fc.property(watchedRestored, ({ history, ledger }) => {
        const result = checkHistory(history, ledger);
        expect(result.findings.map(describeFinding)).toEqual([]);
        undone += result.undone;
      }),
      { numRuns: 250 },
    );
    expect(undone).toBeGreaterThan(0);
  });

  it("is judged the same in whatever order the ledger is read, and if entries come twice", () => {
    fc.assert(
      fc.property(watched, ({ history, ledger }) => {
        const result = checkHistory(history, ledger);
        expect(checkHistory(history, [...ledger.toReversed(), ...ledger])).toEqual(result);
      }),
      { numRuns: 100 },
    );
  });
});

describe("a check of what clients saw finds", { timeout: 60_000 }, () => {
  it.each(faults.map((fault) => [fault.name, fault] as const))("%s", (_, { found, plant }) => {
    let planted = 0;
    fc.assert(
      fc.property(watched, fc.nat(1_000), (clean, choice) => {
        const faulty = plant(clean, choice);
        fc.pre(faulty !== undefined);
        planted += 1;
        const { findings } = checkHistory(faulty.history, faulty.ledger);
        expect(findings.map(({ rule }) => rule)).toContain(found);
      }),
      { numRuns: 30, maxSkipsPerRun: 1_000 },
    );
    expect(planted).toBeGreaterThanOrEqual(30);
  });
});
