import type { z } from "zod";
import { type AdapterContext, ChannelUnreadableError, type PublishResult } from "../../kit/adapter.ts";
import { judgeAnswer } from "../../kit/answer.ts";
import { toBase64 } from "../../kit/base64.ts";
import { type CallLimit, call } from "../../kit/call.ts";
import { parseRetryAfterMs } from "../../kit/retry-after.ts";
import { shopUrl, type WooSettings } from "./settings.ts";
import { ItemError } from "./shapes.ts";

export type WooContext = AdapterContext<WooSettings>;

export interface ApiRequest {
  readonly method: "GET" | "POST" | "PUT";
  /** Below /wp-json/wc/v3/. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** Why a request brought nothing. `code` is WooCommerce's own, if it was WooCommerce that answered. */
export interface Problem {
  readonly status?: number | undefined;
  readonly code?: string | undefined;
  /** For a person, with the shop's own words. */
  readonly detail: string;
  readonly retryAfterMs?: number | undefined;
}

export type ApiResult<Value> =
  | { readonly isOk: true; readonly value: Value }
  | { readonly isOk: false; readonly problem: Problem };

/** A batch answers with whole products: descriptions, images and all. */
const limit: CallLimit = { timeoutMs: 30_000, bodyBytesMax: 32 * 1024 * 1024 };
const wordsMax = 300;
const encoder = new TextEncoder();

/** One request to the shop's REST API, and its answer as the schema has it. Never throws. */
export async function request<Value>(
  context: WooContext,
  wanted: ApiRequest,
  schema: z.ZodType<Value>,
): Promise<ApiResult<Value>> {
  const { consumerKey = "", consumerSecret = "" } = context.credentials;
  const query = new URLSearchParams(wanted.query).toString();
  const url = `${shopUrl(context.settings)}/wp-json/wc/v3/${wanted.path}${query === "" ? "" : `?${query}`}`;
  const headers: Record<string, string> = {
    accept: "application/json",
    authorization: `Basic ${toBase64(encoder.encode(`${consumerKey}:${consumerSecret}`))}`,
    // Page caches in front of WordPress would answer with numbers of a minute ago.
    "cache-control": "no-cache",
    "user-agent": "Stockwire/1",
  };
  if (wanted.body !== undefined) headers["content-type"] = "application/json";
  const init = {
    method: wanted.method,
    headers,
    ...(wanted.body !== undefined && { body: JSON.stringify(wanted.body) }),
  };
  const called = await call(context, url, init, limit);
  if (called.outcome === "failed") return failed({ detail: called.detail });
  const { status, text, headers: answered } = called.answer;
  const json = parseJson(text);
  if (status < 200 || status >= 300) {
    const retryAfterMs = parseRetryAfterMs(answered.get("retry-after"), context.now());
    return failed(problemOf(status, json, text, answered.get("location"), retryAfterMs));
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return { isOk: true, value: parsed.data };
  const where =
    json === undefined ? "it is not JSON" : `${parsed.error.issues[0]?.path.join(".")} is not as expected`;
  return failed({
    status,
    detail: `the answer to ${wanted.method} ${wanted.path} cannot be understood: ${where}: ${words(text)}`,
  });
}

/** The same for what reads: a problem is thrown. */
export async function read<Value>(
  context: WooContext,
  path: string,
  query: Readonly<Record<string, string>>,
  schema: z.ZodType<Value>,
): Promise<Value> {
  const result = await request(context, { method: "GET", path, query }, schema);
  if (result.isOk) return result.value;
  throw new ChannelUnreadableError(result.problem.detail, result.problem.retryAfterMs);
}

/** What a request's failure means for the publications in it. */
export function resultOf(problem: Problem): PublishResult {
  const { status, detail, retryAfterMs } = problem;
  if (status === undefined || (status >= 200 && status < 300)) return { outcome: "retry", detail };
  // The key, the address or a plugin is at fault, not the number: it goes out as soon as that is mended.
  if (status === 401 || status === 403 || (status >= 300 && status < 400))
    return { outcome: "retry", detail };
  if (status === 404 && !isInvalidId(problem)) return { outcome: "retry", detail };
  if (status === 429 || status === 503) return { outcome: "retry", detail, retryAfterMs };
  const judged = judgeAnswer(status, null, "", 0);
  return "detail" in judged ? { ...judged, detail } : judged;
}

/** The shop knows no such product, variation or order. */
export function isInvalidId(problem: Pick<Problem, "code">): boolean {
  return problem.code !== undefined && /^woocommerce_rest_\w*invalid\w*_id$|_invalid_id$/.test(problem.code);
}

function problemOf(
  status: number,
  json: unknown,
  text: string,
  location: string | null,
  retryAfterMs: number | undefined,
): Problem {
  const error = ItemError.safeParse(json);
  const code = error.success && error.data.code !== undefined ? String(error.data.code) : undefined;
  const said = error.success && error.data.message !== undefined ? error.data.message : text;
  const own = [code, words(said)].filter((part) => part !== undefined && part !== "").join(": ");
  const detail = [`HTTP ${status}`, own, adviceOn(status, code, location)]
    .filter((part) => part !== "")
    .join(": ");
  return { status, code, detail, retryAfterMs };
}

/** What a person should do, where the shop's own words do not say it. */
function adviceOn(status: number, code: string | undefined, location: string | null): string {
  if (status >= 300 && status < 400)
    return `the shop redirects to ${location ?? "elsewhere"}; put its final address into \`url\``;
  if (status === 404 && code === "rest_no_route") return "WooCommerce is not active there";
  if (status === 404 && code === undefined)
    return "no REST API at this address; see Settings > Permalinks, which must not be Plain";
  if (status === 401 || status === 403) return "see the shop's REST API key and its user";
  return "";
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // What is not JSON is judged by the caller, who also has the status.
    return undefined;
  }
}

/** The beginning of a text without tags and control characters. */
export function words(text: string): string {
  return text
    .slice(0, 4 * wordsMax)
    .replace(/<[^>]*>/g, " ")
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\s]+/gu, " ")
    .trim()
    .slice(0, wordsMax);
}

function failed(problem: Problem): { readonly isOk: false; readonly problem: Problem } {
  return { isOk: false, problem };
}
