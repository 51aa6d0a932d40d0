import type { Channel, LedgerItem, Listing, StockView } from "../../client/index.ts";
import { comparePositions, type Position } from "../../protocol/position.ts";
import { checkHistory, type Finding, type Observation, positionText } from "../../verify/index.ts";

/** What a channel is told of a SKU, by the service's own account. */
export interface ChannelSide {
  readonly channel: Channel;
  /** Absent if the channel does not know the SKU. */
  readonly listing: Listing | undefined;
}

/** What each side of a service says of one SKU. */
export interface Sides {
  readonly sku: string;
  /** Its own object; undefined if that knows no such SKU, or a retired one. Read before all others. */
  readonly live: StockView | undefined;
  /** The list of SKUs, from D1. */
  readonly listed: StockView | undefined;
  /** The channels that are to show it. */
  readonly channels: readonly ChannelSide[];
  /** Read after all others. */
  readonly ledger: readonly LedgerItem[];
}

/** What is wrong with a SKU: its ledger in itself, and each side compared with it. */
export function judgeSku(sides: Sides): Finding[] {
  const { sku, live, ledger } = sides;
  const newest = newestOf(ledger);
  const isRetired = newest?.type === "stockwire.stock.retired.v1";
  const due = live ?? newest?.data;
  const findings: Finding[] = [];
  const note = (rule: Finding["rule"], detail: string, position: Position | undefined = due) => {
    findings.push({ rule, sku, ...at(position), detail });
  };
  const observations: Observation[] = [];
  const saw = (observer: string, view: Position, more: Partial<Observation>) => {
    const { epoch, version } = view;
    observations.push({ observer, sku, position: { epoch, version }, atMs: 0, ...more });
  };

  if (live === undefined && newest !== undefined && !isRetired)
    note("view", "the live object knows no such SKU, and the ledger says that it was not retired");
  if (live !== undefined) {
    if (isBehind(newest?.data, live)) note("behind", `the ledger ${stays(newest?.data)}`);
    else saw("the live object", live, { stock: live });
  }
  if (due !== undefined) {
    if (isBehind(sides.listed, due)) note("behind", `the list of SKUs ${stays(sides.listed)}`);
    else if (sides.listed !== undefined) saw("the list of SKUs", sides.listed, { stock: sides.listed });
    for (const side of sides.channels) judgeChannel(side, due, isRetired, note, saw);
  }
  return [...checkHistory({ calls: [], observations }, ledger).findings, ...findings];
}

function judgeChannel(
  { channel, listing }: ChannelSide,
  due: Position,
  isRetired: boolean,
  note: (rule: Finding["rule"], detail: string) => void,
  saw: (observer: string, view: Position, more: Partial<Observation>) => void,
): void {
  const { id } = channel;
  const { wanted, published, state } = listing ?? {};
  if (isBehind(wanted, due)) {
    // What is gone need not be listed anywhere.
    if (wanted !== undefined || !isRetired) note("behind", `channel ${id} ${heard(wanted)}`);
    return;
  }
  if (listing === undefined || wanted === undefined) return;
  const rule = listing.rule ?? channel.rule;
  const shows = { channel: id, quantity: wanted.quantity, ...(rule !== undefined && { rule }) };
  saw(`channel ${id}`, wanted, { published: shows });
  if (state === "published") {
    if (listing.withheld === undefined && published?.quantity !== wanted.quantity)
      note("view", `channel ${id} shows ${published?.quantity ?? "nothing"} instead of ${wanted.quantity}`);
  } else if (channel.state === "running" && isBehind(published, due)) {
    const why = listing.failure === undefined ? "" : `; it refused the number: ${listing.failure.detail}`;
    note("behind", `channel ${id} ${stays(published)}${why}`);
  }
}

function newestOf(ledger: readonly LedgerItem[]): LedgerItem | undefined {
  let newest: LedgerItem | undefined;
  for (const item of ledger) {
    if (newest === undefined || comparePositions(item.data, newest.data) > 0) newest = item;
  }
  return newest;
}

function isBehind(side: Position | undefined, due: Position): boolean {
  return side === undefined || comparePositions(side, due) < 0;
}

function stays(side: Position | undefined): string {
  return side === undefined ? "has nothing of it" : `stays at ${positionText(side)}`;
}

function heard(wanted: Position | undefined): string {
  return wanted === undefined ? "was not told of it" : `was told of ${positionText(wanted)} last`;
}

function at(position: Position | undefined): Pick<Finding, "position"> {
  return position === undefined ? {} : { position: { epoch: position.epoch, version: position.version } };
}
