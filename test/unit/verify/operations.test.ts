import { expect, it } from "vitest";
import type { Call } from "../../../src/verify/index.ts";
import { operationsOf } from "../../../src/verify/operations.ts";

const call = {
  sku: "A",
  key: "k",
  asked: { type: "adjust", location: "default", delta: 1, reason: "found" },
} as const;
const done = (epoch: string, version: number) => ({ outcome: "done", position: { epoch, version } }) as const;

function askedSince(...calls: readonly Call[]): number[] {
  return operationsOf(calls).flatMap(({ answers }) => answers.map(({ invokedAtMs }) => invokedAtMs));
}

it("what is done again after a restore counts from when it was asked for, though the first answer was still on its way", () => {
  const first: Call = { ...call, invokedAtMs: 0, returnedAtMs: 5, got: done("e1", 7) };
  const again: Call = { ...call, invokedAtMs: 1, returnedAtMs: 2, got: done("e2", 2) };
  expect(askedSince(first, again)).toEqual([0, 1]);
});

it("a call without an answer may have done either", () => {
  const lost: Call = { ...call, invokedAtMs: 1 };
  const first: Call = { ...call, invokedAtMs: 2, returnedAtMs: 3, got: done("e1", 7) };
  const again: Call = { ...call, invokedAtMs: 4, returnedAtMs: 5, got: done("e2", 2) };
  expect(askedSince(lost, first, again)).toEqual([1, 1]);
});
