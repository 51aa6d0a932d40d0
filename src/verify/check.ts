import type { PublishedEvent } from "../protocol/event.ts";
import type { Finding } from "./finding.ts";
import type { History, Observation } from "./history.ts";
import { isMutation, type Operation, operationsOf } from "./operations.ts";
import { SkuCheck } from "./sku-check.ts";

/** What a check went through, and what it found. */
export interface CheckResult {
  readonly findings: readonly Finding[];
  readonly skus: number;
  readonly entries: number;
  readonly calls: number;
  readonly reads: number;
  readonly observations: number;
  /** Mutations, each counted once however often it was called. */
  readonly acknowledged: number;
  readonly refused: number;
  /** Nobody was answered. */
  readonly unknown: number;
  /** Of the unknown: in the ledger. */
  readonly unknownApplied: number;
  /** Acknowledged, and undone by a restore of the service: known losses, not findings. */
  readonly undone: number;
  /** Findings: acknowledged mutations that are not in the ledger. */
  readonly lost: number;
  /** Findings: mutations that happened twice. */
  readonly doubled: number;
}

/**
 * Checks all that was seen of a service against its ledger: whether every answer, read and message is what the ledger
 * says it must have been, in an order that time allows. `ledger` is every event of the SKUs concerned, in any order.
 * Takes n log n time.
 */
export function checkHistory(history: History, ledger: Iterable<PublishedEvent>): CheckResult {
  const events = Map.groupBy(ledger, ({ data }) => data.sku);
  const calls = Map.groupBy(history.calls, ({ sku }) => sku);
  const observations = bySku(history.observations ?? []);
  const finals = bySku(history.finals ?? []);
  const skus = new Set([...events.keys(), ...calls.keys(), ...observations.keys(), ...finals.keys()]);
  const findings: Finding[] = [];
  const counts = {
    acknowledged: 0,
    refused: 0,
    unknown: 0,
    unknownApplied: 0,
    undone: 0,
    reads: 0,
    entries: 0,
  };
  for (const sku of skus) {
    const operations = operationsOf(calls.get(sku) ?? []);
    const check = new SkuCheck(sku, events.get(sku) ?? [], {
      operations,
      observations: observations.get(sku) ?? [],
      finals: finals.get(sku) ?? [],
      isComplete: history.isComplete ?? false,
      clockSkewMs: history.clockSkewMs ?? 0,
    });
    findings.push(...check.run());
    counts.entries += check.entries;
    counts.unknownApplied += check.unknownApplied;
    counts.undone += check.undone;
    for (const operation of operations) counts[kindOf(operation)] += 1;
  }
  return {
    findings,
    skus: skus.size,
    calls: history.calls.length,
    observations: history.observations?.length ?? 0,
    ...counts,
    lost: findings.filter(({ rule }) => rule === "lost").length,
    doubled: findings.filter(({ rule }) => rule === "doubled").length,
  };
}

function kindOf({ asked, answers }: Operation): "reads" | "acknowledged" | "refused" | "unknown" {
  if (!isMutation(asked)) return "reads";
  if (answers.length === 0) return "unknown";
  return answers.some(({ got }) => got.outcome === "done") ? "acknowledged" : "refused";
}

function bySku(observations: readonly Observation[]): Map<string, Observation[]> {
  return Map.groupBy(observations, ({ sku }) => sku);
}
