import type { PublishedEvent } from "../protocol/event.ts";
import { comparePositions, type Position } from "../protocol/position.ts";
import { publishedQuantity } from "../stock/publication.ts";
import type { Mutation } from "../stock/mutation.ts";
import { stockView } from "../stock/view.ts";
import { type Finding, positionText, type Rule } from "./finding.ts";
import type { Got, Observation } from "./history.ts";
import { entriesMaxOf, justifyDone, stepsNeeded, unjustRefusal } from "./justify.ts";
import { describeStep, LedgerWalk, type Step } from "./ledger.ts";
import { type Answer, answerText, isMutation, nameOf, type Operation } from "./operations.ts";
import { checkRealTime, type Moment } from "./real-time.ts";
import { isSame, viewDifferences } from "./same.ts";
import { tracesLeftBy, tracesOf } from "./trace.ts";

/** What was seen of one SKU. */
export interface Seen {
  readonly operations: readonly Operation[];
  readonly observations: readonly Observation[];
  readonly finals: readonly Observation[];
  readonly isComplete: boolean;
  readonly clockSkewMs: number;
}

interface Claim {
  readonly operation: Operation;
  readonly answer: Answer;
}

/** Checks what was seen of one SKU against its ledger, in one walk. */
export class SkuCheck {
  readonly findings: Finding[] = [];
  readonly #sku: string;
  readonly #seen: Seen;
  readonly #walk: LedgerWalk;
  readonly #claims: Map<string, Claim[]>;
  readonly #told: Map<string, Observation[]>;
  /** Every version that the ledger has: those after a gap are not walked to, but they are not lost. */
  readonly #there: ReadonlySet<string>;
  readonly #byTrace = new Map<string, Operation>();
  readonly #found = new Map<Operation, Step[]>();
  readonly #moments: Moment[] = [];
  /** When each version was asked for. */
  readonly #askedAtMs = new Map<string, number>();
  /** Entries that no operation explains so far. */
  readonly #unasked: Step[] = [];
  #steps: Step[] = [];

  constructor(sku: string, events: readonly PublishedEvent[], seen: Seen) {
    this.#sku = sku;
    this.#seen = seen;
    this.#walk = new LedgerWalk(sku, events);
    this.#claims = Map.groupBy(claimsOf(seen.operations), ({ answer }) => textOf(answer.got.position));
    const finals = seen.finals.map((final) => ({ ...final, atMs: Number.POSITIVE_INFINITY }));
    this.#told = Map.groupBy([...seen.observations, ...finals], ({ position }) => textOf(position));
    this.#there = new Set(events.map(({ data }) => positionText(data)));
    for (const operation of seen.operations) {
      if (operation.trace !== undefined) this.#byTrace.set(operation.trace, operation);
    }
  }

