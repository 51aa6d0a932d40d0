/**
 * Whether a cron expression means this minute, in UTC. Only its first two fields, minute and hour, may say anything: `*`,
 * lists, ranges and steps.
 */
export function isDue(expression: string, date: Date): boolean {
  const [minute = "", hour = "", ...days] = expression.trim().split(/\s+/);
  if (days.length !== 3 || days.some((field) => field !== "*"))
    throw new Error(`cron expression "${expression}" must be "minute hour * * *"`);
  return meets(minute, date.getUTCMinutes()) && meets(hour, date.getUTCHours());
}

function meets(field: string, value: number): boolean {
  const parts = field.split(",").map((part) => matches(part, value));
  return parts.includes(true);
}

function matches(part: string, value: number): boolean {
  const match = /^(?:\*|(\d+)(?:-(\d+))?)(?:\/(\d+))?$/.exec(part);
  if (match === null) throw new Error(`cron field "${part}" is not known here`);
  const [, first, last, step] = match;
  const from = Number(first ?? 0);
  const isOne = first !== undefined && last === undefined && step === undefined;
  const to = isOne ? from : Number(last ?? Number.POSITIVE_INFINITY);
  return value >= from && value <= to && (value - from) % Number(step ?? 1) === 0;
}

/**
 * Runs `task` in each minute that one of the expressions means; Miniflare knows a Worker's crons, but never fires them.
 * Answers how to stop.
 */
export function startCrons(
  expressions: readonly string[],
  task: (expression: string, scheduledTime: Date) => Promise<void>,
): () => void {
  // One that is not understood fails now, not in an hour.
  for (const expression of expressions) isDue(expression, new Date());
  let timer: NodeJS.Timeout;
  const waitForMinute = () => {
    timer = setTimeout(
      () => {
        const minute = new Date(Math.floor(Date.now() / 60_000) * 60_000);
        for (const expression of expressions) if (isDue(expression, minute)) void task(expression, minute);
        waitForMinute();
      },
      60_000 - (Date.now() % 60_000),
    );
    timer.unref();
  };
  waitForMinute();
  return () => clearTimeout(timer);
}
