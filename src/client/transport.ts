import type { Backoff } from "../storage/backoff.ts";
import {
  type Failure,
  NoAnswerError,
  problemError,
  type StockwireError,
  UnexpectedAnswerError,
} from "./errors.ts";
import { type Query, queryText } from "./path.ts";
import { mayRepeat, parseRetryAfter, type Repeat, waitBeforeNext } from "./retry.ts";
import { sleep } from "./sleep.ts";
import type { IfMatch, Problem } from "./types.ts";

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface TransportOptions {
  /** Where the service runs, as in `https://stock.example`. */
  readonly url: string;
  /** An API key. Left out where something between adds it. */
  readonly key?: string | undefined;
  readonly fetch?: Fetch | undefined;
  /** Until one attempt must have been answered (10 s). */
  readonly attemptTimeoutMs?: number | undefined;
  /** Until a call must have ended, with all its attempts and the waiting between them (60 s). */
  readonly deadlineMs?: number | undefined;
  /** Between attempts: a random time up to `baseMs`, doubled each time, at most `maxMs` (100 ms, 5 s). */
  readonly backoff?: Backoff | undefined;
}

/** What may be said with every call. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  readonly attemptTimeoutMs?: number | undefined;
  readonly deadlineMs?: number | undefined;
}

/** What may be said with a mutation. */
export interface MutationOptions extends CallOptions {
  /** Made for each call unless given: give one that is yours, and the call can be repeated after a crash too. */
  readonly idempotencyKey?: string | undefined;
}

/** What may be said with a mutation of one SKU. */
export interface GuardedOptions extends MutationOptions {
  /** The position the SKU must still have, or VersionMismatchError. */
  readonly ifMatch?: IfMatch | undefined;
}

export interface Request {
  readonly method: "GET" | "PUT" | "POST" | "DELETE";
  readonly path: string;
  readonly query?: Query | undefined;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly repeat: Repeat;
}

export interface Answered<Body> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
  /** How often it was sent. */
  readonly attempts: number;
}

interface Attempt {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

const defaults = { attemptTimeoutMs: 10_000, deadlineMs: 60_000, backoff: { baseMs: 100, maxMs: 5_000 } };

/** Sends requests, each until it is answered or its deadline is over. What may not be repeated is sent once. */
export class Transport {
  readonly url: string;
  readonly key: string | undefined;
  readonly fetch: Fetch;
  readonly #options: TransportOptions;

  constructor(options: TransportOptions) {
    // A mistyped address fails here rather than after a minute of attempts.
    this.url = new URL(options.url).href.replace(/\/+$/, "");
    this.key = options.key;
    // Called as a plain function: a browser's own fetch refuses to be anybody's method.
    this.fetch = options.fetch ?? ((url, init) => fetch(url, init));
    this.#options = options;
  }

  get backoff(): Backoff {
    return this.#options.backoff ?? defaults.backoff;
  }

  /** Until a call must have ended. */
  deadlineMs(options: CallOptions): number {
    return options.deadlineMs ?? this.#options.deadlineMs ?? defaults.deadlineMs;
  }

  /** What names the caller to the service. */
  authorization(): Record<string, string> {
    return this.key === undefined ? {} : { authorization: `Bearer ${this.key}` };
  }

  /** A mutation: every attempt carries the same Idempotency-Key. */
  mutate<Body>(request: Omit<Request, "repeat">, options: GuardedOptions = {}): Promise<Answered<Body>> {
    const { idempotencyKey = newIdempotencyKey(), ifMatch } = options;
    const headers = {
      "idempotency-key": idempotencyKey,
      ...(ifMatch !== undefined && { "if-match": ifMatchText(ifMatch) }),
    };
    return this.send({ ...request, headers, repeat: "keyed" }, options);
  }

