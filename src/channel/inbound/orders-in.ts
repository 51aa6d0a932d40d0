import type { OrderReportFact, SkuNews, ToldLine } from "../../order/contract.ts";
import { limits } from "../../protocol/limits.ts";
import { ExternalId, NaturalQuantity, Sku, Timestamp } from "../../protocol/primitives.ts";
import { comparePositions } from "../../protocol/position.ts";
import type { External } from "../../protocol/channel.ts";
import { unreachable } from "../../stock/refusal.ts";
import type { ChannelFact, OrderReport, ReportedLine } from "../kit/inbound.ts";

/** Which SKUs a channel lists as what. */
export interface Directory {
  /** Names an item of the channel; see `Adapter.itemKey`. */
  itemKey(external: External): string;
  /** SKUs whose listings are these items. */
  skusOf(itemKeys: readonly string[]): ReadonlyMap<string, readonly string[]>;
  /** Whether a SKU has a listing that says nothing of an item: the channel knows it by its SKU. */
  isListedBySku(sku: string): boolean;
}

/** A line or level as far as it says which SKU it is. */
export interface Identified {
  readonly external?: External | undefined;
  readonly sku?: string | undefined;
}

/**
 * The SKU of an item of a channel: the listing that has the item; else what the channel calls its SKU; else the
 * listing that the item's id itself names. Undefined if none of them is there. If several listings have the item, the
 * one whose SKU the channel names counts, else the first by name.
 */
export function skuOf({ external, sku }: Identified, directory: Directory): string | undefined {
  const text = toSku(sku);
  if (external !== undefined) {
    const key = directory.itemKey(external);
    const listed = directory.skusOf([key]).get(key) ?? [];
    if (text !== undefined && listed.includes(text)) return text;
    const [first] = [...listed].sort();
    if (first !== undefined) return first;
  }
  if (text !== undefined) return text;
  const id = typeof external === "string" ? toSku(external) : undefined;
  return id !== undefined && directory.isListedBySku(id) ? id : undefined;
}

/** A channel's SKU field as the name of a SKU; undefined if it is empty or cannot be one. */
function toSku(text: string | undefined): string | undefined {
  const parsed = Sku.safeParse(text?.normalize("NFC").trim());
  return parsed.success ? parsed.data : undefined;
}

/** The SKUs that a report is about, as far as they are known. */
export function skusIn(report: OrderReport, directory: Directory): string[] {
  return [...new Set(report.lines.flatMap((line) => skuOf(line, directory) ?? []))];
}

/** Why a fact can never be applied; undefined if it may be. Said once, so that nothing else needs to expect it. */
export function refuseFact(fact: ChannelFact): string | undefined {
  switch (fact.type) {
    case "order":
      return refuseReport(fact);
    case "order-hint":
      return isId(fact.orderId) ? undefined : "its order id is empty, too long or not printable";
    case "level":
      return Number.isNaN(Date.parse(fact.updatedAt)) ? "updatedAt is no time" : undefined;
    default:
      return unreachable(fact);
  }
}

function refuseReport({ orderId, occurredAt, stateAsOf, lines }: OrderReport): string | undefined {
  if (!isId(orderId)) return "its order id is empty, too long or not printable";
  if (lines.length > limits.orderLinesMax) return `it has more than ${limits.orderLinesMax} lines`;
  for (const time of [occurredAt, stateAsOf]) {
    if (time !== undefined && !Timestamp.safeParse(time).success) return `${time} is no time (RFC 3339)`;
  }
  const ids = lines.map(({ lineId }) => lineId);
  if (new Set(ids).size < ids.length) return "two of its lines have the same id";
  return lines.map(refuseLine).find((reason) => reason !== undefined);
}

function refuseLine(line: ReportedLine): string | undefined {
  if (!isId(line.lineId)) return "the id of a line is empty, too long or not printable";
  const { ordered, cancelled, fulfilled, restocked, writtenOff } = line;
  const isCounted = [ordered, cancelled, fulfilled, restocked, writtenOff].every(
    (count) => NaturalQuantity.safeParse(count).success,
  );
  return isCounted
    ? undefined
    : `line ${line.lineId} counts other than whole units up to ${limits.quantityMax}`;
}

function isId(text: string): boolean {
  return ExternalId.safeParse(text).success;
}

/** What the order's object is told of a report. `id` is the same whenever the same fact is told. */
export function reportFact(
  channel: string,
  id: string,
  report: OrderReport,
  directory: Directory,
): OrderReportFact {
  const { orderId, occurredAt, stateAsOf, lines } = report;
  return {
    id,
    channel,
    orderId,
    occurredAt,
    stateAsOf,
    actor: `channel:${channel}`,
    lines: lines.map((line) => toldLine(line, directory)),
  };
}

function toldLine(line: ReportedLine, directory: Directory): ToldLine {
  const { lineId, external, title, ordered, cancelled, fulfilled, restocked, writtenOff } = line;
  const name =
    toSku(line.sku) ?? (external === undefined ? undefined : directory.itemKey(external)) ?? lineId;
  return {
    lineId,
    sku: skuOf(line, directory),
    name: Array.from(name).slice(0, limits.nameCharactersMax).join(""),
    external,
    title,
    ordered,
    cancelled,
    fulfilled,
    restocked,
    writtenOff,
  };
}

/** News of one SKU put together: several lines of an order may be of it. The newest position has them all. */
export function bySku(news: readonly SkuNews[]): SkuNews[] {
  const groups = Map.groupBy(news, ({ sku }) => sku);
  return [...groups.values()].flatMap((group) => {
    const newest = group.reduce((a, b) => (comparePositions(b, a) > 0 ? b : a));
    return [{ ...newest, units: group.reduce((sum, { units }) => sum + units, 0) }];
  });
}
