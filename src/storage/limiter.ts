/** Runs a task, now or when its turn comes. */
export type Run = <Result>(task: () => Promise<Result>) => Promise<Result>;

/** So many tasks are begun before others have their turn: each may take 3 ms of the process. */
const tasksPerTurn = 4;

/**
 * Runs tasks as they come, at most `width` at a time, and gives way to others between them (`give-way.ts`). A task must not
 * wait for another one's turn.
 */
export function limiter(width: number, giveWay: () => Promise<void>): Run {
  const waiting: (() => void)[] = [];
  let free = width;
  let begun = 0;
  let turn: Promise<void> | undefined;

  return async (task) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      begun += 1;
      if (begun % tasksPerTurn === 0) turn = giveWay();
      await turn;
      return await task();
    } finally {
      const next = waiting.shift();
      // The place goes to the next one directly, so that nobody can take it in between.
      if (next === undefined) free += 1;
      else next();
    }
  };
}
