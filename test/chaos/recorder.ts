import type { Position } from "../../src/protocol/position.ts";
import type { Asked, Call, Got, Observation } from "../../src/verify/index.ts";

/** What one attempt asks of one SKU. */
export interface Attempt {
  readonly sku: string;
  readonly key?: string;
  readonly asked: Asked;
  readonly ifMatch?: readonly Position[];
}

/** Everything that was asked, answered and told, on one clock. */
export class Recorder {
  readonly calls: Call[] = [];
  readonly observations: Observation[] = [];
  /** When mutations were answered for the first time, in ms on the clock of the recorder. */
  readonly acknowledgedAtMs: number[] = [];
  /** Told of each first answer to a mutation. */
  onAcknowledged: (atMs: number) => void = () => undefined;

  now(): number {
    return performance.now();
  }

  /** An attempt whose answer came, if it did: nobody knows what became of one without `got`. */
  attempt(attempt: Attempt, invokedAtMs: number, got: Got | undefined): void {
    const returnedAtMs = got && this.now();
    this.calls.push({ ...attempt, invokedAtMs, ...(got && { returnedAtMs, got }) });
    if (got?.outcome !== "done" || got.replayed === true || attempt.asked.type === "read") return;
    this.acknowledgedAtMs.push(returnedAtMs ?? 0);
    this.onAcknowledged(returnedAtMs ?? 0);
  }

  observe(observation: Omit<Observation, "atMs">): void {
    this.observations.push({ ...observation, atMs: this.now() });
  }
}
