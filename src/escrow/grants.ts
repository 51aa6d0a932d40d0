import { unreachable } from "../stock/refusal.ts";
import type { Decision } from "./decision.ts";
import type { GrantAnswer, Keep } from "./contract.ts";
import { isCommittingOf, isToBeTold, keptOf, leaseMarginMs, type ShardState } from "./shard-state.ts";

/** What passes between a shard and its SkuObject about grants. Each call may be lost, repeated or late. */
export type GrantCommand =
  /** Makes ready to ask for units: the number of the ask is stored before it is sent. */
  | { readonly type: "ask" }
  | { readonly type: "answered"; readonly ask: number; readonly answer: GrantAnswer }
  /** The SkuObject wants back what is not held; nothing is sold until it grants again. */
  | { readonly type: "recall" }
  /** Makes ready to tell what is left of grants. */
  | { readonly type: "give" }
  /** The SkuObject has taken in what is left of them. */
  | { readonly type: "told"; readonly keeps: readonly Keep[] }
  /** A lease was renewed; no time: the grant is no more. */
  | { readonly type: "renewed"; readonly grantId: string; readonly expiresAtMs?: number | undefined };

export function decideGrants(state: ShardState, command: GrantCommand): Decision {
  switch (command.type) {
    case "ask": {
      const asks = state.isAsking ? state.asks : state.asks + 1;
      const { sinceMs } = state;
      return { state: { ...state, asks, isAsking: true }, reply: { outcome: "ask", ask: asks, sinceMs } };
    }
    case "answered":
      return answered(state, command);
    case "recall":
      return give({ ...state, isOpen: false });
    case "give":
      return give(state);
    case "told":
      return noted(command.keeps.reduce(told, state));
    case "renewed":
      return renewed(state, command);
    default:
      return unreachable(command);
  }
}

function noted(state: ShardState): Decision {
  return { state, reply: { outcome: "noted" } };
}

/** A grant opens the shard; none closes it, for so little is left that one object had better sell it. */
function answered(state: ShardState, { ask, answer }: Extract<GrantCommand, { type: "answered" }>): Decision {
  if (!state.isAsking || ask !== state.asks) return noted(state);
  const { grant, knownKeys, sinceMs = state.sinceMs } = answer;
  const next = { ...state, isAsking: false, isOpen: grant !== undefined, sinceMs };
  if (grant === undefined) return { ...noted(next), knownKeys };
  const added = { ...grant, held: 0, told: grant.quantity, isUnsure: false };
  return {
    ...noted({
      ...next,
      quota: grant.quantity,
      grants: state.grants.set(grant.id, added),
      nextExpiryAtMs: Math.min(state.nextExpiryAtMs, grant.expiresAtMs - leaseMarginMs),
    }),
    knownKeys,
  };
}

/**
 * What is given back is given up here first, durably, and told then: the SkuObject may sell it once it knows. A grant only
 * ever shrinks, so it does no harm if that is told twice or late.
 */
function give(state: ShardState): Decision {
  const toTell = [...state.grants.values()].filter((grant) => isToBeTold(state, grant));
  const grants = toTell.reduce((changed, grant) => {
    const quantity = keptOf(state, grant);
    return changed.set(grant.id, {
      ...grant,
      quantity,
      isUnsure: grant.isUnsure || isCommittingOf(state, grant),
    });
  }, state.grants);
  const keeps = toTell.map((grant) => ({
    grantId: grant.id,
    keep: grants.get(grant.id)?.quantity ?? 0,
    isSure: !isCommittingOf(state, grant),
  }));
  return { state: { ...state, grants }, reply: { outcome: "keeps", keeps } };
}

function told(state: ShardState, { grantId, keep, isSure }: Keep): ShardState {
  const grant = state.grants.get(grantId);
  if (grant === undefined) return state;
  const { quantity } = grant;
  if (quantity === 0 && keep === 0) return { ...state, grants: state.grants.delete(grantId) };
  const isUnsure = grant.isUnsure && !isSure;
  const known = { ...grant, told: Math.min(grant.told, keep), isUnsure };
  return { ...state, grants: state.grants.set(grantId, known) };
}

function renewed(
  state: ShardState,
  { grantId, expiresAtMs }: Extract<GrantCommand, { type: "renewed" }>,
): Decision {
  const grant = state.grants.get(grantId);
  if (grant === undefined) return noted(state);
  if (expiresAtMs === undefined) return noted({ ...state, grants: state.grants.delete(grantId) });
  return noted({ ...state, grants: state.grants.set(grantId, { ...grant, expiresAtMs }) });
}
