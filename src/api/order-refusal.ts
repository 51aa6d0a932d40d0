import type { OrderChange, OrderChangeLine } from "../order/contract.ts";
import { problemTypes, type ProblemSlug } from "../protocol/problem.ts";
import { ProblemError, replayHeaders } from "../http/problem.ts";

/** What to do about it; the codes that are not here say enough by their title. */
const advice: Partial<Record<ProblemSlug, string>> = {
  "idempotency-key-reused": "use a new key for a new request",
  "order-not-found": "the SKU has no such line of the order",
  "sku-not-found": "the SKU was retired since",
};

const done = { cancel: "cancelled", fulfil: "fulfilled", return: "returned" } as const;

const nothingLeft = {
  cancel: "was cancelled or has left; what has left can be returned",
  fulfil: "was cancelled or has left",
  return: "was cancelled or is back",
} as const;

/** The problem of a change that every SKU refused; undefined if one made it: then each SKU says so for itself. */
export function unchangedProblem(
  type: OrderChange["type"],
  skus: readonly OrderChangeLine[],
  replayed: boolean,
): ProblemError | undefined {
  const [refused] = skus;
  if (refused === undefined || skus.some((sku) => sku.status !== "refused")) return undefined;
  const { sku, notOpen } = refused;
  const slug = isSlug(refused.detail) ? refused.detail : "quantity-not-open";
  const why = notOpen === undefined ? (advice[slug] ?? problemTypes[slug][1]) : notOpenDetail(type, notOpen);
  const members = { detail: `nothing was changed: ${sku}: ${why}`, sku, ...notOpen };
  return new ProblemError(slug, members, replayHeaders(undefined, replayed));
}

function notOpenDetail(
  type: OrderChange["type"],
  { lineId, requested, open }: NonNullable<OrderChangeLine["notOpen"]>,
): string {
  if (open === 0) return `all of line ${lineId} ${nothingLeft[type]}`;
  if (requested > 0)
    return `${requested} of line ${lineId} requested, ${open} can be ${done[type]}; name at most that, with a new key`;
  return (
    `nothing of line ${lineId} is recorded as gone and not back; ` +
    `fulfil it first or name in \`lines\` what came back, at most ${open}, with a new key`
  );
}

function isSlug(code: string | undefined): code is ProblemSlug {
  return code !== undefined && Object.hasOwn(problemTypes, code);
}
