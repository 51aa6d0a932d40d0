import type { StockEvent } from "../protocol/event.ts";
import type { Position } from "../protocol/position.ts";
import type { LedgerEntry } from "../protocol/queue.ts";
import type { Mutation } from "../stock/mutation.ts";
import { isSticky, type Refusal, unreachable } from "../stock/refusal.ts";
import {
  exists,
  hasLedger,
  homesAt,
  orderLineKey,
  type SkuState,
  unknownSku,
  withRecords,
} from "../stock/state.ts";
import { transact } from "../stock/transact.ts";
import { stockView } from "../stock/view.ts";
import type { MutationRequest, MutationResult } from "./contract.ts";
import { epochAfter } from "./epoch.ts";
import type { Answer, NewEntry, StoredAnswer } from "./ledger.ts";
import type { SkuStore } from "./store.ts";

export interface BatchOutcome {
  readonly state: SkuState;
  readonly results: readonly MutationResult[];
  /** What was appended to the ledger, in order. */
  readonly entries: readonly LedgerEntry[];
}

/**
 * Decides mutations one after the other and persists what comes of them. Runs inside one transaction: if it
 * throws, nothing happened, and the caller keeps the state it had.
 */
export function applyBatch(
  store: SkuStore,
  before: SkuState,
  requests: readonly MutationRequest[],
  nowMs: number,
): BatchOutcome {
  const batch = new Batch(store, before, nowMs);
  const results = requests.map((request) => batch.apply(request));
  return { state: batch.state, results, entries: batch.entries };
}

class Batch {
  readonly entries: LedgerEntry[] = [];
  readonly #store: SkuStore;
  readonly #nowMs: number;
  #state: SkuState;

  constructor(store: SkuStore, state: SkuState, nowMs: number) {
    this.#store = store;
    this.#state = state;
    this.#nowMs = nowMs;
  }

  get state(): SkuState {
    return this.#state;
  }

