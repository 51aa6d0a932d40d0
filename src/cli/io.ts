import type { WriteStream } from "node:tty";

/** What a command has of the world, so that tests can give it another one. */
export interface Io {
  /** A line of the answer. */
  out(line: string): void;
  /** A line that is not the answer: progress, advice, an error. */
  note(line: string): void;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where progress is drawn if somebody watches. */
  readonly screen: WriteStream;
  /** Aborts on Ctrl-C. */
  readonly signal: AbortSignal;
}

/** The process's own. The first Ctrl-C asks the command to end, the second one ends it. */
export function processIo(): Io {
  const stopping = new AbortController();
  process.once("SIGINT", () => stopping.abort(new Interruption()));
  return {
    out: (line) => console.log(line),
    note: (line) => console.error(line),
    env: process.env,
    screen: process.stderr,
    signal: stopping.signal,
  };
}

/** The user pressed Ctrl-C. */
export class Interruption extends Error {
  override readonly name = "Interruption";
}
