import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { fullJitter } from "../storage/backoff.ts";

const attemptsMax = 8;
const backoff = { baseMs: 100, maxMs: 3_000 };
const attemptTimeoutMs = 30_000;

const Problem = z.looseObject({
  type: z.string(),
  title: z.string().optional(),
  detail: z.string().optional(),
});

/** The service answered, and the answer is an error (RFC 9457). `slug` is the last part of the problem's type. */
export class ServiceProblem extends Error {
  override readonly name = "ServiceProblem";
  readonly status: number;
  readonly slug: string;

  constructor(what: string, status: number, slug: string, detail: string) {
    super(`${what}: ${status} ${slug}${detail === "" ? "" : `: ${detail}`}`);
    this.status = status;
    this.slug = slug;
  }
}

export interface ServiceRequest<Answer> {
  readonly method: "GET" | "PUT" | "POST" | "DELETE";
  readonly path: string;
  readonly body?: unknown;
  /** The same for every attempt, so that a retry cannot have a second effect. */
  readonly idempotencyKey?: string;
  readonly ifMatch?: string;
  readonly answer: z.ZodType<Answer>;
}

export interface Answered<Answer> {
  readonly status: number;
  readonly body: Answer;
  /** On the clock of `performance.now()`: before the first attempt. */
  readonly sentAtMs: number;
  /** On the clock of `performance.now()`: the answer has arrived and is parsed. */
  readonly answeredAtMs: number;
}

/**
 * Sends requests to a Stockwire service over kept-alive connections. A lost connection, 429 and 5xx are tried
 * again with full jitter (`Retry-After` is honoured), other errors are thrown as ServiceProblem.
 */
export class ServiceTransport {
  readonly #url: string;
  readonly #key: string;
  #attempts = 0;

  constructor(url: string, key: string) {
    this.#url = url.replace(/\/+$/, "");
    this.#key = key;
  }

  /** HTTP requests sent so far, every attempt counted. */
  get attempts(): number {
    return this.#attempts;
  }

  async send<Answer>(request: ServiceRequest<Answer>): Promise<Answered<Answer>> {
    const what = `${request.method} ${request.path}`;
    const sentAtMs = performance.now();
    for (let attempt = 0; ; attempt += 1) {
      const isLast = attempt + 1 === attemptsMax;
      const response = await this.#attempt(request, isLast);
      const canRetry = response === undefined || response.status === 429 || response.status >= 500;
      if (canRetry && !isLast) {
        await sleep(Math.max(retryAfterMs(response), fullJitter(backoff, attempt, Math.random())));
        continue;
      }
      if (response === undefined) throw new Error(`${what}: no answer`);
      const body = parseJson(response.text);
      if (response.status >= 400) throw problemOf(what, response.status, body);
      const parsed = request.answer.safeParse(body);
      if (!parsed.success) throw new Error(`${what}: unexpected answer: ${z.prettifyError(parsed.error)}`);
      return { status: response.status, body: parsed.data, sentAtMs, answeredAtMs: performance.now() };
    }
  }

  /** One attempt; undefined if the connection failed and there is another attempt to come. */
  async #attempt(request: ServiceRequest<unknown>, isLast: boolean): Promise<RawResponse | undefined> {
    this.#attempts += 1;
    try {
      const response = await fetch(this.#url + request.path, {
        method: request.method,
        headers: {
          authorization: `Bearer ${this.#key}`,
          ...(request.body !== undefined && { "content-type": "application/json" }),
          ...(request.idempotencyKey !== undefined && { "idempotency-key": request.idempotencyKey }),
          ...(request.ifMatch !== undefined && { "if-match": request.ifMatch }),
        },
        ...(request.body !== undefined && { body: JSON.stringify(request.body) }),
        signal: AbortSignal.timeout(attemptTimeoutMs),
      });
      return {
        status: response.status,
        retryAfter: response.headers.get("retry-after"),
        text: await response.text(),
      };
    } catch (error) {
      if (!isLast) return undefined;
      throw new Error(`${request.method} ${request.path}: no answer from ${this.#url}`, { cause: error });
    }
  }
}

interface RawResponse {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly text: string;
}

function retryAfterMs(response: RawResponse | undefined): number {
  const seconds = Number(response?.retryAfter ?? 0);
  return Number.isFinite(seconds) ? seconds * 1_000 : 0;
}

function parseJson(text: string): unknown {
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON: something before the service answered. The text itself says more than a parse error would.
    return { type: "about:blank", detail: text.slice(0, 200) };
  }
}

function problemOf(what: string, status: number, body: unknown): ServiceProblem {
  const problem = Problem.safeParse(body);
  if (!problem.success) return new ServiceProblem(what, status, "unknown", "");
  const { type, title, detail } = problem.data;
  return new ServiceProblem(what, status, type.split("/").at(-1) ?? type, detail ?? title ?? "");
}
