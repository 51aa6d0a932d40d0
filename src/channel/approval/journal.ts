import type { ApprovalRequest, CartLine, Verdict } from "./contract.ts";

/** Answers remembered of one order; the oldest are forgotten first. */
const answersMax = 50;

/** What holds the units until they are sold: a reservation of one SKU, or one of several SKUs or of a kit. */
export interface Hold {
  readonly form: "single" | "several";
  readonly reservationId: string;
}

/** An order line of a SKU that an approval made. A line of a kit has one for each component. */
export interface SoldLeg {
  readonly sku: string;
  /** As the SKU knows it. */
  readonly lineId: string;
  /** Units of the SKU for one unit of the line. */
  readonly perUnit: number;
}

/**
 * What is taken for an order, or being taken. `taking`: nobody was told yet, so whoever finds it after a crash gives it
 * back. `approved`: it is the order's. `undoing`: it is being given back.
 */
export interface Attempt {
  /** Counts the attempts of the order, so that no two name a line alike. */
  readonly number: number;
  /** The question that was answered with it last. */
  readonly delivery: string;
  readonly cart: string;
  readonly lines: readonly CartLine[];
  readonly hold: Hold;
  readonly stage: "taking" | "approved" | "undoing";
  /** Of each line; known once it is approved. */
  readonly sold?: readonly (readonly SoldLeg[])[];
}

/** All that is remembered of the questions about one order. */
export interface Journal {
  readonly channel: string;
  readonly orderId: string;
  readonly attempts: number;
  readonly answers: Readonly<Record<string, { readonly cart: string; readonly verdict: Verdict }>>;
  readonly current?: Attempt;
}

export const tooLate: Verdict = {
  outcome: "declined",
  reason: "the stock could not be reserved in time; nothing is held, try again",
};

const changed: Verdict = {
  outcome: "declined",
  reason: "this question was answered before, with other lines; ask anew",
};

export function emptyJournal({ channel, orderId }: Pick<ApprovalRequest, "channel" | "orderId">): Journal {
  return { channel, orderId, attempts: 0, answers: {} };
}

/** The same text for the same lines. */
export function cartOf({ lines }: Pick<ApprovalRequest, "lines">): string {
  return JSON.stringify(lines.map(({ lineId, sku, quantity }) => [lineId, sku, quantity]));
}

/** What a question was answered before; undefined if it was not. */
export function answerTo({ answers }: Journal, request: ApprovalRequest): Verdict | undefined {
  const known = answers[request.delivery];
  if (known === undefined) return undefined;
  return known.cart === cartOf(request) ? known.verdict : changed;
}

/** The journal with an answer. What was answered before stays so. */
export function answered(journal: Journal, request: ApprovalRequest, verdict: Verdict): Journal {
  if (journal.answers[request.delivery] !== undefined) return journal;
  const kept = Object.entries(journal.answers).slice(1 - answersMax);
  const answer = { cart: cartOf(request), verdict };
  return { ...journal, answers: { ...Object.fromEntries(kept), [request.delivery]: answer } };
}

/** Units are held for a question. If it was answered meanwhile, it was too late, and they are given back. */
export function begun(journal: Journal, request: ApprovalRequest, number: number, hold: Hold): Journal {
  const { delivery, lines } = request;
  const stage = answerTo(journal, request) === undefined ? ("taking" as const) : ("undoing" as const);
  const current: Attempt = { number, delivery, cart: cartOf(request), lines, hold, stage };
  return { ...journal, attempts: Math.max(journal.attempts, number), current };
}

/** The units are sold. They stay so if the question is still to be answered, and it is time. */
export function settled(
  journal: Journal,
  request: ApprovalRequest,
  sold: readonly (readonly SoldLeg[])[],
  nowMs: number,
): Journal {
  const { current } = journal;
  if (current === undefined) return journal;
  const isLate = nowMs > request.decideByMs || answerTo(journal, request) !== undefined;
  if (isLate)
    return { ...answered(journal, request, tooLate), current: { ...current, sold, stage: "undoing" } };
  const approved: Attempt = { ...current, sold, stage: "approved", delivery: request.delivery };
  return { ...answered(journal, request, { outcome: "approved" }), current: approved };
}

/** Another question about an order that is approved with the same lines. */
export function approvedAgain(journal: Journal, request: ApprovalRequest): Journal {
  const { current } = journal;
  if (current === undefined || journal.answers[request.delivery] !== undefined) return journal;
  const { delivery } = request;
  return { ...answered(journal, request, { outcome: "approved" }), current: { ...current, delivery } };
}

/** Its time is over: declined, and what is being taken for it goes back. */
export function late(journal: Journal, request: ApprovalRequest): Journal {
  const declined = answered(journal, request, tooLate);
  const { current } = journal;
  const isOwn = current?.stage === "taking" && current.delivery === request.delivery;
  return isOwn && declined !== journal
    ? { ...declined, current: { ...current, stage: "undoing" } }
    : declined;
}

/**
 * The answer to a question did not get out: whatever it was, it was declined. What was approved is given back, unless
 * another question was answered with it since.
 */
export function withdrawn(journal: Journal, request: ApprovalRequest): Journal {
  const { [request.delivery]: _, ...answers } = journal.answers;
  const declined = answered({ ...journal, answers }, request, tooLate);
  return journal.current?.delivery === request.delivery ? undoing(declined) : declined;
}

export function undoing(journal: Journal): Journal {
  const { current } = journal;
  if (current === undefined || current.stage === "undoing") return journal;
  return { ...journal, current: { ...current, stage: "undoing" } };
}

/** Nothing is taken for the order any more. */
export function undone({ current: _undone, ...journal }: Journal): Journal {
  return journal;
}

/** Whether there is something that must not stay as it is. */
export function isUnfinished({ current }: Journal): boolean {
  return current !== undefined && current.stage !== "approved";
}
