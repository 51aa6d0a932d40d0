import { comparePositions, type Position } from "../../../src/protocol/position.ts";
import type { StockView } from "../../../src/protocol/stock.ts";
import { publishEvent } from "../../../src/stock/publish.ts";
import type { Checker } from "../load/callers.ts";
import type { Attempt, Deed, History } from "../load/history.ts";
import type { Book } from "./book.ts";
import type { Books } from "./books.ts";
import { isFinal, type Part, partsOf } from "./parts.ts";
import type { Report } from "./violation.ts";

/** A fault may still be felt so long after it happened. */
const aftermathMs = 400_000;

/** Checks every answer as it comes against the ledgers and against all answers before it. */
export class Answers implements Checker {
  readonly #books: Books;
  readonly #history: History;
  readonly #report: Report;
  readonly #lastFaultAtMs: () => number;
  /** The newest position of each SKU that somebody was told of. */
  readonly #acknowledged = new Map<string, Position>();
  readonly #floors = new WeakMap<Attempt, ReadonlyMap<string, Position>>();

  constructor(books: Books, history: History, report: Report, lastFaultAtMs: () => number) {
    this.#books = books;
    this.#history = history;
    this.#report = report;
    this.#lastFaultAtMs = lastFaultAtMs;
  }

  sent(_deed: Deed, attempt: Attempt): void {
    this.#floors.set(attempt, new Map(this.#acknowledged));
  }

  answered(deed: Deed, attempt: Attempt): void {
    const { answer, answeredAtMs = 0 } = attempt;
    if (answer === undefined) return;
    const { status } = answer;
    if (status >= 500 && answeredAtMs - this.#lastFaultAtMs() > aftermathMs) {
      this.#report(
        "nothing fails without a cause",
        `step ${deed.step.id} is answered ${status} ${answer.text}`,
      );
    }
    if ([400, 401, 403, 405, 415].includes(status)) {
      this.#report(
        "nothing fails without a cause",
        `step ${deed.step.id} is answered ${status} ${answer.text}`,
      );
    }
    if (deed.step.action.type === "read")
      return this.#checkRead(deed, attempt, JSON.parse(answer.text) as StockView);
    for (const [index, part] of partsOf(deed.step, answer).entries()) {
      this.#checkRepetition(deed, attempt, part, index);
      if (part.status < 300 && part.stock !== undefined) this.#checkMutation(deed, attempt, part, part.stock);
    }
  }

  #checkMutation(deed: Deed, attempt: Attempt, part: Part, stock: StockView): void {
    const { sku } = stock;
    const { event, isReplay } = part;
    const { sentAtMs } = attempt;
    const where = `step ${deed.step.id}, answered with ${sku} at ${stock.epoch}.${stock.version}`;
    const book = this.#books.of(sku);
    const row = book.at(stock);
    if (row === undefined) {
      return this.#report(
        "an acknowledged mutation is in the ledger",
        `${where}: the ledger has no such entry`,
      );
    }
    const recorded = publishEvent(sku, row.position, row.event);
    if (event !== undefined && JSON.stringify(recorded) !== JSON.stringify(event)) {
      this.#report(
        "an acknowledged mutation is in the ledger",
        `${where}: the ledger has ${JSON.stringify(recorded)}`,
      );
    }
    const { reference } = row.event;
    if (
      event !== undefined &&
      reference?.startsWith("step-") === true &&
      event.type !== "stockwire.stock.committed.v1" &&
      reference !== part.reference
    ) {
      this.#report(
        "an acknowledged mutation is in the ledger",
        `${where}: that is the entry of ${reference}`,
      );
    }
    const floor = this.#floors.get(attempt)?.get(sku);
    if (!isReplay && floor !== undefined && comparePositions(stock, floor) < (event === undefined ? 0 : 1)) {
      this.#report(
        "real time order holds",
        `${where}: ${floor.epoch}.${floor.version} was told before it was asked`,
      );
    }
    // A reservation that somebody else ended in the same way is answered with that, as a replay.
    const isNatural = isReplay && ["commit", "release"].includes(deed.step.action.type);
    const first = deed.attempts[0]?.sentAtMs ?? sentAtMs;
    if (event !== undefined && !isNatural && row.committedAtMs < (isReplay ? first : sentAtMs)) {
      this.#report("real time order holds", `${where}: it was recorded before it was asked for`);
    }
    const { expects } = deed.call;
    if (event !== undefined && expects !== undefined && !follows(book, row.position, expects)) {
      this.#report("a precondition holds", `${where}: it was for ${expects.epoch}.${expects.version} only`);
    }
    this.#acknowledge(sku, stock);
  }

  #checkRead(deed: Deed, attempt: Attempt, stock: StockView): void {
    const { action } = deed.step;
    if (action.type !== "read" || attempt.answer === undefined) return;
    const [sku = ""] = action.skus;
    const book = this.#books.of(sku);
    const oldestMs = attempt.sentAtMs - action.maxAgeSeconds * 1_000;
    const due = book.positionAt(oldestMs);
    const where = `step ${deed.step.id} reads ${sku}, at most ${action.maxAgeSeconds} s old`;
    if (attempt.answer.status === 404) {
      const isKnown = book.rows.some(
        ({ event, committedAtMs }) => committedAtMs >= oldestMs && event.type === "retired",
      );
      if (due.version > 0 && !isKnown && book.at(due)?.event.type !== "retired") {
        this.#report("a read is as fresh as asked", `${where}: it is said to be unknown`);
      }
      return;
    }
    if (attempt.answer.status !== 200) return;
    if (comparePositions(stock, due) < 0) {
      const told = `${stock.epoch}.${stock.version}`;
      this.#report(
        "a read is as fresh as asked",
        `${where}: it is told ${told}, and ${due.epoch}.${due.version} was due`,
      );
    }
    if (Date.parse(stock.asOf) < Math.floor(oldestMs)) {
      this.#report("a read is as fresh as asked", `${where}: the view is of ${stock.asOf}`);
    }
    this.#acknowledge(sku, stock);
  }

  /** Whoever asks again with the same key is told the same again. */
  #checkRepetition(deed: Deed, attempt: Attempt, part: Part, index: number): void {
    if (deed.step.action.type === "reconcile") return;
    const earlier = deed.attempts
      .filter((other) => other !== attempt)
      .flatMap(({ answer }) => (answer && partsOf(deed.step, answer)[index]) ?? [])
      .find(isFinal);
    // Another failure on the way says nothing about what was answered before.
    if (earlier === undefined || part.status >= 500) return;
    if (part.status !== earlier.status || part.text !== earlier.text) {
      const detail = `step ${deed.step.id}: first ${earlier.status} ${earlier.text}, then ${part.status} ${part.text}`;
      this.#report("a repeated key is answered the same", detail);
    } else if (part.status < 300 && !part.isReplay && part.event !== undefined) {
      this.#report(
        "a repeated key is answered the same",
        `step ${deed.step.id}: the repetition is not called one`,
      );
    }
  }

  #acknowledge(sku: string, position: Position): void {
    this.#history.told(sku, position);
    const known = this.#acknowledged.get(sku);
    if (known === undefined || comparePositions(position, known) > 0) {
      const { epoch, version } = position;
      this.#acknowledged.set(sku, { epoch, version });
    }
  }
}

/** Whether nothing but expiries came between two positions of a ledger. */
function follows(book: Book, position: Position, before: Position): boolean {
  if (comparePositions(position, before) <= 0) return false;
  return book.rows
    .filter(
      (row) => comparePositions(row.position, before) > 0 && comparePositions(row.position, position) < 0,
    )
    .every(({ event }) => event.type === "expired");
}
