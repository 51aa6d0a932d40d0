import { type PersistentMap, persistentMap } from "../stock/persistent-map.ts";
import type { ShardAddress } from "./address.ts";
import type { CommitAsk, Granted, HoldView } from "./contract.ts";

/** A hold must end this long before the lease of its grant: clocks differ. */
export const leaseMarginMs = 60_000;

/** Units that the SkuObject has reserved for this shard. The shard never believes that it has more than are reserved. */
export interface Grant extends Granted {
  /** What is left of it here: held for buyers, or free to be sold. */
  readonly quantity: number;
  readonly held: number;
  /** What the SkuObject has of it at most, as far as it has answered. More than `quantity`: it must be told. */
  readonly told: number;
  /** It was told while a commit was under way, which may have been counted already: tell it again afterwards. */
  readonly isUnsure: boolean;
}

/** What a buyer holds. Immutable, as all here. */
export interface Hold {
  readonly id: string;
  readonly sequence: number;
  readonly grantId: string;
  readonly location: string;
  readonly epoch: string;
  readonly version: number;
  readonly quantity: number;
  readonly expiresAtMs: number;
  readonly channel?: string | undefined;
  readonly reference?: string | undefined;
  /** `committing`: the SkuObject is being told, again and again until it answers; it cannot expire meanwhile. */
  readonly status: "active" | "committing" | "committed" | "released" | "expired";
  /** The commit that is under way, or was done. */
  readonly commit?: (CommitAsk & { readonly attempt: number; readonly quantity: number }) | undefined;
  /** Commits that were tried. */
  readonly attempts: number;
}

export interface ShardState extends ShardAddress {
  readonly grants: PersistentMap<Grant>;
  /** Holds that have not ended. */
  readonly holds: PersistentMap<Hold>;
  /** How many of them are being committed. */
  readonly committing: number;
  /** Whether it sells; not from when it was called back until it is granted units again. */
  readonly isOpen: boolean;
  /** It knows the keys that were answered before then, and sells nothing until it does. */
  readonly sinceMs?: number | undefined;
  /** Of the newest hold. */
  readonly sequence: number;
  readonly asks: number;
  /** The newest ask has no answer yet. */
  readonly isAsking: boolean;
  /** Units of the newest grant: below half of that, the shard asks for more. */
  readonly quota: number;
  /** Grants of earlier epochs are from before a restore: the SKU may have other numbers of them, so nothing is sold of them. */
  readonly currentFrom: string;
  /** No hold expires, and no lease ends, before this. */
  readonly nextExpiryAtMs: number;
}

export function newShard({ sku, shard }: ShardAddress, currentFrom = ""): ShardState {
  return {
    sku,
    shard,
    grants: persistentMap(),
    holds: persistentMap(),
    committing: 0,
    isOpen: false,
    sequence: 0,
    asks: 0,
    isAsking: false,
    quota: 0,
    currentFrom,
    nextExpiryAtMs: Number.POSITIVE_INFINITY,
  };
}

/** Units that can be sold here. */
export function freeUnits(state: ShardState): number {
  return state.grants.reduce((units, grant) => {
    return isCurrent(state, grant) ? units + grant.quantity - grant.held : units;
  }, 0);
}

/** Whether a grant is one of this life of the service. */
export function isCurrent({ currentFrom }: ShardState, { epoch }: Grant): boolean {
  return epoch >= currentFrom;
}

/** Units of a grant that the shard has for itself or for its buyers; it gives back all others. */
export function keptOf(state: ShardState, grant: Grant): number {
  return state.isOpen && isCurrent(state, grant) ? grant.quantity : grant.held;
}

/** Whether the SkuObject must be told what is left of grants. */
export function isDirty(state: ShardState): boolean {
  const isToTell = (grant: Grant) => isToBeTold(state, grant);
  return !state.grants.every((grant) => !isToTell(grant));
}

export function isToBeTold(state: ShardState, grant: Grant): boolean {
  const { quantity, told, isUnsure } = grant;
  if (quantity < told || quantity === 0 || quantity > keptOf(state, grant)) return true;
  return isUnsure && !isCommittingOf(state, grant);
}

export function isCommittingOf(state: ShardState, { id }: Grant): boolean {
  return (
    state.committing > 0 && !state.holds.every((hold) => hold.grantId !== id || hold.status !== "committing")
  );
}

export function viewOf({ shard }: ShardState, hold: Hold): HoldView {
  const { id, status, quantity, location, epoch, version, expiresAtMs, channel, reference, sequence } = hold;
  const base = { id, quantity, location, epoch, version, reference, shard, sequence };
  switch (status) {
    case "active":
    case "committing":
      return { ...base, status: "active", channel, expiresAtMs };
    case "committed": {
      const { commit } = hold;
      return {
        ...base,
        status,
        quantity: commit?.quantity ?? quantity,
        channel: commit?.channel,
        orderId: commit?.orderId,
      };
    }
    case "released":
    case "expired":
      return { ...base, status };
    default:
      return status satisfies never;
  }
}
