import { newIdempotencyKey } from "../client/transport.ts";

/**
 * The Idempotency-Key of something that a person wants done. The same thing asked again keeps its key until somebody has
 * answered: a lost answer, a second press or a retry does it once. Another thing, or the same after an answer, has a new key.
 */
export class Attempt {
  readonly #newKey: () => string;
  #asked: string | undefined;
  #key = "";

  constructor(newKey: () => string = newIdempotencyKey) {
    this.#newKey = newKey;
  }

  /** The key for a request; `asked` tells one request from another. */
  keyFor(asked: string): string {
    if (asked !== this.#asked) {
      this.#asked = asked;
      this.#key = this.#newKey();
    }
    return this.#key;
  }

  /** The service has answered, well or not: what is asked next is something new. */
  answered(): void {
    this.#asked = undefined;
  }
}
