import type { Position } from "../protocol/position.ts";
import type { GuardRefusal, MutationRequest, MutationResult } from "../sku/contract.ts";
import type { Refusal } from "../stock/refusal.ts";

/** A shard's question for units to sell. */
export interface GrantAsk {
  readonly shard: number;
  /** Counts the asks of a shard: one whose answer was lost is repeated with its number, and granted once. */
  readonly ask: number;
  /** The keys it knows of are those from before then; absent if it knows none. */
  readonly sinceMs?: number | undefined;
}

/** Units of one location that a shard may sell until the lease is over. */
export interface Granted extends Position {
  readonly id: string;
  readonly location: string;
  readonly quantity: number;
  readonly expiresAtMs: number;
}

export interface GrantAnswer {
  /** Absent if there is too little left, or the SKU is not sold by shards. */
  readonly grant?: Granted | undefined;
  readonly sinceMs?: number | undefined;
  /** The keys that were answered before the shards began, as a `KeyFilter`; only if the shard has them not yet. */
  readonly knownKeys?: string | undefined;
}

/** How many units of a grant a shard still has; the others are the SKU's again. */
export interface Keep {
  readonly grantId: string;
  readonly keep: number;
  /** No commit was under way that the SkuObject may have counted already; else it is told again. */
  readonly isSure: boolean;
}

/** A buyer's key for one operation, and the digest of what was asked with it. */
interface Keyed {
  readonly key: string;
  readonly fingerprint: string;
}

export interface ExtendAsk extends Keyed {
  readonly type: "extend";
  readonly id: string;
  readonly ttlSeconds: number;
}

export interface ReleaseAsk extends Keyed {
  readonly type: "release";
  readonly id: string;
}

export interface CommitAsk extends Keyed {
  readonly type: "commit";
  readonly id: string;
  /** All of the hold unless said. */
  readonly quantity?: number | undefined;
  readonly channel: string;
  readonly orderId: string;
  readonly lineId: string;
  readonly actor: string;
}

/** Asks for a hold: the mutation as the SkuObject would be asked, so that it can be passed on. */
export interface HoldAsk {
  readonly type: "hold";
  readonly request: MutationRequest & { readonly key: string };
  /** The shard only looks whether it knows the key. */
  readonly isForSku: boolean;
}

export type ChangeAsk = ExtendAsk | ReleaseAsk | CommitAsk;

/** A hold as a shard answers it. */
export interface HoldView extends Position {
  readonly id: string;
  readonly status: "active" | "committed" | "released" | "expired";
  readonly quantity: number;
  readonly location: string;
  readonly expiresAtMs?: number | undefined;
  readonly channel?: string | undefined;
  readonly orderId?: string | undefined;
  readonly reference?: string | undefined;
  readonly shard: number;
  /** Counts the holds of the shard. */
  readonly sequence: number;
}

/** `of-sku` is the SkuObject's own answer: of a hold that was passed on, or of a commit. */
export type ShardAnswer =
  | { readonly outcome: "done"; readonly replayed: boolean; readonly hold: HoldView }
  | { readonly outcome: "refused"; readonly replayed: boolean; readonly refusal: Refusal | GuardRefusal }
  | { readonly outcome: "of-sku"; readonly result: MutationResult };
