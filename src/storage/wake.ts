/**
 * The one alarm of a Durable Object. A later `setAlarm` overwrites an earlier one, so this is the only place that
 * calls it: it moves the alarm forward or takes it back, never puts it off, and each move is one row written.
 */
export class Wake {
  readonly #storage: DurableObjectStorage;
  #armedAtMs = Number.POSITIVE_INFINITY;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
  }

  /** Learns when the stored alarm is. Call before anything else. */
  async load(): Promise<void> {
    this.#armedAtMs = (await this.#storage.getAlarm()) ?? Number.POSITIVE_INFINITY;
  }

  /** Makes sure that the object wakes at `atMs` or earlier. */
  by(atMs: number): void {
    if (atMs >= this.#armedAtMs) return;
    this.#armedAtMs = atMs;
    // Durable with the writes around it; the output gate waits for it.
    void this.#storage.setAlarm(atMs);
  }

  /** Takes the alarm back: there is nothing to wake for. */
  cancel(): void {
    if (this.#armedAtMs === Number.POSITIVE_INFINITY) return;
    this.#armedAtMs = Number.POSITIVE_INFINITY;
    void this.#storage.deleteAlarm();
  }

  /** Call first in `alarm()`: the stored alarm is spent. */
  fired(): void {
    this.#armedAtMs = Number.POSITIVE_INFINITY;
  }
}