  async send<Body>(request: Request, options: CallOptions = {}): Promise<Answered<Body>> {
    const { backoff } = this;
    const timeoutMs = options.attemptTimeoutMs ?? this.#options.attemptTimeoutMs ?? defaults.attemptTimeoutMs;
    const endMs = performance.now() + this.deadlineMs(options);
    let wasLost = false;
    for (let attempts = 1; ; attempts += 1) {
      const limitMs = Math.max(1, Math.min(timeoutMs, endMs - performance.now()));
      const attempt = await this.#attempt(request, limitMs, options.signal);
      const status = attempt instanceof Error ? undefined : attempt.status;
      // It was done by an attempt whose answer was lost: nothing is there any more, as was asked.
      const isDoneBefore =
        wasLost && request.method === "DELETE" && request.repeat === "harmless" && status === 404;
      if (!(attempt instanceof Error) && (attempt.status < 400 || isDoneBefore)) {
        const body = isDoneBefore ? undefined : bodyOf(request, attempt, attempts);
        return { status: attempt.status, headers: attempt.headers, body: body as Body, attempts };
      }
      const retryAfterMs =
        attempt instanceof Error
          ? undefined
          : parseRetryAfter(attempt.headers.get("retry-after"), Date.now());
      const leftMs = endMs - performance.now();
      const pace = { backoff, attempts, leftMs, random: Math.random() };
      const waitMs = waitBeforeNext({ status, retryAfterMs }, request.repeat, pace);
      if (waitMs === undefined) throw errorOf(request, attempt, attempts);
      wasLost ||= status === undefined || status >= 500;
      await sleep(waitMs, options.signal);
    }
  }

  /** Sends once. A failure to get an answer is a value; only the caller's own signal throws. */
  async #attempt(
    request: Request,
    limitMs: number,
    signal: AbortSignal | undefined,
  ): Promise<Attempt | Error> {
    signal?.throwIfAborted();
    const controller = new AbortController();
    const abort = () => controller.abort(signal?.reason);
    signal?.addEventListener("abort", abort, { once: true });
    const timer = setTimeout(
      () => controller.abort(new Error(`nothing came within ${Math.round(limitMs)} ms`)),
      limitMs,
    );
    try {
      const response = await this.fetch(this.url + request.path + queryText(request.query), {
        method: request.method,
        headers: {
          ...this.authorization(),
          ...(request.body !== undefined && { "content-type": "application/json" }),
          ...request.headers,
        },
        ...(request.body !== undefined && { body: JSON.stringify(request.body) }),
        signal: controller.signal,
      });
      return { status: response.status, headers: response.headers, text: await response.text() };
    } catch (error) {
      signal?.throwIfAborted();
      return error instanceof Error ? error : new Error(String(error));
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    }
  }
}

function bodyOf(request: Request, { status, text }: Attempt, attempts: number): unknown {
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    const failure = { request: nameOf(request), status, retryable: false, attempts, cause };
    throw new UnexpectedAnswerError(failure, `the answer is not JSON: ${text.slice(0, 100)}`);
  }
}

function errorOf(request: Request, attempt: Attempt | Error, attempts: number): StockwireError {
  if (!(attempt instanceof Error)) return answerError(request, attempt, attempts);
  const failure = failureOf(request, undefined, attempts);
  return new NoAnswerError({ ...failure, cause: attempt }, `no answer: ${whyOf(attempt)}`);
}

/** The error that an answer of 400 or more is. */
export function answerError(
  request: Request,
  { status, text }: Pick<Attempt, "status" | "text">,
  attempts: number,
): StockwireError {
  const failure = failureOf(request, status, attempts);
  const problem = parseProblem(text);
  if (problem !== undefined) return problemError({ ...failure, problem });
  return new UnexpectedAnswerError(failure, text.slice(0, 200) || "an empty answer");
}

function failureOf(request: Request, status: number | undefined, attempts: number): Failure {
  return {
    request: nameOf(request),
    status,
    retryable: mayRepeat(status, request.repeat),
    idempotencyKey: request.headers?.["idempotency-key"],
    attempts,
  };
}

function parseProblem(text: string): Problem | undefined {
  try {
    const body: unknown = JSON.parse(text);
    const isProblem =
      typeof body === "object" && body !== null && "type" in body && typeof body.type === "string";
    return isProblem ? (body as unknown as Problem) : undefined;
  } catch {
    // Not JSON: something before the service answered. The caller is shown the text itself.
    return undefined;
  }
}

/** Node says only "fetch failed" itself; why is in the cause. */
function whyOf({ message, cause }: Error): string {
  const why = cause instanceof Error ? cause.message : "";
  return why === "" ? message : `${message} (${why})`;
}

function nameOf({ method, path }: Request): string {
  return `${method} ${path}`;
}

function ifMatchText(ifMatch: IfMatch): string {
  if (typeof ifMatch !== "string") return `"${ifMatch.epoch}.${ifMatch.version}"`;
  return ifMatch;
}

/** 128 random bits. Not `randomUUID`, which pages without TLS do not have. */
export function newIdempotencyKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
