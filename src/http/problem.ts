import type { Position } from "../protocol/position.ts";
import { formatEtag } from "../protocol/position.ts";
import { type Problem, problemType, problemTypes, type ProblemSlug } from "../protocol/problem.ts";
import type { MutationResult } from "../sku/contract.ts";
import { unreachable } from "../stock/refusal.ts";

/** The members of a problem beyond type, title and status. */
export type ProblemMembers = Omit<Partial<Problem>, "type" | "title" | "status">;

/** Ends a request with a problem; `app.onError` turns it into the answer. */
export class ProblemError extends Error {
  readonly slug: ProblemSlug;
  readonly members: ProblemMembers;
  readonly headers: Readonly<Record<string, string>>;

  constructor(slug: ProblemSlug, members: ProblemMembers = {}, headers: Record<string, string> = {}) {
    super(slug);
    this.slug = slug;
    this.members = members;
    this.headers = headers;
  }
}

/** Errors of the platform that a caller may simply try again (Durable Objects mark them). */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return (
    ("retryable" in error && error.retryable === true) || ("overloaded" in error && error.overloaded === true)
  );
}

/** The body of a problem, as it stands alone or inside an answer that has several. */
export function problemBody(slug: ProblemSlug, members: ProblemMembers = {}): Problem {
  const [status, title] = problemTypes[slug];
  return { type: problemType(slug), title, status, ...members };
}

export function problemResponse(
  slug: ProblemSlug,
  members: ProblemMembers = {},
  headers: Readonly<Record<string, string>> = {},
): Response {
  const problem = problemBody(slug, members);
  return new Response(JSON.stringify(problem), {
    status: problem.status,
    headers: { "content-type": "application/problem+json", ...headers },
  });
}

type Refused = Extract<MutationResult, { outcome: "refused" }>;

/** The one place where a refusal becomes a problem. `sku` is the SKU that refused. */
export function refusalProblem(sku: string, result: Refused): ProblemError {
  const { refusal, position, replayed } = result;
  const headers = replayHeaders(position, replayed);
  const problem = (members: ProblemMembers) =>
    new ProblemError(
      refusal.code === "ask-shard" ? "unavailable" : refusal.code,
      { sku, ...positionMembers(position), ...members },
      headers,
    );

  switch (refusal.code) {
    case "sku-not-found":
      return problem({
        detail: `SKU ${sku} is unknown; create it with PUT /v1/skus/{sku} or count it first`,
      });
    case "insufficient-stock": {
      const { requested, available, location } = refusal;
      const where = location === undefined ? "" : ` at ${location}`;
      const detail = `${requested} of ${sku} requested${where}, ${available} available; ask for fewer`;
      const lines = [{ sku, requested, available, ...(location !== undefined && { location }) }];
      return problem({ detail, requested, available, lines });
    }
    case "insufficient-unavailable":
      return problem({
        detail: `${refusal.requested} requested, ${refusal.unavailable} unavailable there; put back no more than that`,
        unavailable: refusal.unavailable,
      });
    case "insufficient-incoming":
      return problem({
        detail: `${refusal.requested} requested, ${refusal.incoming} incoming there; take back no more than that`,
        incoming: refusal.incoming,
      });
    case "sku-in-use":
      return problem({
        detail: `${refusal.reserved} reserved, ${refusal.committed} committed; release, cancel or fulfil them first`,
      });
    case "sku-has-stock":
      return problem({
        detail: `${refusal.onHand} on hand; every location must have 0 on hand, incoming and unavailable before it becomes a kit`,
      });
    case "sku-is-kit":
      return problem({
        detail: `${sku} is made of ${refusal.components.map((c) => `${c.quantity} ${c.sku}`).join(", ")}; change those`,
        components: refusal.components,
      });
    case "sku-is-no-kit":
      return problem({ detail: `${sku} has no components; give it some with PUT /v1/skus/{sku}` });
    case "sku-cannot-be-sharded":
      return problem({ detail: unshardable(sku, refusal) });
    case "reservation-not-found":
      return problem({ detail: "there is no reservation of this id" });
    case "reservation-expired":
      return problem({ detail: "the reservation has expired; make a new one" });
    case "reservation-ended":
      return problem({ detail: `the reservation was ${refusal.end} already`, end: refusal.end });
    case "reservation-exceeded":
      return problem({ detail: `${refusal.requested} requested, ${refusal.reserved} reserved` });
    case "too-many-reservations":
    case "too-many-locations":
      return problem({ detail: `a SKU may have ${refusal.limit}`, limit: refusal.limit });
    case "order-not-found":
      return problem({ detail: "there is no such order line with anything open" });
    case "order-line-conflict":
      return problem({
        detail: `the order has a line ${refusal.lineId} already, of ${refusal.recorded} units; use another line id for another line`,
      });
    case "quantity-not-open":
      return problem({
        detail:
          refusal.requested === 0
            ? `nothing is open of line ${refusal.lineId}`
            : `line ${refusal.lineId}: ${refusal.requested} requested, ${refusal.open} open`,
        open: refusal.open,
      });
    case "quantity-out-of-range":
      return problem({ detail: refusal.detail });
    case "ask-shard":
      return problem({ detail: "the SKU is being given shards; send this again with the same key" });
    case "version-mismatch":
      return problem({ detail: "read the SKU again and repeat with its new ETag" });
    case "idempotency-key-reused":
      return problem({ detail: "this key was used with another payload; use a new key for a new request" });
    default:
      return unreachable(refusal);
  }
}

function unshardable(
  sku: string,
  { because, untilMs }: Extract<Refused["refusal"], { code: "sku-cannot-be-sharded" }>,
): string {
  switch (because) {
    case "kit":
      return `${sku} is a kit: its components decide; give it no shards`;
    case "allocations":
      return `${sku} has allocations, which only one object can keep apart; take them away, or give it no shards`;
    case "other-shards": {
      const when =
        untilMs === undefined ? "switch them off first" : `wait until ${new Date(untilMs).toISOString()}`;
      return `${sku} had another number of shards, which know the keys of its buyers; ${when}, or take that number again`;
    }
    default:
      return unreachable(because);
  }
}

function positionMembers(position: Position | undefined): ProblemMembers {
  return position === undefined ? {} : { epoch: position.epoch, version: position.version };
}

/** Headers that every answer about one SKU carries. */
export function replayHeaders(position: Position | undefined, replayed: boolean): Record<string, string> {
  return {
    ...(position !== undefined && { etag: formatEtag(position) }),
    ...(replayed && { "idempotent-replayed": "true" }),
  };
}
