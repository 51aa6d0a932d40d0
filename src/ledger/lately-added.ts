import type { LedgerEntry, Run } from "../protocol/queue.ts";

/** So many SKUs are remembered, the one that was added to longest ago going first: some 2 MB. */
const skusMax = 10_000;

/**
 * What this isolate has added to the ledger last: of each SKU one run without a gap. It stays in the ledger until a restore, which
 * starts every isolate anew, so who knows it here need not ask there.
 */
export class LatelyAdded {
  readonly #runs = new Map<string, Run>();
  readonly #max: number;

  constructor(max = skusMax) {
    this.#max = max;
  }

  /** Told of entries that the ledger has by now, and every channel knows; they follow on each other. */
  note(sku: string, entries: readonly LedgerEntry[]): void {
    const end = entries.at(-1)?.position;
    if (end === undefined) return;
    const begin = entries.find(({ position }) => position.epoch === end.epoch)?.position ?? end;
    const added = { epoch: end.epoch, first: begin.version, last: end.version };
    const known = this.#runs.get(sku);
    this.#runs.delete(sku);
    this.#runs.set(sku, known !== undefined && touch(known, added) ? joined(known, added) : added);
    const [oldest] = this.#runs.keys();
    if (this.#runs.size > this.#max && oldest !== undefined) this.#runs.delete(oldest);
  }

  /** Up to which version of a run the ledger has it without a gap, as far as that is known here; undefined if it must be asked. */
  reached(sku: string, { epoch, first, last }: Run): number | undefined {
    const known = this.#runs.get(sku);
    const isKnown = known?.epoch === epoch && known.first <= first && first <= known.last;
    return isKnown ? Math.min(known.last, last) : undefined;
  }
}

/** Of this isolate: its consumer notes, and the objects that live in it look. */
export const latelyAdded = new LatelyAdded();

/** Whether there is no gap between two runs. */
function touch(one: Run, other: Run): boolean {
  return one.epoch === other.epoch && one.first <= other.last + 1 && other.first <= one.last + 1;
}

function joined(one: Run, other: Run): Run {
  return {
    epoch: one.epoch,
    first: Math.min(one.first, other.first),
    last: Math.max(one.last, other.last),
  };
}
