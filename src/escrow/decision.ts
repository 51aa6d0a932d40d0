import type { GuardRefusal } from "../sku/contract.ts";
import type { Refusal } from "../stock/refusal.ts";
import type { HoldView, Keep } from "./contract.ts";
import type { Hold, ShardState } from "./shard-state.ts";

/** What was answered to a key. `passed`: the SkuObject knows. `commit`: it knows too, under the hold's own key. */
export type Answer =
  | { readonly kind: "done"; readonly hold: HoldView }
  | { readonly kind: "refused"; readonly refusal: Refusal }
  | { readonly kind: "passed" }
  | { readonly kind: "commit"; readonly id: string };

export type Reply =
  | { readonly outcome: "done"; readonly replayed: boolean; readonly hold: HoldView }
  | { readonly outcome: "refused"; readonly replayed: boolean; readonly refusal: Refusal | GuardRefusal }
  /** The SkuObject is to decide. */
  | { readonly outcome: "pass" }
  /** The SkuObject is to be told of this commit. If it is another one than was asked for, ask again afterwards. */
  | { readonly outcome: "settle"; readonly hold: Hold; readonly isOther: boolean }
  | { readonly outcome: "ask"; readonly ask: number; readonly sinceMs?: number | undefined }
  | { readonly outcome: "keeps"; readonly keeps: readonly Keep[] }
  | { readonly outcome: "noted" };

/** What is stored and not in the state. */
export interface Records {
  answerTo(key: string): (Answer & { readonly fingerprint: string }) | undefined;
  /** A hold that has ended. */
  ended(id: string): Hold | undefined;
  /** Whether the key may have been answered before the shards began. */
  mayKnow(key: string): boolean;
}

export interface Decision {
  readonly state: ShardState;
  readonly reply: Reply;
  /** Holds to be stored. */
  readonly holds?: readonly Hold[];
  /** What the key is answered from now on; no answer: it is forgotten. */
  readonly answer?: {
    readonly key: string;
    readonly fingerprint: string;
    readonly answer?: Answer | undefined;
  };
  /** The keys that were answered before, to be stored. */
  readonly knownKeys?: string | undefined;
}
