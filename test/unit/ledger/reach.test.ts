import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { project } from "../../../src/ledger/projection.ts";
import { reachedIn } from "../../../src/ledger/reach.ts";
import { MemoryLedger } from "./d1.ts";
import { messageOf, record } from "./histories.ts";

const count = { waitMs: 0, mutation: { type: "count" as const, location: "default", onHand: 1 } };
const found = (delta: number) => ({
  waitMs: 1,
  mutation: { type: "adjust" as const, location: "default", delta, reason: "found" as const },
});
const { recorded } = record("A", [count, ...Array.from({ length: 11 }, (_, index) => found(index + 1))]);
const { recorded: others } = record("B", [count, found(1)]);
const epoch = recorded[0]?.entry.position.epoch ?? "";

describe("how far the ledger reaches", () => {
  it("is up to the first entry that it lacks, whatever came after it", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.integer({ min: 1, max: 12 })),
        fc.integer({ min: 1, max: 12 }),
        fc.nat(11),
        async (versions, first, more) => {
          const ledger = new MemoryLedger();
          const messages = versions.map((version) => messageOf(recorded, version - 1, 1, 12));
          await project(ledger, [...messages, messageOf(others, 0, 2, 2)], []);
          const last = Math.min(12, first + more);
          let expected = first - 1;
          while (expected < last && versions.includes(expected + 1)) expected += 1;
          expect(await reachedIn(ledger.first, "A", { epoch, first, last })).toBe(expected);
          expect(await reachedIn(ledger.first, "A", { epoch: `${epoch}x`, first, last })).toBe(first - 1);
        },
      ),
    );
  });
});
