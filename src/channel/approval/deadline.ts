/** A question is answered this long after it came. Stripe waits 4 s, and half a second is left for the way back. */
const answerWithinMs = 3_500;
/** Nor later than this after it was signed: it may have waited long before it came. Signatures count whole seconds. */
const signedWithinMs = 4_000;
/** Of that, what is kept for the way from the object that decides. */
const marginMs = 400;

export interface Deadline {
  /** The object that decides says yes by then, or not at all. */
  readonly decideByMs: number;
  /** Then the channel is answered, whatever is known. */
  readonly answerByMs: number;
}

/** Until when a question must be decided and answered, by when it came and when it was signed. */
export function deadlineOf(arrivedAtMs: number, signedAtMs: number): Deadline {
  const answerByMs = Math.min(arrivedAtMs + answerWithinMs, signedAtMs + signedWithinMs);
  return { decideByMs: answerByMs - marginMs, answerByMs };
}

/** What `task` brings by then, or undefined; the task goes on. */
export async function byThen<Result>(
  atMs: number,
  nowMs: number,
  task: Promise<Result>,
): Promise<Result | undefined> {
  const { promise: late, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), Math.max(0, atMs - nowMs));
  try {
    return await Promise.race([task, late]);
  } finally {
    clearTimeout(timer);
  }
}
