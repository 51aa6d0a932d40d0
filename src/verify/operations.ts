import type { Position } from "../protocol/position.ts";
import type { Mutation } from "../stock/mutation.ts";
import { positionText } from "./finding.ts";
import type { Call, Got } from "./history.ts";
import { traceOf, tracesLeftBy } from "./trace.ts";

/** What one client wanted once of one SKU, with all its calls for it. */
export interface Operation {
  readonly sku: string;
  readonly key: string | undefined;
  readonly asked: Call["asked"];
  readonly ifMatch: Call["ifMatch"];
  /** Before the first call was sent it cannot have happened. */
  readonly invokedAtMs: number;
  /** When it had happened for sure; Infinity if nobody knows that it did. */
  readonly returnedAtMs: number;
  /** The different answers: more than one is a contradiction. Empty: nobody knows. */
  readonly answers: readonly Got[];
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
  const answers = new Map<string, Got>();
  let invokedAtMs = Number.POSITIVE_INFINITY;
  let returnedAtMs = Number.POSITIVE_INFINITY;
  let isFirsthand = false;
  for (const call of calls) {
    invokedAtMs = Math.min(invokedAtMs, call.invokedAtMs);
    if (call.got === undefined) continue;
    returnedAtMs = Math.min(returnedAtMs, call.returnedAtMs ?? Number.POSITIVE_INFINITY);
    if (call.got.replayed !== true) isFirsthand = true;
    const same = answers.get(answerText(call.got));
    // Of equal answers, the one that says most.
    if (same === undefined || says(call.got) > says(same)) answers.set(answerText(call.got), call.got);
  }
  return {
    sku,
    key,
    asked,
    ifMatch,
    invokedAtMs,
    returnedAtMs,
    answers: [...answers.values()],
    isFirsthand,
    trace: isMutation(asked) ? traceOf(asked) : undefined,
  };
}

export function isMutation(asked: Call["asked"]): asked is Mutation {
  return asked.type !== "read";
}

/** What must be the same in every answer of an operation. */
export function answerText(got: Got): string {
  return got.outcome === "done" ? `done ${positionText(got.position)}` : `refused ${got.code}`;
}

export function positionOf(got: Got): Position | undefined {
  return got.position;
}

/** `reserve q-17`, for findings. */
export function nameOf({ asked, key }: Operation): string {
  return key === undefined ? asked.type : `${asked.type} ${key}`;
}

function says(got: Got): number {
  if (got.outcome === "refused") return got.position === undefined ? 0 : 1;
  return (got.event === undefined ? 0 : 1) + (got.stock === undefined ? 0 : 1);
}
