import { z } from "zod";
import { ChannelUnreadableError } from "../../kit/adapter.ts";
import { type CallAnswer, type CallLimit, call } from "../../kit/call.ts";
import { parseRetryAfterMs } from "../../kit/retry-after.ts";
import { parseJson, words } from "../../kit/words.ts";
import { baseUrl, type EbayContext } from "./settings.ts";
import { type Grant, refuseToken, TokenError, tokenFor } from "./token.ts";

/** eBay does not say how long it wants silence. */
const silenceMsDefault = 60_000;

export interface ApiRequest {
  readonly method: "GET" | "POST";
  /** From the host on, query included, percent-encoded. */
  readonly path: string;
  readonly body?: unknown;
  /** Whose token, the seller's unless told. */
  readonly grant?: Grant;
  readonly limit?: CallLimit;
}

/** An error as all of eBay's REST APIs tell it. */
export const ApiError = z.looseObject({
  errorId: z.number().optional(),
  message: z.string().optional(),
  longMessage: z.string().optional(),
  parameters: z
    .array(z.looseObject({ name: z.string().optional(), value: z.string().optional() }))
    .optional(),
});
export type ApiError = z.infer<typeof ApiError>;

const Errors = z.looseObject({ errors: z.array(ApiError) });

/** Why a request brought nothing. */
export interface Problem {
  /** Absent if there was no answer. */
  readonly status?: number;
  readonly errors: readonly ApiError[];
  /** For a person, with eBay's own words. */
  readonly detail: string;
  /** eBay wants silence so long. */
  readonly retryAfterMs?: number;
}

export type ApiResult<Value> =
  | { readonly isOk: true; readonly value: Value }
  | { readonly isOk: false; readonly problem: Problem };

/**
 * One request to eBay's REST APIs, and its answer as the schema has it. A token that eBay does not accept is renewed
 * once. Never throws.
 */
export async function request<Value>(
  context: EbayContext,
  wanted: ApiRequest,
  schema: z.ZodType<Value>,
): Promise<ApiResult<Value>> {
  const first = await attempt(context, wanted);
  const isRefused = first.isOk && first.value.status === 401;
  const last = isRefused ? await attempt(context, wanted) : first;
  return last.isOk ? understood(context, wanted, last.value, schema) : last;
}

/** The same for what reads: a problem is thrown. */
export async function read<Value>(
  context: EbayContext,
  path: string,
  schema: z.ZodType<Value>,
): Promise<Value> {
  return valueOf(await request(context, { method: "GET", path }, schema));
}

export function valueOf<Value>(result: ApiResult<Value>): Value {
  if (result.isOk) return result.value;
  throw new ChannelUnreadableError(result.problem.detail, result.problem.retryAfterMs);
}

/** The query of eBay's link to the next page. Only that: the address is ours to choose. */
export function nextQuery(next: string | null | undefined, base: string): string | undefined {
  if (next === null || next === undefined || next === "") return undefined;
  const query = URL.parse(next, base)?.search.slice(1);
  return query === "" ? undefined : query;
}

async function attempt(context: EbayContext, wanted: ApiRequest): Promise<ApiResult<CallAnswer>> {
  const grant = wanted.grant ?? "seller";
  let token: string;
  try {
    token = await tokenFor(context, grant);
  } catch (error) {
    return failed({
      errors: [],
      detail: error instanceof TokenError ? error.message : `no access token: ${String(error)}`,
    });
  }
  const init = {
    method: wanted.method,
    headers: {
      accept: "application/json",
      authorization: `Bearer ${token}`,
      ...(wanted.body !== undefined && { "content-type": "application/json" }),
    },
    ...(wanted.body !== undefined && { body: JSON.stringify(wanted.body) }),
  };
  const called = await call(context, `${baseUrl(context.settings)}${wanted.path}`, init, wanted.limit);
  if (called.outcome === "failed") return failed({ errors: [], detail: called.detail });
  if (called.answer.status === 401) refuseToken(context, grant, token);
  return { isOk: true, value: called.answer };
}

function understood<Value>(
  context: EbayContext,
  wanted: ApiRequest,
  { status, headers, text }: CallAnswer,
  schema: z.ZodType<Value>,
): ApiResult<Value> {
  const json = parseJson(text);
  if (status === 200 || status === 207) {
    const parsed = schema.safeParse(json);
    if (parsed.success) return { isOk: true, value: parsed.data };
    const where = parsed.error.issues[0]?.path.join(".") || "its body";
    const path = wanted.path.split("?")[0];
    const detail = `the answer to ${wanted.method} ${path} cannot be understood: ${where}: ${words(text)}`;
    return failed({ status, errors: [], detail });
  }
  const told = Errors.safeParse(json);
  const errors = told.success ? told.data.errors : [];
  const detail = `HTTP ${status}: ${errors.length > 0 ? wordsOf(errors) : words(text)}`;
  const asked = parseRetryAfterMs(headers.get("retry-after"), context.now());
  const retryAfterMs = status === 429 ? (asked ?? silenceMsDefault) : status === 503 ? asked : undefined;
  return failed({ status, errors, detail, ...(retryAfterMs !== undefined && { retryAfterMs }) });
}

/** eBay's errors in its own words. */
export function wordsOf(errors: readonly ApiError[]): string {
  const texts = errors.map(({ errorId, message, longMessage }) => {
    const said = longMessage ?? message ?? "no reason given";
    return errorId === undefined ? said : `${errorId}: ${said}`;
  });
  return words(texts.join("; "));
}

function failed(problem: Problem): { readonly isOk: false; readonly problem: Problem } {
  return { isOk: false, problem };
}
