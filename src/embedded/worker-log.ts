/** A line that workerd, or the Worker in it, has logged. */
export interface LogLine {
  readonly level: string;
  readonly message: string;
}

/** What workerd notes for its own developers at a start: that alarms were put off meanwhile, as `overdue-alarms.ts` does. */
const expected = "NOSENTRY SQLite alarm overdue, running despite AlarmManager mismatch";

/** Passes on what operators should hear, and leaves out what is expected. */
export function withoutExpected(tell: (line: LogLine) => void): (line: LogLine) => void {
  return (line) => {
    if (!line.message.startsWith(expected)) tell(line);
  };
}

/** To standard output; warnings and errors to standard error. */
export function print({ level, message }: LogLine): void {
  if (level === "error" || level === "warn") console.error(message);
  else console.log(message);
}
