import type { StockEvent } from "../../../src/protocol/event.ts";
import type { StockView } from "../../../src/protocol/stock.ts";
import type { ObjectRecord } from "../cloud/instance.ts";
import { Book, type Row } from "./book.ts";
import type { Report } from "./violation.ts";

/** The ledgers of all SKUs, read from the disks of their objects whenever something is committed there. */
export class Books {
  readonly #books = new Map<string, Book>();
  readonly #report: Report;
  readonly #now: () => number;
  readonly #tell: (text: string) => void;

  /** `tell`: told of each entry, for the story. */
  constructor(report: Report, now: () => number, tell: (text: string) => void) {
    this.#report = report;
    this.#now = now;
    this.#tell = tell;
  }

  get all(): readonly Book[] {
    return [...this.#books.values()];
  }

  of(sku: string): Book {
    const known = this.#books.get(sku);
    if (known !== undefined) return known;
    const book = new Book(sku, this.#report);
    this.#books.set(sku, book);
    return book;
  }

  /** The disk of a SKU's object has changed. */
  read({ name, disk }: ObjectRecord): void {
    const isUnknown = disk.query("SELECT 1 FROM sqlite_master WHERE name = 'ledger'").length === 0;
    if (isUnknown) return;
    const book = this.of(name);
    const { epoch, version } = book.position;
    const rows = disk.query(
      `SELECT epoch, version, key, event, view FROM ledger WHERE (epoch, version) > (?, ?) ORDER BY epoch, version`,
      epoch,
      version,
    );
    for (const row of rows.map((found) => toRow(found as unknown as LedgerRow, this.#now()))) {
      book.append(row);
      const { position, event } = row;
      this.#tell(`${name} records ${position.version}: ${event.type}, available ${book.shelf.available}`);
    }
    book.settle();
  }
}

interface LedgerRow {
  readonly epoch: string;
  readonly version: number;
  readonly key: string | null;
  readonly event: string;
  readonly view: string | null;
}

function toRow({ epoch, version, key, event, view }: LedgerRow, committedAtMs: number): Row {
  return {
    position: { epoch, version },
    event: JSON.parse(event) as StockEvent,
    key,
    view: view === null ? undefined : (JSON.parse(view) as StockView),
    committedAtMs,
  };
}
