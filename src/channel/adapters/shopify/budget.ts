import type { ShopifyContext } from "./settings.ts";

/** What an answer says of the cost of its operation, in points. */
export interface Cost {
  readonly requestedQueryCost?: number | undefined;
  readonly throttleStatus: {
    readonly maximumAvailable: number;
    readonly currentlyAvailable: number;
    readonly restoreRate: number;
  };
}

/** How long to wait if an answer that says "throttled" names no cost. */
const unknownWaitMs = 1_000;

const budgets = new WeakMap<ShopifyContext, Budget>();

export function budgetOf(context: ShopifyContext): Budget {
  const known = budgets.get(context);
  if (known !== undefined) return known;
  const budget = new Budget();
  budgets.set(context, budget);
  return budget;
}

/** Milliseconds until the bucket holds what an operation needs. */
export function waitMs({ requestedQueryCost, throttleStatus }: Cost): number {
  const { maximumAvailable, currentlyAvailable, restoreRate } = throttleStatus;
  // More than the bucket can ever hold is refused for another reason; waiting is for a full one.
  const needed = Math.min(requestedQueryCost ?? 0, maximumAvailable);
  if (needed <= currentlyAvailable || restoreRate <= 0) return unknownWaitMs;
  return Math.ceil(((needed - currentlyAvailable) / restoreRate) * 1000);
}

/**
 * The points that the shop lets this app spend, as its last answer had them. They differ by plan and are shared by all
 * that the app does there, so this is a guess that spares calls in vain; the shop has the last word.
 */
export class Budget {
  #last: { readonly cost: Cost; readonly atMs: number } | undefined;
  readonly #costs = new Map<string, number>();

  learn(operation: string, cost: Cost, nowMs: number): void {
    this.#last = { cost, atMs: nowMs };
    if (cost.requestedQueryCost !== undefined) this.#costs.set(operation, cost.requestedQueryCost);
  }

  /** How long an operation has to wait, in ms; 0 if it may go, or nothing is known. */
  waitMsFor(operation: string, nowMs: number): number {
    const requestedQueryCost = this.#costs.get(operation);
    if (this.#last === undefined || requestedQueryCost === undefined) return 0;
    const { cost, atMs } = this.#last;
    const { maximumAvailable, currentlyAvailable, restoreRate } = cost.throttleStatus;
    const restored = (Math.max(0, nowMs - atMs) / 1000) * restoreRate;
    const available = Math.min(maximumAvailable, currentlyAvailable + restored);
    if (available >= Math.min(requestedQueryCost, maximumAvailable)) return 0;
    const throttleStatus = { ...cost.throttleStatus, currentlyAvailable: available };
    return waitMs({ requestedQueryCost, throttleStatus });
  }
}
