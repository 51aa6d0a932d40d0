import fc from "fast-check";
import type { PublishedEvent, StockEvent } from "../../../src/protocol/event.ts";
import { publishedQuantity } from "../../../src/stock/publication.ts";
import { publishEvent } from "../../../src/stock/publish.ts";
import { unreachable } from "../../../src/stock/refusal.ts";
import { exists, type SkuState, unknownSku } from "../../../src/stock/state.ts";
import { stockView } from "../../../src/stock/view.ts";
import type { Call, Got, History, Observation } from "../../../src/verify/index.ts";
import { evolve } from "../../../src/stock/evolve.ts";
import type { Mutation } from "../../../src/stock/mutation.ts";
import { restoredEvents } from "../../../src/stock/restore.ts";
import { type Transaction, transact } from "../../../src/stock/transact.ts";
import { toMutation } from "../stock/commands.ts";
import { histories, type Step } from "../stock/history.ts";

/** What clients noticed of one mutation: how long it was under way before and after, and what they were told. */
interface Notice {
  readonly beforeMs: number;
  readonly afterMs: number;
  /** `lost`: the answer never came. `retried`: it came the second time only. */
  readonly fate: "answered" | "lost" | "retried";
  readonly isRead: boolean;
  readonly isWatched: boolean;
}

const notice: fc.Arbitrary<Notice> = fc.record({
  beforeMs: fc.nat(900),
  afterMs: fc.nat(900),
  fate: fc.oneof(
    { weight: 6, arbitrary: fc.constant("answered" as const) },
    { weight: 2, arbitrary: fc.constant("lost" as const) },
    { weight: 1, arbitrary: fc.constant("retried" as const) },
  ),
  isRead: fc.boolean(),
  isWatched: fc.boolean(),
});

/** What was seen of a service that keeps its promises, and its ledger. */
export interface Watched {
  readonly history: History & {
    readonly calls: readonly Call[];
    readonly observations: readonly Observation[];
  };
  readonly ledger: readonly PublishedEvent[];
}

/** When a backup is made and when the service is restored to it, by steps. */
interface Restore {
  readonly backupAt: number;
  readonly restoreAfter: number;
  /** Whether the ledger, unlike the SKU, still has what was undone. */
  readonly keepsUndone: boolean;
}

const restore: fc.Arbitrary<Restore> = fc.record({
  backupAt: fc.integer({ min: 1, max: 12 }),
  restoreAfter: fc.integer({ min: 1, max: 12 }),
  keepsUndone: fc.boolean(),
});

const noticed = fc.array(notice, { minLength: 60, maxLength: 60 });

/** Any life of a SKU, seen by clients whose calls overlap and whose answers get lost. */
export const watched: fc.Arbitrary<Watched> = fc
  .tuple(histories, noticed)
  .map(([steps, notices]) => new Watch(notices).run(steps));

/** The same, with a service that is restored to an earlier moment on the way. */
export const watchedRestored: fc.Arbitrary<Watched> = fc
  .tuple(histories, noticed, restore)
  .map(([steps, notices, how]) => new Watch(notices).run(steps, how));

/** A service that keeps its promises, and what its clients see. */
class Watch {
  readonly #notices: readonly Notice[];
  readonly #calls: Call[] = [];
  readonly #observations: Observation[] = [];
  readonly #reservationIds: string[] = [];
  #ledger: PublishedEvent[] = [];
  #state: SkuState = unknownSku("A", "e00");
  #nowMs = 1_000_000;
  #lives = 0;
  #isRestored = false;

  constructor(notices: readonly Notice[]) {
    this.#notices = notices;
  }

