/** The result of `task` if it comes within `ms`; throws otherwise, and what comes later is ignored. */
export async function within<Result>(ms: number, what: string, task: Promise<Result>): Promise<Result> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`${what} did not answer within ${ms} ms`)), ms);
  try {
    return await Promise.race([task, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Resolves when `task` has ended, or after `ms`, whichever is first; the task goes on. Throws if it does by then. */
export async function atMost(ms: number, task: Promise<void>): Promise<void> {
  const { promise: enough, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  try {
    await Promise.race([task, enough]);
  } finally {
    clearTimeout(timer);
  }
}
