import type { StockEvent } from "../protocol/event.ts";
import type { Position } from "../protocol/position.ts";
import type { StockView } from "../protocol/stock.ts";
import type { Mutation } from "../stock/mutation.ts";
import type { Refusal } from "../stock/refusal.ts";

/** A mutation on its way to a SkuObject, with what makes it safe to repeat. */
export interface MutationRequest {
  readonly mutation: Mutation;
  /**
   * Idempotency key, already scoped to the caller. Absent only for mutations that are idempotent by nature
   * (order facts and what follows from them).
   */
  readonly key?: string | undefined;
  /** Digest of the payload: the same key with another fingerprint is refused. */
  readonly fingerprint: string;
  /** The positions of which one must be the current one (If-Match); absent means any. */
  readonly ifMatch?: readonly Position[] | undefined;
  /**
   * Leaves it to the caller to send the news (`mutateAndHandOver`): one who changes many SKUs at once sends them
   * together, which is far cheaper.
   */
  readonly isHandedOver?: boolean | undefined;
  /** Set if the shard that the key belongs to does not serve it, or the key is none that a buyer could send to a shard. */
  readonly isPassedOn?: boolean | undefined;
}

/** A refusal of the object itself, before the domain is asked; never sticky. */
export type GuardRefusal =
  /** The SKU has so many shards: the one that the key belongs to must be asked. Callers do; no client sees it. */
  | { readonly code: "ask-shard"; readonly shards: number }
  | { readonly code: "version-mismatch" }
  | { readonly code: "idempotency-key-reused" };

export type MutationResult =
  | {
      readonly outcome: "done";
      /** The answer of an earlier mutation with the same key or the same natural identity. */
      readonly replayed: boolean;
      readonly position: Position;
      /** Absent if nothing had to change. */
      readonly event?: StockEvent;
      readonly stock: StockView;
    }
  | {
      readonly outcome: "refused";
      readonly replayed: boolean;
      readonly refusal: Refusal | GuardRefusal;
      /** Where the SKU stands; absent if it is unknown. */
      readonly position?: Position;
    };
