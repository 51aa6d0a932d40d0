import type { PublishedEvent, StockEvent } from "../protocol/event.ts";
import { comparePositions, type Position } from "../protocol/position.ts";
import { evolve } from "../stock/evolve.ts";
import { available } from "../stock/quantities.ts";
import { toStockEvent, UnknownEventError } from "../stock/replay.ts";
import { type SkuState, unknownSku } from "../stock/state.ts";
import { stockView } from "../stock/view.ts";
import { type Finding, positionText, type Rule } from "./finding.ts";
import { holdProblem } from "./holds.ts";
import { isUndone, type Restore, restoresIn } from "./restores.ts";
import { isSame, viewDifferences } from "./same.ts";
import { Sums } from "./sums.ts";

/** One entry of a SKU's ledger, and what it did. */
export interface Step {
  readonly position: Position;
  readonly published: PublishedEvent;
  readonly event: StockEvent;
  readonly before: SkuState;
  readonly after: SkuState;
}

/** What the ledger of a SKU comes to. */
export interface LedgerSums {
  /** Entries gone through, all lives of the SKU together. */
  readonly entries: number;
  /** The state at the newest version; undefined if the ledger is empty or cannot be added up to there. */
  readonly state: SkuState | undefined;
  /** The newest version there is. */
  readonly newest: Position | undefined;
  /** Requests that took more than there was: never allowed. */
  readonly oversoldRequests: number;
  /** Units that order facts took below zero, as their events say. */
  readonly oversoldUnits: number;
}

/**
 * Goes through the ledger of one SKU, life by life and version by version, adds it up with the service's own domain and
 * with a second arithmetic, and notes what cannot be. Events come in any order; those that come twice count once.
 */
export class LedgerWalk {
  readonly findings: Finding[] = [];
  readonly #sku: string;
  readonly #events: readonly PublishedEvent[];
  readonly #restores: readonly Restore[];
  /** The states that later lives continue. */
  readonly #origins = new Map<string, SkuState>();
  #entries = 0;
  #oversoldRequests = 0;
  #oversoldUnits = 0;
  #state: SkuState | undefined;

  constructor(sku: string, events: readonly PublishedEvent[]) {
    this.#sku = sku;
    this.#events = events.toSorted((a, b) => comparePositions(a.data, b.data));
    this.#restores = restoresIn(this.#events);
  }

  /** The newest version the ledger has. */
  get newest(): Position | undefined {
    const last = this.#events.at(-1);
    return last && { epoch: last.data.epoch, version: last.data.version };
  }

  /** Whether a restore undid what stands there: it is in no later state, and may be missing. See restores.ts. */
  isUndone(position: Position, isNoEntry = false): boolean {
    return isUndone(position, this.#restores, isNoEntry);
  }

  /** What it came to; ask after the last step. */
  get sums(): LedgerSums {
    return {
      entries: this.#entries,
      state: this.#state,
      newest: this.newest,
      oversoldRequests: this.#oversoldRequests,
      oversoldUnits: this.#oversoldUnits,
    };
  }

  /** Every entry in order, as far as each life can be added up: what follows on a gap cannot. */
  *steps(): Generator<Step> {
    for (const [epoch, events] of Map.groupBy(this.#events, ({ data }) => data.epoch)) {
      this.#state = yield* this.#life(epoch, events);
    }
  }

  /** Goes through to the end, for one who wants nothing but the findings and sums. */
  finish(): LedgerSums {
    for (const _ of this.steps());
    return this.sums;
  }

  *#life(epoch: string, events: readonly PublishedEvent[]): Generator<Step, SkuState | undefined> {
    const sums = new Sums();
    let state = this.#beginning(epoch, events[0]);
    let previous: PublishedEvent | undefined;
    for (const published of events) {
      const { version } = published.data;
      if (previous?.data.version === version) {
        if (!isSame(previous, published))
          this.#note("twice", published.data, "two entries have this version");
        continue;
      }
      if (version !== state.version + 1) {
        if (this.isUndone({ epoch, version: state.version + 1 })) return undefined;
        const detail = `this entry comes where version ${state.version + 1} was due`;
        this.#note("gap", published.data, detail);
        return undefined;
      }
      previous = published;
      const step = this.#step(state, published, sums);
      if (step === undefined) return undefined;
      this.#compareRestored(step);
      yield step;
      state = step.after;
      const here = positionText(step.position);
      if (this.#restores.some(({ from }) => positionText(from) === here)) this.#origins.set(here, state);
    }
    this.#checkEnd(state);
    this.#oversoldUnits += sums.oversoldUnits;
    return state;
  }

  /** A life that continues another one knows its orders and how its reservations ended. */
  #beginning(epoch: string, first: PublishedEvent | undefined): SkuState {
    const unknown = unknownSku(this.#sku, epoch);
    if (first?.type !== "stockwire.stock.restored.v1") return unknown;
    const { ended = unknown.ended, orderLines = unknown.orderLines } =
      this.#origins.get(positionText(first.data.from)) ?? {};
    return { ...unknown, ended, orderLines };
  }

  #compareRestored({ event, position, after }: Step): void {
    if (event.type !== "restored" || event.levels === undefined) return;
    const origin = this.#origins.get(positionText(event.from));
    if (origin === undefined) return;
    const { epoch, version } = after;
    const differences = viewDifferences(stockView({ ...origin, epoch, version }, 0), stockView(after, 0));
    if (differences.length === 0) return;
    this.#note("restore", position, `${differences.join(", ")}, compared with ${positionText(event.from)}`);
  }

  /** What a later life continues must be there. */
  #checkEnd({ epoch, version }: SkuState): void {
    for (const { from } of this.#restores) {
      if (from.epoch !== epoch || from.version <= version) continue;
      this.#note("gap", { epoch, version: version + 1 }, `a later life continues ${positionText(from)}`);
    }
  }

  #step(before: SkuState, published: PublishedEvent, sums: Sums): Step | undefined {
    const { epoch, version } = published.data;
    const position = { epoch, version };
    const event = this.#understood(published);
    if (event === undefined) return undefined;
    this.#entries += 1;
    const after = evolve(before, event);
    const problem = holdProblem(before, event);
    if (problem !== undefined) this.#note("hold", position, problem);
    const oversold = sums.add(published);
    if (oversold > 0) {
      this.#oversoldRequests += 1;
      this.#note("oversell", position, `a request took ${oversold} more than may be sold (${event.type})`);
    }
    if (sums.available !== available(after)) {
      const detail = `the domain adds up to ${available(after)} available, a second arithmetic to ${sums.available}`;
      this.#note("sum", position, detail);
    }
    return { position, published, event, before, after };
  }

  #understood(published: PublishedEvent): StockEvent | undefined {
    try {
      return toStockEvent(published);
    } catch (error) {
      if (!(error instanceof UnknownEventError)) throw error;
      this.#note("unknown-event", published.data, error.message);
      return undefined;
    }
  }

  #note(rule: Rule, { epoch, version }: Position, detail: string): void {
    this.findings.push({ rule, sku: this.#sku, position: { epoch, version }, detail });
  }
}

/** `k3v9.42 (adjusted)` */
export function describeStep({ position, event }: Step): string {
  return `${positionText(position)} (${event.type})`;
}
