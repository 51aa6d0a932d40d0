import type { Position } from "../protocol/position.ts";
import type { MutationResult } from "../sku/contract.ts";
import type { OrderLineCounts } from "../stock/mutation.ts";
import type { ReportAnswer, SkuNews } from "./contract.ts";
import { isSame, type LineCounts, noCounts, times } from "./counts.ts";
import {
  type IdentifiedAnswer,
  isKit,
  isUnmatched,
  type LineRecord,
  type Order,
  withRecords,
} from "./order.ts";
import { unmatched } from "./report.ts";
import { lineResult } from "./sku-calls.ts";

/** Lines of which the channel has told what their SKUs do not have yet. */
export function reportedLines(order: Order): LineRecord[] {
  return Object.values(order.lines).filter(
    (record) =>
      record.told !== undefined && !isSame(record.told, record.recorded ?? noCounts) && !isUnmatched(record),
  );
}

/** What the SKUs are to be told of such lines, by SKU. `counts` says how much of what was told. */
export function reportParts(
  records: readonly LineRecord[],
  counts: (told: LineCounts) => LineCounts = (told) => told,
): Map<string, OrderLineCounts[]> {
  const parts = records.flatMap((record) =>
    record.legs.map(({ sku, lineId, perUnit }, leg) => ({
      sku,
      part: { lineId, epoch: epochOf(record, leg), ...times(counts(record.told ?? noCounts), perUnit) },
    })),
  );
  const bySku = Map.groupBy(parts, ({ sku }) => sku);
  return new Map([...bySku].map(([sku, own]) => [sku, own.map(({ part }) => part)]));
}

/** The life of the SKU that a leg was recorded in. */
function epochOf({ result }: LineRecord, leg: number): string | undefined {
  return (result?.components?.[leg] ?? result)?.epoch;
}

/** The order with what the SKUs answered to what they were told of `records`. Positions are those of kits, by SKU. */
export function withAnswers(
  order: Order,
  records: readonly LineRecord[],
  answers: ReadonlyMap<string, MutationResult>,
  kits: ReadonlyMap<string, Position>,
): Order {
  return records.reduce((changed, record) => withAnswer(changed, record, answers, kits), order);
}

function withAnswer(
  order: Order,
  record: LineRecord,
  answers: ReadonlyMap<string, MutationResult>,
  kits: ReadonlyMap<string, Position>,
): Order {
  const { told = noCounts, recorded = noCounts } = record;
  const { lineId } = record.line;
  const refusal = refusalOf(record, answers);
  if (refusal === unknownSku && record.result === undefined && !isKit(record)) {
    return withRecords(order, [unmatched(record)]);
  }
  if (refusal === unknownSku && record.result !== undefined) {
    // A SKU that was retired since has no stock that a later fact could change.
    const note = `line ${lineId}: ${record.line.sku} was retired since; nothing more is recorded of it`;
    return noted(withRecords(order, [{ ...record, recorded: told }]), { notes: [note] });
  }
  const line = { ...record.line, quantity: told.ordered };
  const result = record.result ?? lineResult({ ...record, line }, answers);
  if (refusal !== undefined) {
    const refused = [{ lineId, detail: `${refusal} at ${record.line.sku}` }];
    return noted(withRecords(order, [{ ...record, result }]), { refused });
  }
  const settled = { ...record, result, recorded: told };
  return noted(withRecords(order, [settled]), {
    skus: newsOf(record, told, recorded, positionOf(record, answers, kits)),
  });
}

const unknownSku = "sku-not-found";

/** Why a leg of the line cannot be recorded; that its SKU is unknown only if nothing else is wrong. */
function refusalOf(record: LineRecord, answers: ReadonlyMap<string, MutationResult>): string | undefined {
  const codes = record.legs.flatMap(({ sku }) => {
    const answer = answers.get(sku);
    if (answer === undefined) throw new Error(`SKU ${sku} left line ${record.line.lineId} unanswered`);
    return answer.outcome === "refused" ? [answer.refusal.code] : [];
  });
  return codes.find((code) => code !== unknownSku) ?? codes[0];
}

function positionOf(
  record: LineRecord,
  answers: ReadonlyMap<string, MutationResult>,
  kits: ReadonlyMap<string, Position>,
): Position | undefined {
  const { sku } = record.line;
  return kits.get(sku) ?? answers.get(sku)?.position;
}

/** What the channel has done to its own number by this. */
function newsOf(
  record: LineRecord,
  told: LineCounts,
  recorded: LineCounts,
  position: Position | undefined,
): SkuNews[] {
  if (position === undefined) return [];
  const { epoch, version } = position;
  return [{ sku: record.line.sku, units: takenOf(told) - takenOf(recorded), epoch, version }];
}

/** Units that are not for sale any more because of a line. */
function takenOf({ ordered, cancelled, restocked }: LineCounts): number {
  return ordered - cancelled - restocked;
}

function noted(order: Order, more: Partial<ReportAnswer>): Order {
  const { report } = order;
  if (report === undefined) return order;
  return {
    ...order,
    report: {
      ...report,
      skus: [...report.skus, ...(more.skus ?? [])],
      refused: [...report.refused, ...(more.refused ?? [])],
      notes: [...report.notes, ...(more.notes ?? [])],
    },
  };
}

/** The order with its report recorded. */
export function withReportDone(order: Order): Order {
  const { report, ...rest } = order;
  if (report === undefined) return order;
  const unmatchedIds = Object.values(order.lines)
    .filter(isUnmatched)
    .map(({ line }) => line.lineId);
  return { ...rest, lastReport: { ...report, unmatched: unmatchedIds } };
}

export function answerOf({ skus, unmatched: lineIds, refused, notes }: IdentifiedAnswer): ReportAnswer {
  return { skus, unmatched: lineIds, refused, notes };
}
