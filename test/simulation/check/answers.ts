import type { PublishedEvent } from "../../../src/protocol/event.ts";
import { comparePositions, type Position } from "../../../src/protocol/position.ts";
import type { StockView } from "../../../src/protocol/stock.ts";
import { publishEvent } from "../../../src/stock/publish.ts";
import { referenceOf } from "../load/calls.ts";
import type { Checker } from "../load/callers.ts";
import type { Attempt, Deed } from "../load/history.ts";
import type { Books } from "./books.ts";
import type { Report } from "./violation.ts";

/** A fault may still be felt so long after it happened. */
const aftermathMs = 400_000;

/** Refusals that stick to their key. */
const sticky: ReadonlySet<string> = new Set([
  "insufficient-stock",
  "insufficient-unavailable",
  "insufficient-incoming",
  "sku-in-use",
  "sku-has-stock",
  "reservation-expired",
  "reservation-ended",
  "reservation-exceeded",
  "quantity-not-open",
  "order-line-conflict",
]);

interface Body {
  readonly event?: PublishedEvent;
  readonly stock?: StockView;
  readonly type?: string;
}

/** Checks every answer as it comes against the ledgers and against all answers before it. */
export class Answers implements Checker {
  readonly #books: Books;
  readonly #report: Report;
  readonly #lastFaultAtMs: () => number;
  /** The newest position of each SKU that somebody was told of. */
  readonly #acknowledged = new Map<string, Position>();
  readonly #floors = new WeakMap<Attempt, ReadonlyMap<string, Position>>();

  constructor(books: Books, report: Report, lastFaultAtMs: () => number) {
    this.#books = books;
    this.#report = report;
    this.#lastFaultAtMs = lastFaultAtMs;
  }

  sent(_deed: Deed, attempt: Attempt): void {
    this.#floors.set(attempt, new Map(this.#acknowledged));
  }

  answered(deed: Deed, attempt: Attempt): void {
    const { answer, answeredAtMs = 0, sentAtMs } = attempt;
    if (answer === undefined) return;
    const { status } = answer;
    const body = JSON.parse(answer.text) as Body;
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
    this.#checkRepetition(deed, attempt, body);
    if (deed.step.action.type === "read") this.#checkRead(deed, attempt, body as StockView);
    else if (status < 300 && body.stock !== undefined) {
      this.#checkMutation(deed, attempt, body.stock, body.event, sentAtMs);
    }
  }

  #checkMutation(
    deed: Deed,
    attempt: Attempt,
    stock: StockView,
    event: PublishedEvent | undefined,
    sentAtMs: number,
  ): void {
    const { sku } = stock;
    const where = `step ${deed.step.id}, answered with ${sku} at ${stock.epoch}.${stock.version}`;
    const row = this.#books.of(sku).at(stock);
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
      event.type !== "stockwire.stock.committed.v1"
    ) {
      if (reference !== referenceOf(deed.step)) {
        this.#report(
          "an acknowledged mutation is in the ledger",
          `${where}: that is the entry of ${reference}`,
        );
      }
    }
    const isReplay = attempt.answer?.isReplay === true;
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
  #checkRepetition(deed: Deed, attempt: Attempt, body: Body): void {
    const { answer } = attempt;
    if (answer === undefined || deed.step.action.type === "read" || deed.step.action.type === "reconcile")
      return;
    const earlier = deed.attempts.find((other) => other !== attempt && isFinal(other));
    if (earlier?.answer === undefined) return;
    // Another failure on the way says nothing about what was answered before.
    if (answer.status >= 500) return;
    const isSame = answer.status === earlier.answer.status && answer.text === earlier.answer.text;
    if (!isSame) {
      const detail = `step ${deed.step.id}: first ${earlier.answer.status} ${earlier.answer.text}, then ${answer.status} ${answer.text}`;
      this.#report("a repeated key is answered the same", detail);
    } else if (answer.status < 300 && !answer.isReplay && body.event !== undefined) {
      this.#report(
        "a repeated key is answered the same",
        `step ${deed.step.id}: the repetition is not called one`,
      );
    }
  }

  #acknowledge(sku: string, position: Position): void {
    const known = this.#acknowledged.get(sku);
    if (known === undefined || comparePositions(position, known) > 0) {
      const { epoch, version } = position;
      this.#acknowledged.set(sku, { epoch, version });
    }
  }
}

/** Whether an answer stands for ever. */
function isFinal({ answer }: Attempt): boolean {
  if (answer === undefined) return false;
  if (answer.status < 300) return answer.status !== 202;
  const { type = "" } = JSON.parse(answer.text) as Body;
  return sticky.has(type.slice(type.lastIndexOf("/") + 1));
}
