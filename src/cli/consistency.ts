import { setTimeout as sleep } from "node:timers/promises";
import type { StockwireClient } from "../client/index.ts";
import { limits } from "../protocol/limits.ts";
import { comparePositions } from "../protocol/position.ts";
import type { StockView } from "../protocol/stock.ts";
import type { Acknowledgements } from "./acknowledgements.ts";
import type { ChannelReceiver } from "./channel-receiver.ts";
import type { PublishedEvent } from "../protocol/event.ts";
import { stockView } from "../stock/view.ts";
import { describeFinding, positionText, viewDifferences } from "../verify/index.ts";
import { LedgerWalk } from "../verify/ledger.ts";
import { runPaced } from "./run-paced.ts";

/** Something that two sides tell differently. */
export interface Mismatch {
  readonly sku: string;
  /** Who disagrees with the object: the tool's arithmetic, the ledger, a channel, or the answers given. */
  readonly side: string;
  readonly expected: string;
  readonly found: string;
}

export interface Consistency {
  readonly skus: number;
  readonly ledgerEvents: number;
  readonly mismatches: readonly Mismatch[];
  readonly oversoldRequests: number;
  readonly oversoldUnits: number;
}

export interface ConsistencyOptions {
  readonly client: StockwireClient;
  readonly skus: readonly string[];
  /** What the tool itself reckons is available; undefined: it does not know. */
  readonly expectedAvailable: (sku: string) => number | undefined;
  readonly acknowledgements: Acknowledgements;
  readonly receivers: readonly ChannelReceiver[];
  /** `whole`: read the ledger in one go, cheaper when nearly all of it is about these SKUs. */
  readonly ledger: "whole" | "per sku";
  /** How long the ledger and the channels may take to catch up. */
  readonly quietTimeoutMs: number;
}

const quietForMs = 500;
const retryAfterMs = 500;
/** Ledgers of single SKUs that are read at once. */
const ledgerReadsMax = 8;

/**
 * Waits until everything has caught up, then compares each SKU's object with the tool's own arithmetic, the
 * ledger, the answers given, and what every channel shows. Bounded: what has not caught up in time is a mismatch.
 */
export async function checkConsistency(options: ConsistencyOptions): Promise<Consistency> {
  const deadlineMs = performance.now() + options.quietTimeoutMs;
  for (;;) {
    await untilChannelsAreQuiet(options.receivers, deadlineMs);
    const found = await compare(options);
    if (found.mismatches.length === 0 || performance.now() > deadlineMs) return found;
    await sleep(retryAfterMs);
  }
}

async function untilChannelsAreQuiet(
  receivers: readonly ChannelReceiver[],
  deadlineMs: number,
): Promise<void> {
  for (;;) {
    const nowMs = performance.now();
    const isQuiet = receivers.every((receiver) => nowMs - receiver.lastChangeAtMs >= quietForMs);
    if (isQuiet || nowMs > deadlineMs) return;
    await sleep(50);
  }
}

async function compare(options: ConsistencyOptions): Promise<Consistency> {
  const { client, skus } = options;
  const { items } = await client.stock.availability(skus);
  const views = new Map(items.map((view) => [view.sku, view]));
  const events = await readLedger(client, skus, options.ledger);
  const mismatches: Mismatch[] = [];
  const sums = { ledgerEvents: 0, oversoldRequests: 0, oversoldUnits: 0 };
  for (const sku of skus) {
    const view = views.get(sku);
    if (view === undefined) {
      mismatches.push({ sku, side: "object", expected: "a stock view", found: "none" });
      continue;
    }
    const ledger = new LedgerWalk(sku, events.get(sku) ?? []);
    const { entries, oversoldRequests, oversoldUnits } = ledger.finish();
    sums.ledgerEvents += entries;
    sums.oversoldRequests += oversoldRequests;
    sums.oversoldUnits += oversoldUnits;
    mismatches.push(...compareSku(options, view, ledger));
  }
  return { skus: skus.length, ...sums, mismatches };
}

function compareSku(options: ConsistencyOptions, view: StockView, ledger: LedgerWalk): Mismatch[] {
  const { sku, available } = view;
  const mismatches: Mismatch[] = [];
  const expect = (side: string, expected: unknown, found: unknown) => {
    if (expected === found) return;
    mismatches.push({ sku, side, expected: String(expected), found: String(found) });
  };
  const reckoned = options.expectedAvailable(sku);
  if (reckoned !== undefined) expect("own arithmetic", reckoned, available);

  const { newest, state } = ledger.sums;
  expect("ledger version", positionText(view), newest && positionText(newest));
  expect("ledger", "", state && viewDifferences(view, stockView(state, 0)).join(", "));
  for (const finding of ledger.findings) expect("ledger entries", "", describeFinding(finding));

  const acknowledged = options.acknowledgements.newest(sku);
  if (acknowledged !== undefined && comparePositions(acknowledged, view) > 0) {
    expect("acknowledged", positionText(acknowledged), positionText(view));
  }
  for (const receiver of options.receivers) {
    expect(`channel ${receiver.id}`, Math.max(0, available), receiver.shown.quantity(sku));
  }
  return mismatches;
}

async function readLedger(
  client: StockwireClient,
  skus: readonly string[],
  how: ConsistencyOptions["ledger"],
): Promise<Map<string, PublishedEvent[]>> {
  const bySku = new Map<string, PublishedEvent[]>(skus.map((sku) => [sku, []]));
  await runPaced(how === "whole" ? [undefined] : skus, [], ledgerReadsMax, async (sku) => {
    const events = client.ledger.list({ sku, limit: limits.pageItemsMax });
    for await (const event of events) bySku.get(event.data.sku)?.push(event);
  });
  return bySku;
}
