import { createHash } from "node:crypto";

/** How much a line matters to somebody who reads the story. */
export type Weight = "story" | "detail";

export interface Line {
  readonly atMs: number;
  readonly weight: Weight;
  readonly text: string;
}

/** Lines that are put into the hash together. */
const linesTogether = 500;

/** What happened, as a hash of all of it; the lines themselves only if they are asked for. */
export class Trace {
  readonly lines: Line[] = [];
  readonly #keeps: boolean;
  readonly #hash = createHash("sha256");
  #waiting: string[] = [];

  constructor(keeps: boolean) {
    this.#keeps = keeps;
  }

  add(atMs: number, weight: Weight, text: string): void {
    this.#waiting.push(`${atMs} ${text}\n`);
    if (this.#waiting.length >= linesTogether) this.#flush();
    if (this.#keeps) this.lines.push({ atMs, weight, text });
  }

  digest(): string {
    this.#flush();
    return this.#hash.copy().digest("hex");
  }

  #flush(): void {
    this.#hash.update(this.#waiting.join(""));
    this.#waiting = [];
  }
}
