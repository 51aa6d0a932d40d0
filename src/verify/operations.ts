import { comparePositions } from "../protocol/position.ts";
import type { Mutation } from "../stock/mutation.ts";
import { positionText } from "./finding.ts";
import type { Call, Got } from "./history.ts";
import { traceOf, tracesLeftBy } from "./trace.ts";

/** An answer, and the time in which what it says took effect. */
export interface Answer {
  readonly got: Got;
  readonly invokedAtMs: number;
  /** Infinity if nobody knows. */
  readonly returnedAtMs: number;
}

/** What one client wanted once of one SKU, with all its calls for it. */
export interface Operation {
  readonly sku: string;
  readonly key: string | undefined;
  readonly asked: Call["asked"];
  readonly ifMatch: Call["ifMatch"];
  /** Before the first call was sent it cannot have happened. */
  readonly invokedAtMs: number;
  /**
   * The different answers, in the order of their positions. More than one is a contradiction, unless a restore undid the
   * first and it was done again. Empty: nobody knows.
   */
  readonly answers: readonly Answer[];
  /** Whether some answer was the first one, not a replay. */
  readonly isFirsthand: boolean;
  /** See `traceOf`; undefined too if another operation has the same. */
  readonly trace: string | undefined;
}

/** Calls with one key are one operation. */
export function operationsOf(calls: readonly Call[]): Operation[] {
  const groups = Map.groupBy(calls, (call, index) =>
    call.key === undefined ? `call ${index}` : `key ${call.key}`,
  );
  const operations = [...groups.values()].map(toOperation);
  const counts = new Map<string, number>();
  for (const { asked } of operations) {
    for (const trace of isMutation(asked) ? new Set(tracesLeftBy(asked)) : [])
      counts.set(trace, (counts.get(trace) ?? 0) + 1);
  }
  return operations.map((operation) =>
    (counts.get(operation.trace ?? "") ?? 0) > 1 ? { ...operation, trace: undefined } : operation,
  );
}

function toOperation(calls: readonly Call[]): Operation {
  const [first] = calls;
  if (first === undefined) throw new Error("an operation has at least one call");
  const { sku, key, asked, ifMatch } = first;
  return {
    sku,
    key,
    asked,
    ifMatch,
    invokedAtMs: earliestOf(calls),
    answers: answersOf(calls),
    isFirsthand: calls.some(({ got }) => got !== undefined && got.replayed !== true),
    trace: isMutation(asked) ? traceOf(asked) : undefined,
  };
}

function answersOf(calls: readonly Call[]): Answer[] {
  const answered = calls.filter(isAnswered).toSorted((a, b) => compareGot(a.got, b.got));
  const unanswered = calls.filter((call) => !isAnswered(call));
  return [...Map.groupBy(answered, ({ got }) => answerText(got)).values()].map((same) => {
    const got = same.map((call) => call.got).reduce((best, each) => (says(each) > says(best) ? each : best));
    const returnedAtMs = same.reduce(
      (least, call) => Math.min(least, call.returnedAtMs ?? Number.POSITIVE_INFINITY),
      Number.POSITIVE_INFINITY,
    );
    // A call that got another answer did not do this. When that one came says nothing: it may have been long on its way.
    return { got, invokedAtMs: earliestOf([...same, ...unanswered]), returnedAtMs };
  });
}

function earliestOf(calls: readonly Call[]): number {
  return calls.reduce((least, call) => Math.min(least, call.invokedAtMs), Number.POSITIVE_INFINITY);
}

function isAnswered(call: Call): call is Call & { readonly got: Got } {
  return call.got !== undefined;
}

function compareGot(a: Got, b: Got): number {
  return a.position === undefined || b.position === undefined ? 0 : comparePositions(a.position, b.position);
}

export function isMutation(asked: Call["asked"]): asked is Mutation {
  return asked.type !== "read";
}

/** What must be the same in every answer of an operation. */
export function answerText(got: Got): string {
  return got.outcome === "done" ? `done ${positionText(got.position)}` : `refused ${got.code}`;
}

/** `reserve q-17`, for findings. */
export function nameOf({ asked, key }: Operation): string {
  return key === undefined ? asked.type : `${asked.type} ${key}`;
}

function says(got: Got): number {
  if (got.outcome === "refused") return got.position === undefined ? 0 : 1;
  return (got.event === undefined ? 0 : 1) + (got.stock === undefined ? 0 : 1);
}
