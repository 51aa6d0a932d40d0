import type { PublishedEvent } from "../../../src/protocol/event.ts";
import { comparePositions } from "../../../src/protocol/position.ts";
import type { Call, Rule } from "../../../src/verify/index.ts";
import type { Watched } from "./watched-service.ts";

/** Something a service must never do, planted into what was seen of one that does not. Undefined: nothing to do it to. */
export interface Fault {
  readonly name: string;
  readonly found: Rule;
  readonly plant: (watched: Watched, choice: number) => Watched | undefined;
}

type Done = Call & { readonly got: Extract<Call["got"], { outcome: "done" }> };

function isDone(call: Call): call is Done {
  return call.got?.outcome === "done";
}

/** Acknowledged first-hand, by calls that made an entry. */
function changesOf({ history }: Watched): Done[] {
  return history.calls
    .filter(isDone)
    .filter(({ asked, got }) => asked.type !== "read" && got.event !== undefined);
}

function pick<Value>(values: readonly Value[], choice: number): Value | undefined {
  return values[choice % Math.max(1, values.length)];
}

function withCalls(watched: Watched, change: (call: Call) => Call | Call[]): Watched {
  return { ...watched, history: { ...watched.history, calls: watched.history.calls.flatMap(change) } };
}

function withLedger(watched: Watched, ledger: readonly PublishedEvent[]): Watched {
  const { finals: _finals, ...history } = watched.history;
  return { history, ledger };
}

/** The ledger with another entry of the life it ends in. */
function appended(watched: Watched, event: PublishedEvent): Watched | undefined {
  const last = watched.ledger.at(-1);
  if (last === undefined) return undefined;
  const { epoch, version } = last.data;
  const data = { ...event.data, epoch, version: version + 1 };
  return withLedger(watched, [...watched.ledger, { ...event, time: last.time, data } as PublishedEvent]);
}

