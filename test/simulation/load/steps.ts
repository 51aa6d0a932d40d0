import type { PublicationRule } from "../../../src/protocol/rule.ts";

export interface Line {
  readonly sku: string;
  readonly quantity: number;
}

/** What somebody does. `of` is the id of the step that it is about. */
export type Action =
  | { readonly type: "count"; readonly sku: string; readonly location: string; readonly onHand: number }
  | { readonly type: "adjust"; readonly sku: string; readonly location: string; readonly delta: number }
  | { readonly type: "receive"; readonly sku: string; readonly location: string; readonly quantity: number }
  | { readonly type: "unavailable"; readonly sku: string; readonly location: string; readonly delta: number }
  | {
      readonly type: "transfer";
      readonly sku: string;
      readonly from: string;
      readonly to: string;
      readonly quantity: number;
    }
  | {
      readonly type: "settings";
      readonly sku: string;
      readonly settings: { readonly safetyStock?: number; readonly backorderLimit?: number };
    }
  /** Has so many objects sell it; 0: one. */
  | { readonly type: "shards"; readonly sku: string; readonly shards: number }
  | { readonly type: "kit"; readonly sku: string; readonly components: readonly Line[] }
  | { readonly type: "retire"; readonly sku: string }
  | { readonly type: "reserve"; readonly lines: readonly Line[]; readonly ttlSeconds: number }
  | { readonly type: "commit"; readonly of: number; readonly channel: string; readonly part?: number }
  | { readonly type: "extend"; readonly of: number; readonly ttlSeconds: number }
  | { readonly type: "release"; readonly of: number }
  | { readonly type: "order"; readonly channel: string; readonly lines: readonly Line[] }
  | {
      readonly type: "change";
      readonly of: number;
      readonly change: "cancel" | "fulfil" | "return";
      /** Of its first line; absent: all that is open. */
      readonly quantity?: number;
    }
  | { readonly type: "read"; readonly skus: readonly string[]; readonly maxAgeSeconds: number }
  /** Several changes in one request, each answered by itself. */
  | { readonly type: "bulk"; readonly items: readonly BulkAction[] }
  /** Somebody watches SKUs over a socket; or listens to the whole ledger. */
  | { readonly type: "watch"; readonly skus: readonly string[]; readonly forMs: number }
  | { readonly type: "listen"; readonly forMs: number }
  /** A shop sells by itself, and says so later. */
  | { readonly type: "sale"; readonly channel: string; readonly sku: string; readonly units: number }
  | { readonly type: "sale-change"; readonly of: number; readonly change: "cancel" | "fulfil" | "restock" }
  /** Somebody types another number into a shop. */
  | { readonly type: "edit"; readonly channel: string; readonly sku: string; readonly quantity: number }
  | { readonly type: "reconcile"; readonly channel: string };

/** A change of one SKU's stock at one location. */
export type BulkAction = Extract<Action, { type: "count" | "adjust" | "receive" | "unavailable" }>;

/** What shops and people do by themselves, without the API. */
export type ShopAction = Extract<Action, { type: "sale" | "sale-change" | "edit" }>;

/** An action and when it is begun. */
export interface Step {
  readonly id: number;
  /** ms since the run began. */
  readonly atMs: number;
  readonly action: Action;
  /** How often it is tried again with the same key when no answer comes. */
  readonly patience: number;
  /** Only if the SKU is still as somebody was told last. */
  readonly isConditional?: true;
  /** Once answered, it is sent again with the same key so much later. */
  readonly echoAfterMs?: number;
}

/** What a shop is like. */
export interface ShopPlan {
  readonly id: string;
  /** `webhook`: is only told. `exact`: compares before it takes a number. `plain`: takes any. `slow`: shows it later. */
  readonly style: "webhook" | "exact" | "plain" | "slow";
  /** How it tells what it sold. */
  readonly reports: "push" | "hint" | "poll";
  readonly batchMax: number;
  readonly rule?: PublicationRule;
}

/** A blow that falls at a moment. */
export type Blow = { readonly atMs: number } & (
  | { readonly type: "crash" | "evict"; readonly className: string; readonly which: number }
  | { readonly type: "restart"; readonly forgetsQueue: boolean }
);

/** Describes an action for a story. */
export function inWords(action: Action): string {
  const { type, ...rest } = action;
  const parts = Object.entries(rest).map(
    ([name, value]) => `${name} ${typeof value === "string" ? value : JSON.stringify(value)}`,
  );
  return [type, ...parts].join(", ");
}
