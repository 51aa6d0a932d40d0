import type { Position } from "../protocol/position.ts";

/** What a check can find wrong. The words are stable: tools may tell findings apart by them. */
export type Rule =
  /** The ledger lacks a version below its newest one. */
  | "gap"
  /** The ledger has two different entries at one version. */
  | "twice"
  /** An entry whose type nobody here knows: nothing after it can be added up. */
  | "unknown-event"
  /** The domain's sum of a ledger and one made by other means differ. */
  | "sum"
  /** A request took units that were not there. */
  | "oversell"
  /** A reservation ended twice, before its time, or without having begun. */
  | "hold"
  /** A life that continues another one after a restore begins with another state than that. */
  | "restore"
  /** A mutation was acknowledged, and the ledger has something else there, or nothing. */
  | "lost"
  /** One key, or one version, stands for two mutations. */
  | "doubled"
  /** The ledger has an entry that nobody asked for. */
  | "unasked"
  /** An answer is not what the ledger says it should have been. */
  | "answer"
  /** A refusal that the state at its version does not justify. */
  | "refusal"
  /** A read, or what an observer was told, is not the state at its version. */
  | "view"
  /** A higher version was answered before a lower one was asked for: stale, or from the future. */
  | "order"
  /** An observer was told something older after something newer. */
  | "regression"
  /** A side has not come to the newest version. */
  | "behind";

/** Something that must not be. */
export interface Finding {
  readonly rule: Rule;
  readonly sku: string;
  /** Where in the SKU's ledger, if it is about one place. */
  readonly position?: Position;
  readonly detail: string;
}

/** `A at k3v9.42: lost: ...` */
export function describeFinding({ rule, sku, position, detail }: Finding): string {
  const where = position === undefined ? "" : ` at ${positionText(position)}`;
  return `${sku}${where}: ${rule}: ${detail}`;
}

export function positionText({ epoch, version }: Position): string {
  return `${epoch}.${version}`;
}