  /** Unknown outcomes that turned out to have happened. */
  get unknownApplied(): number {
    return this.#seen.operations.filter(
      (operation) => operation.answers.length === 0 && this.#found.has(operation),
    ).length;
  }

  /** Acknowledged changes that a restore undid. */
  get undone(): number {
    return this.#seen.operations.filter(
      ({ asked, answers }) =>
        isMutation(asked) &&
        answers.some(({ got }) => got.outcome === "done") &&
        answers.every(({ got }) => this.#isUndone(got)),
    ).length;
  }

  get entries(): number {
    return this.#walk.sums.entries;
  }

  run(): Finding[] {
    for (const step of this.#walk.steps()) {
      this.#steps = [...this.#steps, step].slice(-stepsNeeded);
      this.#judgeStep(step);
    }
    this.findings.push(...this.#walk.findings);
    this.#judgeRest();
    this.#checkFinals();
    this.#checkObservers();
    this.findings.push(...checkRealTime(this.#sku, this.#moments, this.#seen.clockSkewMs));
    return this.findings;
  }

  #judgeStep(step: Step): void {
    const here = positionText(step.position);
    const makers = new Set<Operation>();
    for (const { operation, answer } of this.#claims.get(here) ?? []) {
      if (this.#judge(operation, answer, step)) makers.add(operation);
    }
    const traced = tracesOf(step.event).flatMap((trace) => this.#byTrace.get(trace) ?? []);
    for (const operation of traced) {
      this.#found.set(operation, [...(this.#found.get(operation) ?? []), step]);
      if (operation.answers.length === 0 && this.#judgeUnknown(operation, step)) makers.add(operation);
    }
    const firsthand = [...makers].filter(({ isFirsthand, answers }) => isFirsthand || answers.length === 0);
    if (firsthand.length > 1) {
      const names = firsthand.map(nameOf).join(" and ");
      this.#note("doubled", step.position, `${names} both stand for ${describeStep(step)}`);
    }
    for (const { invokedAtMs } of makers) {
      this.#askedAtMs.set(here, Math.min(invokedAtMs, this.#askedAtMs.get(here) ?? invokedAtMs));
    }
    if (makers.size === 0 && traced.length === 0 && !isOfTheClock(step)) this.#unasked.push(step);
    for (const observation of this.#told.get(here) ?? []) this.#judgeObservation(observation, step);
    this.#claims.delete(here);
    this.#told.delete(here);
  }

  /** Whether the operation made the entry. */
  #judge(operation: Operation, answer: Answer, step: Step): boolean {
    const { asked, ifMatch } = operation;
    const { got } = answer;
    const name = nameOf(operation);
    if (got.outcome === "refused") {
      this.#saw(operation, answer, step.position);
      if (!isMutation(asked)) return false;
      const detail = unjustRefusal(asked, ifMatch, got.code, step);
      if (detail !== undefined) this.#note("refusal", step.position, `${name}: ${detail}`);
      return false;
    }
    this.#compareView("answer", name, got.stock, step);
    if (!isMutation(asked)) {
      this.#saw(operation, answer, step.position);
      return false;
    }
    const justified = justifyDone(asked, ifMatch, this.#steps);
    if (justified.outcome !== "applied") {
      // An order that was told again is answered with where its lines were first recorded, whatever they grew to since.
      const isToldAgain = got.replayed === true && sharesTrace(asked, step);
      if (justified.outcome === "wrong" && !isToldAgain)
        this.#note("lost", step.position, `${name}: ${justified.detail}`);
      if (justified.outcome === "unchanged" && operation.isFirsthand)
        this.#saw(operation, answer, step.position);
      return false;
    }
    if (got.event !== undefined && !isSame(got.event, step.published)) {
      this.#note("answer", step.position, `${name} was answered with another event than the ledger has`);
    }
    this.#made(operation, answer, step.position);
    // Of several entries that one mutation makes, its answer names the last.
    for (const made of this.#steps.slice(-justified.entries)) removeFrom(this.#unasked, made);
    return true;
  }

  #judgeUnknown(operation: Operation, step: Step): boolean {
    if (!isMutation(operation.asked)) return false;
    const justified = justifyDone(operation.asked, operation.ifMatch, this.#steps);
    if (justified.outcome !== "applied") {
      const detail = justified.outcome === "wrong" ? justified.detail : "it had nothing to change";
      this.#note("answer", step.position, `${nameOf(operation)}, whose outcome is unknown: ${detail}`);
      return false;
    }
    const { invokedAtMs } = operation;
    this.#made(operation, { invokedAtMs, returnedAtMs: Number.POSITIVE_INFINITY }, step.position);
    return true;
  }

  #judgeObservation({ observer, stock, published, atMs }: Observation, step: Step): void {
    this.#compareView("view", observer, stock, step);
    if (published !== undefined) {
      const { channel, quantity, rule } = published;
      const due = publishedQuantity(stockView(step.after, step.event.atMs), rule, channel);
      if (due !== quantity) {
        this.#note("view", step.position, `${observer} was told ${quantity} instead of ${due}`);
      }
    }
    const askedAtMs = this.#askedAtMs.get(positionText(step.position)) ?? Number.NEGATIVE_INFINITY;
    if (atMs + this.#seen.clockSkewMs < askedAtMs) {
      this.#note("order", step.position, `${observer} was told before anybody had asked for it`);
    }
  }

  /** What is said of versions that the ledger does not have, and what it has that nobody asked for. */
  #judgeRest(): void {
    for (const claims of this.#claims.values()) {
      for (const { operation, answer } of claims) {
        const { got } = answer;
        const { position } = got;
        if (position === undefined || this.#there.has(positionText(position))) continue;
        if (this.#walk.isUndone(position)) continue;
        const isChange = got.outcome === "done" && isMutation(operation.asked);
        const detail = `${nameOf(operation)} was answered with it, and the ledger lacks it`;
        this.#note(isChange ? "lost" : "view", position, detail);
      }
    }
    for (const observations of this.#told.values()) {
      for (const { observer, position } of observations) {
        if (this.#there.has(positionText(position)) || this.#walk.isUndone(position)) continue;
        this.#note("view", position, `${observer} was told of it, and the ledger lacks it`);
      }
    }
    for (const operation of this.#seen.operations) this.#judgeTraces(operation);
    // Without a trace, an unknown outcome may be any entry that nothing else explains.
    const untraceable = this.#seen.operations.reduce(
      (total, { asked, answers, trace }) =>
        isMutation(asked) && answers.length === 0 && trace === undefined
          ? total + entriesMaxOf(asked)
          : total,
      0,
    );
    if (!this.#seen.isComplete || this.#unasked.length <= untraceable) return;
    for (const step of this.#unasked.slice(untraceable)) {
      this.#note("unasked", step.position, `nobody asked for ${describeStep(step)}`);
    }
  }

  #judgeTraces(operation: Operation): void {
    // What a restore undid may be done again.
    const answers = operation.answers.filter(({ got }) => !this.#isUndone(got));
    const steps = (this.#found.get(operation) ?? []).filter(({ position }) => !this.#walk.isUndone(position));
    const name = nameOf(operation);
    if (answers.length > 1) {
      const texts = answers.map(({ got }) => answerText(got)).join(" and ");
      this.#note("doubled", answers[0]?.got.position, `${name} was answered with ${texts}`);
    }
    if (steps.length > 1) {
      const places = steps.map(({ position }) => positionText(position)).join(" and ");
      this.#note("doubled", steps[1]?.position, `${name} is in the ledger at ${places}`);
    }
    const [step] = steps;
    const isRefused = answers.length > 0 && answers.every(({ got }) => got.outcome === "refused");
    if (step !== undefined && isRefused) {
      this.#note("refusal", step.position, `${name} was refused, and the ledger has it`);
    }
  }

  #checkFinals(): void {
    const { newest } = this.#walk;
    for (const { observer, position } of this.#seen.finals) {
      if (newest === undefined || comparePositions(position, newest) >= 0) continue;
      this.#note("behind", position, `${observer} stays there, the newest is ${positionText(newest)}`);
    }
  }

  #checkObservers(): void {
    for (const [observer, told] of Map.groupBy(this.#seen.observations, (each) => each.observer)) {
      let newest: Position | undefined;
      for (const { position } of told) {
        if (newest !== undefined && comparePositions(position, newest) < 0) {
          this.#note("regression", position, `${observer} was told of it after ${positionText(newest)}`);
        } else newest = position;
      }
    }
  }

  #compareView(
    rule: Rule,
    who: string,
    stock: Parameters<typeof viewDifferences>[1] | undefined,
    step: Step,
  ): void {
    if (stock === undefined) return;
    const differences = viewDifferences(stockView(step.after, step.event.atMs), stock);
    if (differences.length > 0) this.#note(rule, step.position, `${who}: ${differences.join(", ")}`);
  }

  #made(operation: Operation, { invokedAtMs, returnedAtMs }: Omit<Answer, "got">, position: Position): void {
    this.#moments.push({ position, isMade: true, invokedAtMs, returnedAtMs, name: nameOf(operation) });
  }

  #saw(operation: Operation, { invokedAtMs, returnedAtMs }: Answer, position: Position): void {
    const { asked } = operation;
    const boundMs = asked.type === "read" ? (asked.maxAgeMs ?? 0) : 0;
    const name = nameOf(operation);
    this.#moments.push({ position, isMade: false, invokedAtMs: invokedAtMs - boundMs, returnedAtMs, name });
  }

  #isUndone(got: Got): boolean {
    const isNoEntry = got.outcome === "refused" || got.event === undefined;
    return got.position !== undefined && this.#walk.isUndone(got.position, isNoEntry);
  }

  #note(rule: Rule, position: Position | undefined, detail: string): void {
    const at = position && { position: { epoch: position.epoch, version: position.version } };
    this.findings.push({ rule, sku: this.#sku, ...at, detail });
  }
}

function claimsOf(operations: readonly Operation[]): Claim[] {
  return operations.flatMap((operation) =>
    operation.answers
      .map((answer) => ({ operation, answer }))
      .filter(({ answer }) => answer.got.position !== undefined),
  );
}

function textOf(position: Position | undefined): string {
  return position === undefined ? "" : positionText(position);
}

/** What happens without anybody asking. */
function isOfTheClock({ event }: Step): boolean {
  return event.type === "expired" || event.type === "derived" || event.type === "restored";
}

function sharesTrace(mutation: Mutation, { event }: Step): boolean {
  const traces = new Set(tracesLeftBy(mutation));
  return tracesOf(event).some((trace) => traces.has(trace));
}

function removeFrom(steps: Step[], step: Step): void {
  const index = steps.indexOf(step);
  if (index >= 0) steps.splice(index, 1);
}
