import fc from "fast-check";
import type { PublishedEvent } from "../../../src/protocol/event.ts";
import { publishedQuantity } from "../../../src/stock/publication.ts";
import { publishEvent } from "../../../src/stock/publish.ts";
import { unreachable } from "../../../src/stock/refusal.ts";
import { exists, type SkuState } from "../../../src/stock/state.ts";
import { stockView } from "../../../src/stock/view.ts";
import type { Call, Got, History, Observation } from "../../../src/verify/index.ts";
import { histories, type Moment, run, type Step } from "../stock/history.ts";

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

/** Any life of a SKU, seen by clients whose calls overlap and whose answers get lost. */
export const watched: fc.Arbitrary<Watched> = fc
  .tuple(histories, fc.array(notice, { minLength: 60, maxLength: 60 }))
  .map(([steps, notices]) => watch(steps, notices));

function watch(steps: readonly Step[], notices: readonly Notice[]): Watched {
  const calls: Call[] = [];
  const observations: Observation[] = [];
  const ledger: PublishedEvent[] = [];
  const named = steps.map(({ waitMs, command }, index) => ({
    waitMs,
    command: { ...command, reference: `r${index}` },
  }));
  let index = 0;
  const last = run(named, (moment) => {
    const { after, events, nowMs } = moment;
    const seen = notices[index % notices.length];
    index += 1;
    if (seen === undefined) return;
    const first = after.version - events.length + 1;
    const published = events.map((event, at) =>
      publishEvent("A", { epoch: after.epoch, version: first + at }, event),
    );
    ledger.push(...published);
    calls.push(...callsOf(moment, published, seen, `k${index}`));
    if (!exists(after)) return;
    const { epoch, version } = after;
    const position = { epoch, version };
    const stock = stockView(after, nowMs);
    if (seen.isRead) {
      const [invokedAtMs, returnedAtMs] = [nowMs - seen.afterMs, nowMs + seen.beforeMs];
      calls.push({
        sku: "A",
        asked: { type: "read" },
        invokedAtMs,
        returnedAtMs,
        got: { outcome: "done", position, stock },
      });
    }
    if (!seen.isWatched) return;
    const told = { sku: "A", position, atMs: nowMs };
    observations.push({ ...told, observer: "socket", stock });
    const rule = { buffer: 1 };
    const published1 = { channel: "web", rule, quantity: publishedQuantity(stock, rule, "web") };
    observations.push({ ...told, observer: "channel", published: published1 });
  });
  return { history: { calls, observations, finals: finalsOf(last), isComplete: true }, ledger };
}

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
      return { outcome: "done", replayed: true, position: { epoch, version: decision.version } };
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

function finalsOf(last: SkuState): Observation[] {
  if (last.version === 0) return [];
  const { epoch, version } = last;
  return [{ observer: "D1", sku: "A", position: { epoch, version }, atMs: 0, stock: stockView(last, 0) }];
}
