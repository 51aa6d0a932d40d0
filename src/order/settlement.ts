import type { Position } from "../protocol/position.ts";
import type { MutationRequest, MutationResult } from "../sku/contract.ts";
import { type LineCounts, noCounts } from "./counts.ts";
import { type LineRecord, type Order, pendingLines, withKit, withResults } from "./order.ts";
import { reportedLines, reportParts, withAnswers } from "./recording.ts";
import { lineResult, provenanceOf } from "./sku-calls.ts";

export type SkuRequests = readonly (readonly [sku: string, requests: MutationRequest[]])[];

/** What settling an order does to the world. */
export interface SettlementEffects {
  /** Tells SKUs, and answers with their results in the order of the requests. */
  tell(requests: SkuRequests): Promise<MutationResult[][]>;
  /** Where a kit stands, once it has heard of its components. */
  kitPosition(sku: string): Promise<Position | undefined>;
  /** Keeps the order as it is in between, durably. */
  save(order: Order): Order;
}

/** Has the SKUs answer for every line that callers of the API told and none has answered for. */
export async function settleLines(order: Order, effects: SettlementEffects): Promise<Order> {
  return tellLines(order, pendingLines(order), effects, {
    requests: (records) =>
      bySku(records).map(([sku, lines]) => [
        sku,
        [{ fingerprint: "", mutation: { ...provenanceOf(order), type: "order", lines } }],
      ]),
    settled: async (current, records, answers) =>
      withResults(
        current,
        records.map((record) => lineResult(record, answers)),
      ),
  });
}

/** Has the SKUs record what channels told of their lines. `counts` says how much of it. */
export async function settleReport(
  order: Order,
  effects: SettlementEffects,
  counts?: (told: LineCounts) => LineCounts,
): Promise<Order> {
  const actor = `channel:${order.channel}`;
  return tellLines(order, reportedLines(order), effects, {
    requests: (records) =>
      [...reportParts(records, counts)].map(([sku, lines]) => [
        sku,
        [{ fingerprint: "", mutation: { ...provenanceOf(order), actor, type: "report", lines } }],
      ]),
    settled: async (current, records, answers) => {
      // Only the first of two tellings: what it leaves out is told next.
      if (counts !== undefined) return current;
      const kits = records.map(({ line }) => line.sku).filter((sku) => !answers.has(sku));
      return withAnswers(current, records, answers, await positionsOf(kits, effects));
    },
  });
}

/** That lines were ordered, and nothing of what happened to them then. */
export function onlyOrdered({ ordered }: LineCounts): LineCounts {
  return { ...noCounts, ordered };
}

interface Telling {
  requests(records: readonly LineRecord[]): SkuRequests;
  settled(
    order: Order,
    records: readonly LineRecord[],
    answers: ReadonlyMap<string, MutationResult>,
  ): Promise<Order>;
}

/** One call per SKU. A line that turns out to be a kit is told to its components. */
async function tellLines(
  order: Order,
  records: readonly LineRecord[],
  effects: SettlementEffects,
  telling: Telling,
): Promise<Order> {
  if (records.length === 0) return order;
  const requests = telling.requests(records);
  const results = await effects.tell(requests);
  const answers = new Map(
    requests.flatMap(([sku], index) => (results[index] ?? []).map((result) => [sku, result])),
  );
  const kits = records.flatMap((record) => kitOf(record, answers));
  const kitIds = new Set(kits.map((kit) => kit.lineId));
  const plain = records.filter(({ line }) => !kitIds.has(line.lineId));
  const settled = await telling.settled(order, plain, answers);
  if (kits.length === 0) return settled;
  // Kept before the components are told: the kit may be made of others by the time this is repeated.
  const expanded = effects.save(
    kits.reduce((changed, kit) => withKit(changed, kit.lineId, kit.components), settled),
  );
  const lines = kits.flatMap(({ lineId }) => expanded.lines[lineId] ?? []);
  return tellLines(expanded, lines, effects, telling);
}

/** What the line is made of, if its SKU is a kit. A line recorded when the SKU was none stays what it was. */
function kitOf({ line, result }: LineRecord, answers: ReadonlyMap<string, MutationResult>) {
  const answer = answers.get(line.sku);
  if (answer?.outcome !== "refused" || answer.refusal.code !== "sku-is-kit") return [];
  return result === undefined ? [{ lineId: line.lineId, components: answer.refusal.components }] : [];
}

function bySku(records: readonly LineRecord[]) {
  const legs = records.flatMap(({ line, legs: own }) =>
    own.map(({ sku, lineId, perUnit }) => ({ ...line, sku, lineId, quantity: line.quantity * perUnit })),
  );
  return [...Map.groupBy(legs, (leg) => leg.sku)];
}

async function positionsOf(
  kits: readonly string[],
  effects: SettlementEffects,
): Promise<Map<string, Position>> {
  const positions = await Promise.all(
    kits.map(async (sku) => {
      const position = await effects.kitPosition(sku);
      return position === undefined ? [] : [[sku, position] as const];
    }),
  );
  return new Map(positions.flat());
}
