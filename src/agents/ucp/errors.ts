import type { ProblemError } from "../../http/problem.ts";
import { problemBody } from "../../http/problem.ts";
import type { Problem, ProblemSlug } from "../../protocol/problem.ts";
import type { Message } from "./envelope.ts";
import type { OwnNames } from "./names.ts";

/** What came of a request that was understood and could not be done: UCP answers it with 200. */
const outcomes: Partial<Readonly<Record<ProblemSlug, { code: string; isRecoverable: boolean }>>> = {
  "insufficient-stock": { code: "out_of_stock", isRecoverable: true },
  "sku-not-found": { code: "not_found", isRecoverable: false },
  "sku-is-kit": { code: "item_unavailable", isRecoverable: true },
  "reservation-not-found": { code: "not_found", isRecoverable: false },
  "reservation-expired": { code: "hold_expired", isRecoverable: false },
  "reservation-ended": { code: "hold_ended", isRecoverable: false },
  "reservation-exceeded": { code: "quantity_exceeds_hold", isRecoverable: true },
  "order-line-conflict": { code: "already_ordered", isRecoverable: false },
  "too-many-reservations": { code: "item_unavailable", isRecoverable: true },
  "allowance-exceeded": { code: "hold_limit_exceeded", isRecoverable: true },
  "quantity-out-of-range": { code: "quantity_invalid", isRecoverable: true },
};

interface ShortLine {
  readonly sku: string;
  readonly requested: number;
  readonly available: number;
}

/**
 * The messages of a refusal that is a business outcome; undefined for an error of the protocol. `skus` are those of the
 * request's line items, so that a message can say which one it is about; numbers stand under the capability's name.
 */
export function outcomeMessages(
  { slug, members }: Pick<ProblemError, "slug" | "members">,
  skus: readonly string[],
  names: OwnNames,
): Message[] | undefined {
  const outcome = outcomes[slug];
  if (outcome === undefined) return undefined;
  const severity = outcome.isRecoverable ? ("recoverable" as const) : ("unrecoverable" as const);
  const lines = shortLines(members);
  if (lines.length === 0) {
    const details = numbersOf(members);
    const content = detailOf(members) ?? slug;
    return [named({ type: "error", code: outcome.code, content, severity }, details, names)];
  }
  return lines.map(({ sku, requested, available }) => {
    const index = skus.indexOf(sku);
    const content =
      available > 0
        ? `${requested} of ${sku} requested, ${available} can be held; ask for at most that many`
        : `${sku} is sold out; ${requested} requested`;
    const code = available > 0 ? "insufficient_stock" : outcome.code;
    const path = index < 0 ? {} : { path: `$.line_items[${index}]` };
    return named({ type: "error", code, content, severity, ...path }, { requested, available }, names);
  });
}

/** The answer to an error of the protocol: `code` and `content` for UCP, beside the members of every problem here. */
export function protocolError({ slug, members, headers }: ProblemError): Response {
  const problem = problemBody(slug, members);
  // UCP tells a reused key by 409; elsewhere here it is 422, as the IETF's draft has it.
  const status = slug === "idempotency-key-reused" ? 409 : problem.status;
  const code = typeof members["code"] === "string" ? members["code"] : slug.replaceAll("-", "_");
  const body = { ...problem, status, code, content: problem.detail ?? problem.title };
  return Response.json(body, { status, headers: { ...headers, "content-type": "application/problem+json" } });
}

function named(message: Message, numbers: Readonly<Record<string, unknown>>, names: OwnNames): Message {
  return Object.keys(numbers).length === 0 ? message : { ...message, [names.holds]: numbers };
}

function detailOf({ detail }: Partial<Problem>): string | undefined {
  return typeof detail === "string" ? detail : undefined;
}

function shortLines(members: Partial<Problem>): readonly ShortLine[] {
  return Array.isArray(members["lines"]) ? (members["lines"] as ShortLine[]) : [];
}

/** What the refusal counts: caps, limits, how a hold ended. */
function numbersOf(members: Partial<Problem>): Record<string, unknown> {
  const counted = ["cap", "limit", "used", "requested", "reserved", "end"];
  return Object.fromEntries(
    counted.flatMap((name) => (members[name] === undefined ? [] : [[name, members[name]]])),
  );
}
