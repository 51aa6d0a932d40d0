import { z } from "zod";
import { rejectToken } from "../../kit/access-token.ts";
import { ChannelUnreadableError } from "../../kit/adapter.ts";
import { type CallAnswer, call } from "../../kit/call.ts";
import { parseRetryAfterMs } from "../../kit/retry-after.ts";
import { parseJson, words } from "../../kit/words.ts";
import { type AmazonContext, baseUrl } from "./settings.ts";
import { sellerToken, TokenError } from "./token.ts";

export interface ApiRequest {
  readonly method: "GET" | "PATCH";
  /** From the host on, percent-encoded. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** Why a request brought nothing. */
export interface Problem {
  /** Absent if there was no answer. */
  readonly status?: number;
  /** Login with Amazon refused us, with this code. */
  readonly tokenCode?: string;
  /** For a person, with Amazon's own words. */
  readonly detail: string;
  /** Amazon asks for silence so long. */
  readonly retryAfterMs?: number;
}

export type ApiResult<Value> =
  | { readonly isOk: true; readonly value: Value }
  | { readonly isOk: false; readonly problem: Problem };

/** `ErrorList` of every Selling Partner API. */
const ErrorList = z.looseObject({
  errors: z.array(z.looseObject({ code: z.string(), message: z.string(), details: z.string().nullish() })),
});

/**
 * One request to the Selling Partner API, and its answer as the schema has it. A token that Amazon does not accept is
 * renewed once. Never throws.
 */
export async function request<Value>(
  context: AmazonContext,
  wanted: ApiRequest,
  schema: z.ZodType<Value>,
): Promise<ApiResult<Value>> {
  const first = await attempt(context, wanted);
  if (!first.isOk) return first;
  const isRefused = first.value.status === 401 || first.value.status === 403;
  const second = isRefused ? await attempt(context, wanted) : first;
  return second.isOk ? understood(context, wanted, second.value, schema) : second;
}

/** The same for what reads: a problem is thrown. */
export async function read<Value>(
  context: AmazonContext,
  path: string,
  query: Readonly<Record<string, string>>,
  schema: z.ZodType<Value>,
): Promise<Value> {
  const result = await request(context, { method: "GET", path, query }, schema);
  if (result.isOk) return result.value;
  throw new ChannelUnreadableError(result.problem.detail, result.problem.retryAfterMs);
}

async function attempt(context: AmazonContext, wanted: ApiRequest): Promise<ApiResult<CallAnswer>> {
  let token: string;
  try {
    token = await sellerToken(context);
  } catch (error) {
    return failed(tokenProblem(error));
  }
  const query = wanted.query === undefined ? "" : `?${new URLSearchParams(wanted.query).toString()}`;
  const called = await call(context, `${baseUrl(context.settings)}${wanted.path}${query}`, {
    method: wanted.method,
    headers: {
      accept: "application/json",
      "user-agent": "Stockwire/1 (Language=TypeScript)",
      "x-amz-access-token": token,
      ...(wanted.body !== undefined && { "content-type": "application/json" }),
    },
    ...(wanted.body !== undefined && { body: JSON.stringify(wanted.body) }),
  });
  if (called.outcome === "failed") return failed({ detail: called.detail });
  // Amazon says 403 of an expired token too; whichever it is, the next attempt has a fresh one.
  if (called.answer.status === 401 || called.answer.status === 403) rejectToken(context, token);
  return { isOk: true, value: called.answer };
}

function tokenProblem(error: unknown): Problem {
  if (!(error instanceof TokenError)) return { detail: `no access token: ${String(error)}` };
  return { detail: error.message, ...(error.code !== undefined && { tokenCode: error.code }) };
}

function understood<Value>(
  context: AmazonContext,
  wanted: ApiRequest,
  { status, headers, text }: CallAnswer,
  schema: z.ZodType<Value>,
): ApiResult<Value> {
  const json = parseJson(text);
  if (status === 200) {
    const parsed = schema.safeParse(json);
    if (parsed.success) return { isOk: true, value: parsed.data };
    const where = parsed.error.issues[0]?.path.join(".") || "its body";
    const detail = `the answer to ${wanted.method} ${wanted.path} cannot be understood: ${where}: ${words(text)}`;
    return failed({ status, detail });
  }
  const retryAfterMs = status === 429 || status === 503 ? silenceMs(headers, context.now()) : undefined;
  const detail = `HTTP ${status}: ${errorsOf(json) ?? words(text)}`;
  return failed({ status, detail, ...(retryAfterMs !== undefined && { retryAfterMs }) });
}

function errorsOf(json: unknown): string | undefined {
  const list = ErrorList.safeParse(json);
  if (!list.success || list.data.errors.length === 0) return undefined;
  const texts = list.data.errors.map(({ code, message, details }) => {
    return details ? `${code}: ${message} (${details})` : `${code}: ${message}`;
  });
  return words(texts.join("; "));
}

/** One token of Amazon's bucket comes back in 1 / rate seconds; the header has the rate that applies to this seller. */
function silenceMs(headers: Headers, nowMs: number): number | undefined {
  const asked = parseRetryAfterMs(headers.get("retry-after"), nowMs);
  const perSecond = Number(headers.get("x-amzn-RateLimit-Limit") ?? Number.NaN);
  return asked ?? (perSecond > 0 ? Math.ceil(1000 / perSecond) : undefined);
}

function failed(problem: Problem): { readonly isOk: false; readonly problem: Problem } {
  return { isOk: false, problem };
}
