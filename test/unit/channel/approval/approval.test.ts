import { describe, expect, it } from "vitest";
import type { ApprovalRequest } from "../../../../src/channel/approval/contract.ts";
import { byThen, deadlineOf } from "../../../../src/channel/approval/deadline.ts";
import {
  answered,
  answerTo,
  approvedAgain,
  begun,
  emptyJournal,
  type Hold,
  isUnfinished,
  late,
  settled,
  tooLate,
  undone,
  withdrawn,
} from "../../../../src/channel/approval/journal.ts";
import { shortReason } from "../../../../src/channel/approval/reason.ts";

const ask = (delivery: string, quantity = 1, decideByMs = 1_000): ApprovalRequest => ({
  channel: "stripe",
  orderId: "cs_1",
  delivery,
  lines: [{ lineId: "li_1", sku: "TEE", item: "prod-tee", quantity }],
  decideByMs,
});
const hold: Hold = { form: "single", reservationId: "rsv_1" };
const sold = [[{ sku: "TEE", lineId: "li_1~1", perUnit: 1 }]];
const approved = { outcome: "approved" } as const;
const first = ask("evt_1");
const taking = begun(emptyJournal(first), first, 1, hold);
const done = settled(taking, first, sold, 999);

describe("the deadline of a question", () => {
  it("is 3.5 s after it came, and at most 4 s after it was signed", () => {
    expect(deadlineOf(10_000, 10_000)).toEqual({ answerByMs: 13_500, decideByMs: 13_100 });
    expect(deadlineOf(12_000, 10_000)).toEqual({ answerByMs: 14_000, decideByMs: 13_600 });
    expect(deadlineOf(20_000, 10_000).answerByMs).toBeLessThan(20_000);
  });

  it("does not wait for what never comes", async () => {
    expect(await byThen(5, 0, Promise.withResolvers<number>().promise)).toBeUndefined();
    expect(await byThen(5, 0, Promise.resolve(1))).toBe(1);
  });
});

describe("the journal of an order", () => {
  it("answers a question as it did before, and refuses one that has changed", () => {
    expect(answerTo(done, first)).toEqual(approved);
    expect(answerTo(done, ask("evt_1", 2))).toMatchObject({ outcome: "declined", reason: /other lines/ });
    expect(answerTo(done, ask("evt_2"))).toBeUndefined();
    const other = { outcome: "declined", reason: "no" } as const;
    expect(answered(done, first, other)).toBe(done);
  });

  it("approves what is sold in time, and gives back what is not", () => {
    expect(done.current).toMatchObject({ stage: "approved", sold });
    expect(isUnfinished(done)).toBe(false);
    const over = settled(taking, first, sold, 1_001);
    expect(answerTo(over, first)).toEqual(tooLate);
    expect(over.current).toMatchObject({ stage: "undoing", sold });
  });

  it("gives back what is held or sold after its question was given up", () => {
    const givenUp = late(taking, first);
    expect(answerTo(givenUp, first)).toEqual(tooLate);
    expect(givenUp.current?.stage).toBe("undoing");
    expect(settled(givenUp, first, sold, 0).current?.stage).toBe("undoing");
    expect(begun(late(emptyJournal(first), first), first, 1, hold).current?.stage).toBe("undoing");
  });

  it("does not give up what was answered in time, nor what another question waits for", () => {
    expect(late(done, first)).toBe(done);
    expect(late(taking, ask("evt_2")).current?.stage).toBe("taking");
  });

  it("takes an approval back whose answer did not get out, unless another question got it since", () => {
    const back = withdrawn(done, first);
    expect(answerTo(back, first)).toEqual(tooLate);
    expect(back.current?.stage).toBe("undoing");
    const again = approvedAgain(done, ask("evt_2"));
    expect(answerTo(again, ask("evt_2"))).toEqual(approved);
    const kept = withdrawn(again, first);
    expect(answerTo(kept, first)).toEqual(tooLate);
    expect(kept.current?.stage).toBe("approved");
  });

  it("never names the lines of two attempts alike", () => {
    const back = undone(late(taking, first));
    expect(back.current).toBeUndefined();
    expect(back.attempts).toBe(1);
  });

  it("remembers a bounded number of answers", () => {
    let journal = emptyJournal(first);
    for (let index = 0; index < 200; index += 1) journal = answered(journal, ask(`evt_${index}`), approved);
    expect(Object.keys(journal.answers)).toHaveLength(50);
    expect(answerTo(journal, ask("evt_199"))).toEqual(approved);
  });
});

it("a reason names every short item as the channel does, with what there is of it", () => {
  const short = [
    { sku: "TEE", requested: 3, available: 1 },
    { sku: "PART", requested: 2, available: -4 },
  ];
  expect(shortReason(short, first.lines)).toBe(
    "out of stock: 3 of prod-tee requested, 1 available; 2 of PART requested, 0 available",
  );
});
