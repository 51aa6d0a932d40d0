import { type Channel, ForbiddenError, type LedgerItem, type Listing } from "../../client/index.ts";
import type { StockView, StockwireClient } from "../../client/index.ts";
import { limits } from "../../protocol/limits.ts";
import { runPaced } from "../run-paced.ts";

/** Requests under way at once. */
const readsMax = 8;

/** A channel, and its listings by SKU. */
export interface ReadChannel {
  readonly channel: Channel;
  readonly listings: ReadonlyMap<string, Listing>;
}

/** Every entry there is, by SKU. Much of a large ledger's time goes here, so `onPage` is told how far it is. */
export async function readWholeLedger(
  client: StockwireClient,
  onPage: (entries: number) => void,
): Promise<Map<string, LedgerItem[]>> {
  const bySku = new Map<string, LedgerItem[]>();
  let entries = 0;
  for await (const { items } of client.ledger.pages({ limit: limits.pageItemsMax })) {
    for (const item of items) {
      const before = bySku.get(item.data.sku);
      if (before === undefined) bySku.set(item.data.sku, [item]);
      else before.push(item);
    }
    entries += items.length;
    onPage(entries);
  }
  return bySku;
}

/** The whole ledgers of single SKUs. */
export async function readLedgers(
  client: StockwireClient,
  skus: readonly string[],
): Promise<Map<string, LedgerItem[]>> {
  const bySku = new Map<string, LedgerItem[]>();
  await runPaced(skus, [], readsMax, async (sku) => {
    bySku.set(sku, await client.ledger.list({ sku, limit: limits.pageItemsMax }).all());
  });
  return bySku;
}

/** The list of SKUs as D1 has it, with the retired ones. */
export async function readListed(client: StockwireClient): Promise<Map<string, StockView>> {
  const listed = new Map<string, StockView>();
  for (const retired of [false, true]) {
    for await (const view of client.stock.list({ retired, limit: limits.pageItemsMax }))
      listed.set(view.sku, view);
  }
  return listed;
}

/** What the objects of the SKUs say; those that are unknown or retired are left out. */
export async function readLive(
  client: StockwireClient,
  skus: readonly string[],
): Promise<Map<string, StockView>> {
  if (skus.length === 0) return new Map();
  const { items } = await client.stock.availability(skus);
  return new Map(items.map((view) => [view.sku, view]));
}

/** Every channel with its listings; undefined if the key may not see them. */
export async function readChannels(client: StockwireClient): Promise<ReadChannel[] | undefined> {
  try {
    const channels: ReadChannel[] = [];
    for (const { id } of await client.channels.list()) {
      const channel = await client.channels.settings(id);
      const listings = await client.channels.listings(id, { limit: limits.pageItemsMax }).all();
      channels.push({ channel, listings: new Map(listings.map((listing) => [listing.sku, listing])) });
    }
    return channels;
  } catch (error) {
    if (error instanceof ForbiddenError) return undefined;
    throw error;
  }
}
