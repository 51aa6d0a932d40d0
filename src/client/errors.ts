import type { Problem, ProblemSlug } from "./types.ts";

/** What is known of a call that failed. */
export interface Failure {
  /** Method and path, as in `POST /v1/orders`. */
  readonly request: string;
  /** What the service answered (RFC 9457); undefined if nothing of ours answered. */
  readonly problem?: Problem | undefined;
  /** HTTP status; undefined if no answer came. */
  readonly status?: number | undefined;
  /** Whether the same call with the same key may succeed later, and cannot have a second effect. */
  readonly retryable: boolean;
  /** The key that every attempt carried: with it, the call can be repeated later. */
  readonly idempotencyKey?: string | undefined;
  readonly attempts: number;
  readonly cause?: unknown;
}

/** Every failure of a call. What kind it is say its class and `slug`. */
export class StockwireError extends Error {
  override readonly name: string = "StockwireError";
  readonly request: string;
  readonly problem: Problem | undefined;
  readonly status: number | undefined;
  /** The last part of the problem's type, as in `insufficient-stock`. */
  readonly slug: ProblemSlug | (string & {}) | undefined;
  readonly retryable: boolean;
  readonly idempotencyKey: string | undefined;
  readonly attempts: number;

  constructor(failure: Failure, what?: string) {
    const { request, problem, status, attempts } = failure;
    const said = what ?? problem?.detail ?? problem?.title ?? "";
    const slug = problem?.type.split("/").at(-1);
    const tried = attempts > 1 ? ` (${attempts} attempts)` : "";
    const head = [status, slug].filter((part) => part !== undefined).join(" ");
    super(`${request}${tried}: ${[head, said].filter((part) => part !== "").join(": ")}`, {
      cause: failure.cause,
    });
    this.request = request;
    this.problem = problem;
    this.status = status;
    this.slug = slug;
    this.retryable = failure.retryable;
    this.idempotencyKey = failure.idempotencyKey;
    this.attempts = attempts;
  }
}

/** No answer came within the deadlines: what became of the request is not known. Repeat it with `idempotencyKey`. */
export class NoAnswerError extends StockwireError {
  override readonly name = "NoAnswerError";
}

/** Something answered that is not this service, such as a proxy's page. */
export class UnexpectedAnswerError extends StockwireError {
  override readonly name = "UnexpectedAnswerError";
}

/** 400, 405, 413, 415, 422, 428: the request itself is wrong; `fields` says where. */
export class InvalidRequestError extends StockwireError {
  override readonly name: string = "InvalidRequestError";

  get fields(): readonly { readonly pointer: string; readonly detail: string }[] {
    return this.problem?.errors ?? [];
  }
}

/** The key was used for another request before: take a new one. */
export class IdempotencyKeyReusedError extends InvalidRequestError {
  override readonly name = "IdempotencyKeyReusedError";
}

/** 401: the API key is missing, unknown or revoked. */
export class UnauthorizedError extends StockwireError {
  override readonly name = "UnauthorizedError";
}

/** 403: the API key may not do this. */
export class ForbiddenError extends StockwireError {
  override readonly name = "ForbiddenError";
}

/** 404: what the request is about is not there; `slug` says what. */
export class NotFoundError extends StockwireError {
  override readonly name = "NotFoundError";
}

/** 409: the state of things does not allow it. */
export class ConflictError extends StockwireError {
  override readonly name: string = "ConflictError";
}

/** A line of which there is not enough. */
export interface ShortLine {
  readonly sku: string;
  readonly requested: number;
  readonly available: number;
  readonly location?: string;
}

/** There is not enough stock. The refusal sticks to its key: ask for less with a new call. */
export class InsufficientStockError extends ConflictError {
  override readonly name = "InsufficientStockError";

  /** The lines that are short, with what is available of each. */
  get lines(): readonly ShortLine[] {
    return (this.problem?.["lines"] ?? []) as readonly ShortLine[];
  }
}

/** The reservation was committed or released before. */
export class ReservationEndedError extends ConflictError {
  override readonly name = "ReservationEndedError";

  get end(): string | undefined {
    return this.problem?.["end"] as string | undefined;
  }
}

/** More than is open of an order line was to be cancelled, fulfilled or returned. */
export class QuantityNotOpenError extends ConflictError {
  override readonly name = "QuantityNotOpenError";

  /** Units that are open. */
  get open(): number | undefined {
    return this.problem?.["open"] as number | undefined;
  }
}

/** 410: it is over. */
export class GoneError extends StockwireError {
  override readonly name: string = "GoneError";
}

/** The reservation has expired: its units are available again, reserve anew. */
export class ReservationExpiredError extends GoneError {
  override readonly name = "ReservationExpiredError";
}

/** What comes after the cursor is no longer kept in order: read the ledger from its first page and follow from there. */
export class CursorExpiredError extends GoneError {
  override readonly name = "CursorExpiredError";
}

/** 412: the SKU has changed since it was read. Nothing was done; read again, decide again. */
export class VersionMismatchError extends StockwireError {
  override readonly name = "VersionMismatchError";

  get epoch(): string | undefined {
    return this.problem?.["epoch"] as string | undefined;
  }

  /** The version the SKU has now. */
  get version(): number | undefined {
    return this.problem?.["version"] as number | undefined;
  }
}

/** 429: too many requests, beyond what waiting within the deadline could mend. */
export class RateLimitedError extends StockwireError {
  override readonly name = "RateLimitedError";
}

/** 5xx: the service cannot do it at the moment. */
export class UnavailableError extends StockwireError {
  override readonly name = "UnavailableError";
}

type ProblemClass = new (failure: Failure) => StockwireError;

const bySlug: { readonly [Slug in ProblemSlug]?: ProblemClass } = {
  "insufficient-stock": InsufficientStockError,
  "reservation-ended": ReservationEndedError,
  "quantity-not-open": QuantityNotOpenError,
  "reservation-expired": ReservationExpiredError,
  "cursor-expired": CursorExpiredError,
  "version-mismatch": VersionMismatchError,
  "idempotency-key-reused": IdempotencyKeyReusedError,
};

const byStatus: Readonly<Record<number, ProblemClass>> = {
  401: UnauthorizedError,
  403: ForbiddenError,
  404: NotFoundError,
  409: ConflictError,
  410: GoneError,
  429: RateLimitedError,
};

/** The error of a problem: by its slug, else by its status, so that a slug newer than this client has a class too. */
export function problemError(failure: Failure & { readonly problem: Problem }): StockwireError {
  const { problem } = failure;
  const status = failure.status ?? problem.status;
  const slug = problem.type.split("/").at(-1) ?? "";
  const ofSlug = Object.hasOwn(bySlug, slug) ? bySlug[slug as ProblemSlug] : undefined;
  const fallback = status >= 500 ? UnavailableError : InvalidRequestError;
  const Class = ofSlug ?? byStatus[status] ?? fallback;
  return new Class({ ...failure, status });
}
