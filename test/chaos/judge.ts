import { setTimeout as sleep } from "node:timers/promises";
import type { LedgerItem, StockView, StockwireClient } from "../../src/client/index.ts";
import { readListed, readLive, readWholeLedger } from "../../src/cli/verify/read.ts";
import { verifyService } from "../../src/cli/verify/verify.ts";
import type { PublishedEvent } from "../../src/protocol/event.ts";
import { publishedQuantity } from "../../src/stock/publication.ts";
import {
  checkHistory,
  type CheckResult,
  describeFinding,
  type Finding,
  type Observation,
  positionText,
} from "../../src/verify/index.ts";
import type { Market } from "./market.ts";
import type { Recorder } from "./recorder.ts";
import type { Follower, Watcher } from "./watchers.ts";

export interface Everybody {
  readonly client: StockwireClient;
  readonly recorder: Recorder;
  readonly market: Market;
  readonly watchers: readonly Watcher[];
  /** Absent: nobody follows the ledger. */
  readonly follower?: Follower;
  /** How long everybody may take to agree, once nobody asks for anything any more. */
  readonly patienceMs: number;
}

export interface Verdict {
  readonly checked: CheckResult;
  readonly findings: readonly Finding[];
  /** From when the last request was answered until everybody agreed. */
  readonly convergedMs: number;
}

const pauseMs = 500;

/** Waits until everybody agrees, or has had the time to; then checks the whole history. */
export async function judge(everybody: Everybody): Promise<Verdict> {
  const { client, recorder, patienceMs } = everybody;
  const startedAtMs = performance.now();
  const sides = await verifyService({ client, skus: [], waitMs: patienceMs });
  for (;;) {
    const state = await readState(everybody);
    const apart = differences(everybody, state);
    const convergedMs = performance.now() - startedAtMs;
    if (apart.length > 0 && convergedMs < patienceMs) {
      await sleep(pauseMs);
      continue;
    }
    const { calls, observations } = recorder;
    const { finals } = state;
    const events = [...state.ledger.values()].flat().map(eventOf);
    const checked = checkHistory({ calls, observations, finals, isComplete: true }, events);
    const findings = unique([...checked.findings, ...apart, ...sides.findings]);
    return { checked, findings, convergedMs };
  }
}

/** The event as it was published, and answered: the list adds its version. */
function eventOf({ version: _version, ...event }: LedgerItem): PublishedEvent {
  return event;
}

interface State {
  readonly live: ReadonlyMap<string, StockView>;
  readonly ledger: ReadonlyMap<string, readonly LedgerItem[]>;
  readonly finals: readonly Observation[];
}

async function readState({ client, watchers }: Everybody): Promise<State> {
  const ledger = await readWholeLedger(client, () => undefined);
  const listed = await readListed(client);
  const live = await readLive(client, [...ledger.keys()]);
  const finals = [
    ...finalsOf("the live object", live),
    ...finalsOf("the list of SKUs", listed),
    ...watchers.flatMap((watcher) => finalsOf(`${watcher.name} in the end`, watcher.newest)),
  ];
  return { live, ledger, finals };
}

function finalsOf(observer: string, views: ReadonlyMap<string, StockView>): Observation[] {
  return [...views.values()].map((stock) => {
    const { sku, epoch, version } = stock;
    return { observer, sku, position: { epoch, version }, atMs: 0, stock };
  });
}

/** Who does not say the same as the live objects. */
function differences({ market, watchers, follower }: Everybody, { live, ledger }: State): Finding[] {
  const findings: Finding[] = [];
  for (const view of live.values()) {
    const { sku, epoch, version } = view;
    const note = (detail: string) =>
      findings.push({ rule: "behind", sku, position: { epoch, version }, detail });
    const newest = ledger.get(sku)?.some(({ data }) => positionText(data) === positionText(view));
    if (newest !== true) note("the ledger does not have what the live object has");
    for (const { receiver, rule } of market.shops) {
      const due = publishedQuantity(view, rule, receiver.id);
      const shown = receiver.shown.quantity(sku);
      if (shown !== due) note(`channel ${receiver.id} shows ${shown ?? "nothing"} instead of ${due}`);
    }
    for (const watcher of watchers) {
      if (!watcher.watches(sku)) continue;
      const seen = watcher.newest.get(sku);
      if (seen === undefined || positionText(seen) !== positionText(view))
        note(`${watcher.name} was told of ${seen ? positionText(seen) : "nothing"} last`);
    }
  }
  return [...findings, ...followed(follower, ledger)];
}

/** Who follows the ledger is told of every entry once. */
function followed(follower: Follower | undefined, ledger: State["ledger"]): Finding[] {
  if (follower === undefined) return [];
  const findings: Finding[] = [];
  const told = Map.groupBy(follower.events, ({ data }) => `${data.sku} ${positionText(data)}`);
  for (const { data } of [...ledger.values()].flat()) {
    const { sku, epoch, version } = data;
    const times = told.get(`${sku} ${positionText(data)}`)?.length ?? 0;
    if (times === 1) continue;
    const rule = times === 0 ? "behind" : "doubled";
    findings.push({
      rule,
      sku,
      position: { epoch, version },
      detail: `the follower was told of it ${times} times`,
    });
  }
  return findings;
}

function unique(findings: readonly Finding[]): Finding[] {
  return [...new Map(findings.map((finding) => [describeFinding(finding), finding])).values()];
}
