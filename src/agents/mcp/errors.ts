import type { CallToolResult } from "@modelcontextprotocol/server";
import { isTransient, ProblemError } from "../../http/problem.ts";
import { InvalidCursorError } from "../../ledger/page.ts";
import type { Problem, ProblemSlug } from "../../protocol/problem.ts";
import { log } from "../../telemetry/log.ts";
import type { StockItem } from "./stock-item.ts";

/** Why a tool did not do what it was asked for, in terms that a model can act on. */
export interface ToolError {
  readonly code: ProblemSlug;
  readonly message: string;
  /** Whether the same call, with the same idempotency_key, may succeed later. */
  readonly retryable: boolean;
  /** What to do instead. */
  readonly next: string;
  /** The stock it was about, as it is now. */
  readonly stock?: readonly StockItem[];
  /** What the refusal says beyond that: caps, limits, how a hold ended. */
  readonly details?: Readonly<Record<string, unknown>>;
}

const again =
  "Repeat the identical call in a few seconds, with the same idempotency_key if it has one; nothing is done twice.";

const advice: Partial<Readonly<Record<ProblemSlug, string>>> = {
  "insufficient-stock":
    "Hold at most what `stock` says is available, with a new idempotency_key, or offer another SKU. This key stays refused.",
  "sku-not-found": "Find the exact id with search_stock; ids are case-sensitive.",
  "reservation-not-found":
    "Use the reservation_id that hold_stock gave you, unchanged. A hold that somebody else made cannot be used.",
  "reservation-expired":
    "The units are free again: make a new hold with hold_stock and a new idempotency_key.",
  "reservation-ended":
    "If it was committed, it is sold: do nothing more. If it was released, make a new hold with a new idempotency_key.",
  "reservation-exceeded": "Commit no more units than the hold has.",
  "allowance-exceeded":
    "Commit or release what you hold, or ask for less or for a shorter time. Then repeat the call with the same idempotency_key.",
  "idempotency-key-reused":
    "Use a new idempotency_key for a new request; the same key only to repeat the identical call.",
  "too-many-reservations": "Many others hold this SKU; try again in a minute with the same idempotency_key.",
  "order-line-conflict": "The order has this line already: it is sold. Check before you hold again.",
  "invalid-request": "Correct the arguments as the message says.",
  "invalid-cursor": "Use next_cursor of the answer before, unchanged, or leave cursor out to begin anew.",
  forbidden: "Ask whoever gave you the key or token for one with the scope that is named.",
  unavailable: again,
  "internal-error": again,
};

const retryable: ReadonlySet<ProblemSlug> = new Set<ProblemSlug>([
  "allowance-exceeded",
  "too-many-reservations",
  "sku-not-found",
  "unavailable",
  "internal-error",
]);

/** What a thrown error says to an agent. Nothing of what is inside an unexpected one is told; it is logged. */
export function toolErrorOf(error: unknown, tool: string): ToolError {
  if (error instanceof ProblemError) {
    const { slug, members } = error;
    return toolError(slug, detailOf(members) ?? slug, detailsOf(members));
  }
  if (error instanceof InvalidCursorError) return toolError("invalid-cursor", "the cursor is not valid");
  if (isTransient(error)) return toolError("unavailable", "the service is busy");
  log("tool.failed", { tool }, { error });
  return toolError("internal-error", "something went wrong on this side");
}

/** The answer of a tool that could not do its work: a business error, not one of the protocol. */
export function errorResult(error: ToolError): CallToolResult {
  return { isError: true, content: [{ type: "text", text: JSON.stringify({ error }) }] };
}

function toolError(code: ProblemSlug, message: string, details?: ToolError["details"]): ToolError {
  const next = advice[code] ?? "Do not repeat the call as it is; do as the message says.";
  return { code, message, retryable: retryable.has(code), next, ...(details !== undefined && { details }) };
}

function detailOf({ detail }: { readonly detail?: unknown }): string | undefined {
  return typeof detail === "string" ? detail : undefined;
}

/** Members that stand beside the text; of stock, the answer brings newer numbers than the refusal has. */
function detailsOf(members: Partial<Problem>): ToolError["details"] {
  const kept = ["cap", "limit", "used", "requested", "reserved", "end", "errors"].flatMap((name) =>
    members[name] === undefined ? [] : [[name, members[name]] as const],
  );
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}
