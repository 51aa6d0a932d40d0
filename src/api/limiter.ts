/** Runs a task, now or when its turn comes. */
export type Run = <Result>(task: () => Promise<Result>) => Promise<Result>;

/** Runs tasks as they come, at most `width` at a time. A task must not wait for another one's turn. */
export function limiter(width: number): Run {
  const waiting: (() => void)[] = [];
  let free = width;

  return async (task) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await task();
    } finally {
      const next = waiting.shift();
      // The place goes to the next one directly, so that nobody can take it in between.
      if (next === undefined) free += 1;
      else next();
    }
  };
}