  apply(request: MutationRequest): MutationResult {
    const guarded = this.#guard(request);
    if (guarded !== undefined) return guarded;

    this.#beginLifeFor(request.mutation);
    const prepared = withRecords(this.#state, recordsNamedBy(request.mutation, this.#store, this.#state));
    const { state, expired, decision } = transact(prepared, request.mutation, this.#nowMs);
    let version = prepared.version;
    for (const event of expired) {
      version += 1;
      this.#append({ position: { epoch: state.epoch, version }, event });
    }
    this.#state = state;

    switch (decision.outcome) {
      case "refused":
        if (exists(state) && isKept(request.mutation, decision.refusal)) {
          this.#keepAnswer(request, state, { kind: "refused", refusal: decision.refusal });
        }
        return { outcome: "refused", replayed: false, refusal: decision.refusal, ...positionOf(state) };
      case "recorded":
        return this.#answerAgain(request, decision.position);
      case "events":
        return this.#record(request, decision.events, version);
      default:
        return unreachable(decision);
    }
  }

  /** A SKU that nobody knows, or that was retired, begins a new life with the first thing that creates it. */
  #beginLifeFor(mutation: Mutation): void {
    if (exists(this.#state) || !canCreate(mutation)) return;
    this.#store.beginLife();
    const { sku, epoch, homes } = this.#state;
    this.#state = unknownSku(sku, epochAfter(epoch, this.#nowMs), homes);
  }

  /** Replays a known key, then checks If-Match: a retry after a success must not fail on its own change. */
  #guard(request: MutationRequest): MutationResult | undefined {
    const { key, ifMatch } = request;
    // A SKU that is created again still knows the keys of its earlier life.
    if (key !== undefined && hasLedger(this.#state)) {
      const answer = this.#store.ledger.answerTo(key);
      if (answer !== undefined) return replay(answer, request, this.#state);
    }
    const homes = homesAt(this.#state, this.#nowMs);
    if (homes !== undefined && isForShards(request)) {
      const refusal = { code: "ask-shard", shards: homes.shards } as const;
      return { outcome: "refused", replayed: false, refusal, ...positionOf(this.#state) };
    }
    if (ifMatch !== undefined && !ifMatch.some((wanted) => isAt(this.#state, wanted))) {
      const refusal = { code: "version-mismatch" } as const;
      return { outcome: "refused", replayed: false, refusal, ...positionOf(this.#state) };
    }
    return undefined;
  }

  #record(request: MutationRequest, events: readonly StockEvent[], after: number): MutationResult {
    const { epoch } = this.#state;
    const stock = stockView(this.#state, this.#nowMs);
    const position = { epoch, version: this.#state.version };
    events.forEach((event, index) => {
      const isLast = index === events.length - 1;
      this.#append({
        position: { epoch, version: after + index + 1 },
        event,
        ...(isLast && { key: request.key, fingerprint: request.fingerprint, stock }),
      });
    });
    this.#saveOrderLines(events);
    const event = events.at(-1);
    // A key is answered the same for ever: repeated later, it must not do what had no need to be done at first.
    if (event === undefined) this.#keepAnswer(request, position, { kind: "done", stock });
    return { outcome: "done", replayed: false, position, ...(event !== undefined && { event }), stock };
  }

  #append(entry: NewEntry): void {
    this.#store.ledger.append(entry);
    this.entries.push({ position: entry.position, event: entry.event });
  }

  #saveOrderLines(events: readonly StockEvent[]): void {
    for (const event of events) {
      if (!("orderId" in event)) continue;
      const lineIds = "lines" in event ? event.lines.map((line) => line.lineId) : [event.lineId];
      for (const lineId of lineIds) {
        const line = this.#state.orderLines.get(orderLineKey({ ...event, lineId }));
        if (line !== undefined) this.#store.saveOrderLine(line);
      }
    }
  }

  #keepAnswer({ key, fingerprint }: MutationRequest, { epoch, version }: Position, answer: Answer): void {
    if (key === undefined) return;
    this.#store.ledger.saveAnswer({ key, fingerprint }, { epoch, version }, answer, this.#nowMs);
  }

  /** The answer of a mutation that was recorded at a version; the present view once the ledger has forgotten it. */
  #answerAgain(request: MutationRequest, position: Position): MutationResult {
    const recorded = this.#store.ledger.answerAt(position);
    const done =
      recorded === undefined
        ? { stock: stockView(this.#state, this.#nowMs) }
        : { event: recorded.event, stock: recorded.stock };
    this.#keepAnswer(request, position, { kind: "done", ...done });
    return { outcome: "done", replayed: true, position, ...done };
  }
}

function replay(answer: StoredAnswer, request: MutationRequest, state: SkuState): MutationResult {
  if (answer.fingerprint !== request.fingerprint) {
    const refusal = { code: "idempotency-key-reused" } as const;
    return { outcome: "refused", replayed: false, refusal, ...positionOf(state) };
  }
  if (answer.kind === "refused") {
    return { outcome: "refused", replayed: true, refusal: answer.refusal, position: answer.position };
  }
  const { position, event, stock } = answer;
  return { outcome: "done", replayed: true, position, ...(event !== undefined && { event }), stock };
}

/** A buyer's key that a shard may have answered: the shard is asked first, and passes on what it does not serve. */
function isForShards({ key, mutation, isPassedOn }: MutationRequest): boolean {
  return key !== undefined && mutation.type === "reserve" && isPassedOn !== true;
}

/**
 * Whether a refusal stands for its key for ever. A hold of a kit is made elsewhere, under the same key: if the kit is gone when
 * it is repeated, or has become a plain SKU, it must lead there again.
 */
function isKept({ type }: Mutation, refusal: Refusal): boolean {
  return isSticky(refusal) || (type === "reserve" && refusal.code === "sku-is-kit");
}

/** Whether a mutation may be the first that is told of a SKU. */
function canCreate(mutation: Mutation): boolean {
  return mutation.type === "create" || mutation.type === "count";
}

function isAt(state: SkuState, wanted: Position): boolean {
  return exists(state) && state.epoch === wanted.epoch && state.version === wanted.version;
}

function positionOf(state: SkuState): { position?: Position } {
  return exists(state) ? { position: { epoch: state.epoch, version: state.version } } : {};
}

/** The stored records a mutation names and the state does not hold. */
function recordsNamedBy(
  mutation: Mutation,
  store: SkuStore,
  state: SkuState,
): Parameters<typeof withRecords>[1] {
  if (!exists(state)) return {};
  const orderLines =
    "orderId" in mutation
      ? store
          .orderLines(mutation.channel, mutation.orderId)
          .filter((line) => !state.orderLines.has(orderLineKey(line)))
      : [];
  if (!("reservationId" in mutation)) return { orderLines };
  const id = mutation.reservationId;
  const isKnown = state.reservations.has(id) || state.ended.has(id);
  const ended = isKnown ? undefined : store.endedReservation(id);
  return { orderLines, ended: ended === undefined ? [] : [ended] };
}
