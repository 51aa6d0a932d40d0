import { parseTailCursor, type TailPlace } from "../../../src/ledger/tail.ts";
import type { SimulatedD1 } from "../cloud/d1.ts";
import type { Report } from "./violation.ts";

/** What names an event of the ledger. */
export interface HeardEvent {
  readonly subject: string;
  readonly id: string;
}

/** Checks that those who listen to the whole ledger hear every event once, in the order of its database. */
export class Hearing {
  readonly #ledger: readonly SimulatedD1[];
  readonly #report: Report;

  constructor(ledger: readonly SimulatedD1[], report: Report) {
    this.#ledger = ledger;
    this.#report = report;
  }

  begin(name: string): Ear {
    return new Ear(name, this.#ledger, this.#report);
  }
}

class Ear {
  readonly #name: string;
  readonly #ledger: readonly SimulatedD1[];
  readonly #report: Report;
  readonly #ids: string[] = [];
  #first: TailPlace | undefined;
  #last: TailPlace = [];

  constructor(name: string, ledger: readonly SimulatedD1[], report: Report) {
    this.#name = name;
    this.#ledger = ledger;
    this.#report = report;
  }

  /** It is subscribed from a place on. */
  from(cursor: string): void {
    this.#last = parseTailCursor(cursor, this.#ledger.length);
    this.#first ??= this.#last;
  }

  heard(cursor: string, events: readonly HeardEvent[]): void {
    this.#last = parseTailCursor(cursor, this.#ledger.length);
    this.#ids.push(...events.map(({ subject, id }) => `${subject} ${id}`));
  }

  /** It stops listening: it has heard all that was added between its first place and its last. */
  end(): void {
    if (this.#first === undefined) return;
    const added = this.#ledger.map((db, shard) =>
      addedTo(db, this.#first?.[shard] ?? 0, this.#last[shard] ?? 0),
    );
    const all = added.flat();
    const isOnce = this.#ids.length === all.length && new Set(all).size === all.length;
    const isInOrder = added.every((ids) => {
      const own = new Set(ids);
      return this.#ids.filter((id) => own.has(id)).join() === ids.join();
    });
    if (isOnce && isInOrder) return;
    const detail = `${this.#name} heard ${this.#ids.join(", ")}; added was ${all.join(", ")}`;
    this.#report("who listens hears every event once", detail);
  }
}

/** What a database added after one batch and up to another. */
function addedTo(db: SimulatedD1, after: number, last: number): string[] {
  const rows = db.query(
    `SELECT entry.value AS entry FROM ledger_batches AS batch JOIN json_each(batch.entries) AS entry
     WHERE batch.seq > ? AND batch.seq <= ? ORDER BY batch.seq, entry.key`,
    after,
    last,
  );
  return rows.map(({ entry }) => {
    const [sku, epoch, version] = JSON.parse(String(entry)) as [string, string, number];
    return `${sku} ${epoch}.${version}`;
  });
}
