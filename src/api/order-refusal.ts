import type { OrderChangeLine } from "../order/contract.ts";
import { problemTypes, type ProblemSlug } from "../protocol/problem.ts";
import { ProblemError, replayHeaders } from "../http/problem.ts";

/** What to do about it; the codes that are not here say enough by their title. */
const advice: Partial<Record<ProblemSlug, string>> = {
  "quantity-not-open": "name at most what is open of a line",
  "idempotency-key-reused": "use a new key for a new request",
  "order-not-found": "the SKU has no such line of the order",
  "sku-not-found": "the SKU was retired since",
};

/** The problem of a change that every SKU refused; undefined if one made it: then each SKU says so for itself. */
export function unchangedProblem(
  skus: readonly OrderChangeLine[],
  replayed: boolean,
): ProblemError | undefined {
  const [refused] = skus;
  if (refused === undefined || skus.some((sku) => sku.status !== "refused")) return undefined;
  const slug = isSlug(refused.detail) ? refused.detail : "quantity-not-open";
  const detail = `nothing was changed: ${refused.sku}: ${advice[slug] ?? problemTypes[slug][1]}`;
  return new ProblemError(slug, { detail, sku: refused.sku }, replayHeaders(undefined, replayed));
}

function isSlug(code: string | undefined): code is ProblemSlug {
  return code !== undefined && Object.hasOwn(problemTypes, code);
}
