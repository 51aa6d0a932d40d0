import { setTimeout as sleep } from "node:timers/promises";
import type { LedgerItem, StockView, StockwireClient } from "../../client/index.ts";
import { comparePositions } from "../../protocol/position.ts";
import type { Finding } from "../../verify/index.ts";
import { type ChannelSide, judgeSku, type Sides } from "./judge.ts";
import {
  type ReadChannel,
  readChannels,
  readLedgers,
  readListed,
  readLive,
  readWholeLedger,
} from "./read.ts";

export interface VerifyOptions {
  readonly client: StockwireClient;
  /** These alone; empty: every SKU there is. */
  readonly skus: readonly string[];
  /** How long ledger and channels may take to come to where a SKU's object was when it was read. */
  readonly waitMs: number;
  /** Told how many entries of the ledger have been read. */
  readonly onPage?: (entries: number) => void;
}

/** What was compared, and what was found. */
export interface Verification {
  readonly skus: number;
  readonly entries: number;
  /** Undefined: the key may not see them. */
  readonly channels: number | undefined;
  /** SKUs that were asked for and that nobody knows. */
  readonly unknown: readonly string[];
  readonly findings: readonly Finding[];
}

const pauseMs = { first: 200, max: 2_000 };

/**
 * Adds up a service's ledger and compares each SKU's object, the list of SKUs and the channels with it. The service may be
 * busy meanwhile: objects are read first, and whatever is behind is read again until it has come to where they were.
 */
export async function verifyService(options: VerifyOptions): Promise<Verification> {
  const { client, waitMs, onPage = () => undefined } = options;
  const isWhole = options.skus.length === 0;
  const entries = isWhole ? await readWholeLedger(client, onPage) : await readLedgers(client, options.skus);
  const names = isWhole ? [...(await readListed(client)).keys()] : options.skus;
  const skus = [...new Set([...entries.keys(), ...names])].sort();
  const live = await readLive(client, skus);
  const untilMs = performance.now() + waitMs;
  const settled = new Map<string, Finding[]>();
  const found = new Map<string, Finding[]>();
  let channels: ReadChannel[] | undefined;
  for (let waitedMs = pauseMs.first; ; waitedMs = Math.min(pauseMs.max, waitedMs * 2)) {
    const open = skus.filter((sku) => !settled.has(sku));
    const listed = await readListed(client);
    channels = await readChannels(client);
    // Last, so that it has whatever the others were told of; what was read first stands for SKUs that nobody has changed.
    const again = open.filter(
      (sku) => found.has(sku) || isOld(entries.get(sku), live.get(sku), listed.get(sku)),
    );
    for (const [sku, items] of await readLedgers(client, again)) entries.set(sku, items);
    for (const sku of open) {
      const findings = judgeSku(sidesOf(sku, { live, listed, channels, entries }));
      found.set(sku, findings);
      if (findings.length === 0) settled.set(sku, findings);
    }
    if (settled.size === skus.length || performance.now() > untilMs) break;
    await sleep(waitedMs);
  }
  return {
    skus: skus.length,
    entries: skus.reduce((total, sku) => total + (entries.get(sku)?.length ?? 0), 0),
    channels: channels?.length,
    unknown: skus.filter((sku) => !live.has(sku) && (entries.get(sku)?.length ?? 0) === 0),
    findings: skus.flatMap((sku) => found.get(sku) ?? []),
  };
}

interface Read {
  readonly live: ReadonlyMap<string, StockView>;
  readonly listed: ReadonlyMap<string, StockView>;
  readonly channels: readonly ReadChannel[] | undefined;
  readonly entries: ReadonlyMap<string, readonly LedgerItem[]>;
}

function sidesOf(sku: string, { live, listed, channels = [], entries }: Read): Sides {
  const sides = channels.flatMap(({ channel, listings }): ChannelSide[] => {
    const listing = listings.get(sku);
    return channel.listings === "all" || listing !== undefined ? [{ channel, listing }] : [];
  });
  return {
    sku,
    live: live.get(sku),
    listed: listed.get(sku),
    channels: sides,
    ledger: entries.get(sku) ?? [],
  };
}

function isOld(items: readonly LedgerItem[] = [], ...sides: readonly (StockView | undefined)[]): boolean {
  return sides.some(
    (side) => side !== undefined && !items.some(({ data }) => comparePositions(data, side) >= 0),
  );
}