export const faults: readonly Fault[] = [
  {
    name: "an acknowledged mutation that is not in the ledger",
    found: "lost",
    plant: (watched) => {
      const last = watched.ledger.at(-1);
      if (last === undefined) return undefined;
      const isAnswered = changesOf(watched).some(
        ({ got }) => comparePositions(got.position, last.data) === 0,
      );
      return isAnswered ? withLedger(watched, watched.ledger.slice(0, -1)) : undefined;
    },
  },
  {
    name: "a version that is missing",
    found: "gap",
    plant: (watched, choice) => {
      const inner = watched.ledger.filter(
        ({ data }, index) => watched.ledger[index + 1]?.data.epoch === data.epoch,
      );
      const gone = pick(inner, choice);
      return (
        gone &&
        withLedger(
          watched,
          watched.ledger.filter((event) => event !== gone),
        )
      );
    },
  },
  {
    name: "a mutation that happened twice",
    found: "doubled",
    plant: (watched, choice) => {
      const keyed = watched.ledger.filter(
        ({ data }) =>
          data.reference !== undefined &&
          watched.history.calls.some(
            (call) => call.asked.type === "adjust" && call.asked.reference === data.reference,
          ),
      );
      const event = pick(keyed, choice);
      return event && appended(watched, event);
    },
  },
  {
    name: "an entry that nobody asked for",
    found: "unasked",
    plant: (watched) => {
      if (watched.history.calls.some(({ got }) => got === undefined)) return undefined;
      const first = watched.ledger.find(({ type }) => type === "stockwire.stock.counted.v1");
      if (first === undefined) return undefined;
      return appended(watched, { ...first, data: { ...first.data, reference: "nobody" } } as PublishedEvent);
    },
  },
  {
    name: "one version given to two mutations",
    found: "doubled",
    plant: (watched, choice) => {
      const call = pick(
        changesOf(watched).filter(({ got }) => got.replayed !== true),
        choice,
      );
      return (
        call && withCalls(watched, (each) => (each === call ? [each, { ...each, key: "another" }] : each))
      );
    },
  },
  {
    name: "one key answered with two versions",
    found: "doubled",
    plant: (watched, choice) => {
      const changes = changesOf(watched);
      const call = pick(changes, choice);
      const other = changes.find(
        ({ got }) => call && comparePositions(got.position, call.got.position) !== 0,
      );
      return (
        call &&
        other &&
        withCalls(watched, (each) => (each === call ? [each, { ...each, got: other.got }] : each))
      );
    },
  },
  {
    name: "an answer that came before what it builds on was asked for",
    found: "order",
    plant: (watched) => {
      const [first, second] = changesOf(watched);
      if (first === undefined || second === undefined || first.key === second.key) return undefined;
      if (comparePositions(first.got.position, second.got.position) >= 0) return undefined;
      const late = (second.returnedAtMs ?? 0) + 1;
      return withCalls(watched, (each) =>
        each.key === first.key
          ? { ...each, invokedAtMs: late, ...(each.got && { returnedAtMs: late }) }
          : each,
      );
    },
  },
  {
    name: "a read of what was over when it was asked",
    found: "order",
    plant: (watched) => {
      const changes = changesOf(watched);
      const last = changes.at(-1);
      const read = watched.history.calls
        .filter(isDone)
        .find(
          ({ asked, got }) =>
            asked.type === "read" && last && comparePositions(got.position, last.got.position) < 0,
        );
      if (read === undefined || last === undefined) return undefined;
      const late = Math.max(...changes.map(({ returnedAtMs = 0 }) => returnedAtMs)) + 1;
      return withCalls(watched, (each) =>
        each === read ? { ...each, invokedAtMs: late, returnedAtMs: late } : each,
      );
    },
  },
  {
    name: "a read of stock that never was",
    found: "answer",
    plant: (watched, choice) => {
      const read = pick(
        watched.history.calls.filter(isDone).filter(({ asked }) => asked.type === "read"),
        choice,
      );
      const stock = read?.got.stock;
      if (read === undefined || stock === undefined) return undefined;
      const got = { ...read.got, stock: { ...stock, available: stock.available + 1 } };
      return withCalls(watched, (each) => (each === read ? { ...each, got } : each));
    },
  },
  {
    name: "a refusal of what was there",
    found: "refusal",
    plant: (watched, choice) => {
      const call = pick(
        changesOf(watched).filter(({ asked }) => asked.type === "count" || asked.type === "receive"),
        choice,
      );
      if (call === undefined) return undefined;
      const got = { outcome: "refused" as const, code: "insufficient-stock", position: call.got.position };
      return withCalls(watched, (each) => (each.key === call.key && each.got ? { ...each, got } : each));
    },
  },
  {
    name: "a request that took more than there was",
    found: "oversell",
    plant: (watched) => {
      const last = watched.ledger.at(-1);
      // A kit has no stock of its own that could be taken.
      const isKit = watched.ledger.some(({ data }) => "components" in data);
      if (last === undefined || last.type === "stockwire.stock.retired.v1" || isKit) return undefined;
      const taken = {
        location: "default",
        delta: -1_000,
        reason: "sold" as const,
        sku: "A",
        epoch: "",
        version: 1,
      };
      return appended(watched, { ...last, type: "stockwire.stock.adjusted.v1", data: taken });
    },
  },
  {
    name: "a reservation that ended twice",
    found: "hold",
    plant: (watched, choice) => {
      const epoch = watched.ledger.at(-1)?.data.epoch;
      const ended = watched.ledger.filter(
        ({ type, data }) => /\.(released|expired)\.v1$/.test(type) && data.epoch === epoch,
      );
      const event = pick(ended, choice);
      return event && appended(watched, event);
    },
  },
  {
    name: "an observer who was told something older after something newer",
    found: "regression",
    plant: (watched) => {
      const { observations } = watched.history;
      const [first, last] = [observations[0], observations.at(-1)];
      if (first === undefined || last === undefined || comparePositions(first.position, last.position) === 0)
        return undefined;
      const again = { ...first, observer: last.observer, atMs: last.atMs };
      return { ...watched, history: { ...watched.history, observations: [...observations, again] } };
    },
  },
  {
    name: "a channel that was told too much",
    found: "view",
    plant: (watched, choice) => {
      const told = pick(
        watched.history.observations.filter(({ published }) => published !== undefined),
        choice,
      );
      if (told?.published === undefined) return undefined;
      const more = { ...told, published: { ...told.published, quantity: told.published.quantity + 1 } };
      const observations = watched.history.observations.map((each) => (each === told ? more : each));
      return { ...watched, history: { ...watched.history, observations } };
    },
  },
  {
    name: "an observer who knew before anybody asked",
    found: "order",
    plant: (watched, choice) => {
      const made = new Map(
        changesOf(watched).map((call) => [`${call.got.position.epoch}.${call.got.position.version}`, call]),
      );
      const told = pick(
        watched.history.observations.filter(({ position }) =>
          made.has(`${position.epoch}.${position.version}`),
        ),
        choice,
      );
      if (told === undefined) return undefined;
      const observations = watched.history.observations.map((each) =>
        each === told ? { ...told, atMs: 0 } : each,
      );
      return { ...watched, history: { ...watched.history, observations } };
    },
  },
  {
    name: "a side that stays behind",
    found: "behind",
    plant: (watched) => {
      const first = watched.ledger[0];
      if (first === undefined || watched.ledger.length < 2) return undefined;
      const { epoch, version } = first.data;
      const final = { observer: "D1", sku: "A", position: { epoch, version }, atMs: 0 };
      return { ...watched, history: { ...watched.history, finals: [final] } };
    },
  },
];