  run(steps: readonly Step[], restoring?: Restore): Watched {
    let backup: { readonly state: SkuState; readonly entries: number } | undefined;
    const restoreAt = restoring && restoring.backupAt + restoring.restoreAfter;
    for (const [index, { waitMs, command }] of steps.entries()) {
      if (index === restoring?.backupAt) backup = { state: this.#state, entries: this.#ledger.length };
      if (index === restoreAt && backup !== undefined) this.#restore(backup, restoring?.keepsUndone === true);
      this.#nowMs += waitMs;
      // As in life, a name is used once, whatever was restored.
      const mutation = toMutation({ ...command, reference: `r${index}` }, this.#reservationIds);
      this.#do(mutation, `k${index}`, this.#notices[index % this.#notices.length]);
      if (index === restoreAt && this.#isRestored) this.#askAgain(`k${restoring?.backupAt}`);
    }
    const { epoch, version } = this.#state;
    const position = { epoch, version };
    const final = { observer: "D1", sku: "A", position, atMs: 0, stock: stockView(this.#state, 0) };
    return {
      history: {
        calls: this.#calls,
        observations: this.#observations,
        finals: version === 0 ? [] : [final],
        isComplete: true,
      },
      ledger: this.#ledger,
    };
  }

  #restore(backup: { readonly state: SkuState; readonly entries: number }, keepsUndone: boolean): void {
    // A SKU that is in no backup leaves no trace of having been undone.
    if (backup.state.version === 0) return;
    this.#isRestored = true;
    const { ended, orderLines } = backup.state;
    if (!keepsUndone) this.#ledger = this.#ledger.slice(0, backup.entries);
    this.#beginLife({ ended, orderLines });
    for (const event of restoredEvents(backup.state, this.#nowMs)) {
      this.#state = evolve(this.#state, event);
      this.#publish([event]);
    }
  }

  /** What was undone is asked for again, under its key. */
  #askAgain(key: string): void {
    const undone = this.#calls.find((call) => call.key === key)?.asked;
    if (undone?.type === "adjust") this.#do(undone, key, undefined);
  }

  #beginLife(known: Partial<SkuState> = {}): void {
    this.#lives += 1;
    this.#state = { ...unknownSku("A", `e${String(this.#lives).padStart(2, "0")}`), ...known };
  }

  #do(mutation: Mutation, key: string, seen: Notice = plainly): void {
    if (!exists(this.#state) && (mutation.type === "create" || mutation.type === "count")) this.#beginLife();
    const result = transact(this.#state, mutation, this.#nowMs);
    const { decision } = result;
    const before = this.#state;
    this.#state = result.state;
    const events = [...result.expired, ...(decision.outcome === "events" ? decision.events : [])];
    for (const event of events) if (event.type === "reserved") this.#reservationIds.push(event.reservationId);
    const published = this.#publish(events);
    const moment = { mutation, result, before, after: this.#state, nowMs: this.#nowMs };
    this.#calls.push(...callsOf(moment, published, seen, key));
    if (exists(this.#state)) this.#watch(seen);
  }

  /** Puts events that led to the present state into the ledger. */
  #publish(events: readonly StockEvent[]): PublishedEvent[] {
    const { epoch, version } = this.#state;
    const published = events.map((event, index) =>
      publishEvent("A", { epoch, version: version - events.length + 1 + index }, event),
    );
    this.#ledger.push(...published);
    return published;
  }

  #watch({ isRead, isWatched, beforeMs, afterMs }: Notice): void {
    const { epoch, version } = this.#state;
    const position = { epoch, version };
    const stock = stockView(this.#state, this.#nowMs);
    if (isRead) {
      const times = { invokedAtMs: this.#nowMs - afterMs, returnedAtMs: this.#nowMs + beforeMs };
      const got = { outcome: "done" as const, position, stock };
      this.#calls.push({ sku: "A", asked: { type: "read" }, ...times, got });
    }
    if (!isWatched) return;
    const told = { sku: "A", position, atMs: this.#nowMs };
    const rule = { buffer: 1 };
    const published = { channel: "web", rule, quantity: publishedQuantity(stock, rule, "web") };
    this.#observations.push(
      { ...told, observer: "socket", stock },
      { ...told, observer: "channel", published },
    );
  }
}

const plainly: Notice = { beforeMs: 0, afterMs: 0, fate: "answered", isRead: false, isWatched: false };

type Moment = { readonly mutation: Mutation; readonly result: Transaction } & {
  readonly before: SkuState;
  readonly after: SkuState;
  readonly nowMs: number;
};

function callsOf(
  { after, mutation, result, nowMs, before }: Moment,
  published: readonly PublishedEvent[],
  { beforeMs, afterMs, fate }: Notice,
  key: string,
): Call[] {
  // Nobody asks for what the clock does.
  if (mutation.type === "expire" || mutation.type === "derive") return [];
  const call: Call = { sku: "A", key, asked: mutation, invokedAtMs: nowMs - beforeMs };
  const got = gotOf(result.decision, before, after, published, nowMs);
  if (fate === "answered") return [{ ...call, got, returnedAtMs: nowMs + afterMs }];
  if (fate === "lost") return [call];
  const again = { invokedAtMs: nowMs + 1, returnedAtMs: nowMs + 1 + afterMs };
  // What does not stick is decided anew, and may be answered differently: a client would not repeat it.
  return got.outcome === "refused" ? [call] : [call, { ...call, ...again, got: { ...got, replayed: true } }];
}

function gotOf(
  decision: Moment["result"]["decision"],
  before: SkuState,
  after: SkuState,
  published: readonly PublishedEvent[],
  nowMs: number,
): Got {
  const { epoch, version } = after;
  switch (decision.outcome) {
    case "refused":
      return {
        outcome: "refused",
        code: decision.refusal.code,
        ...(exists(before) && { position: { epoch, version } }),
      };
    case "recorded":
      return { outcome: "done", replayed: true, position: decision.position };
    case "events":
      return {
        outcome: "done",
        position: { epoch, version },
        event: decision.events.length === 0 ? undefined : published.at(-1),
        stock: stockView(after, nowMs),
      };
    default:
      return unreachable(decision);
  }
}
