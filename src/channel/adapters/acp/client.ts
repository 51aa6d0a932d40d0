import { z } from "zod";
import type { AdapterContext } from "../../kit/adapter.ts";
import { type ApiAnswer, failureOf } from "../../kit/api-failure.ts";
import { call, type CallLimit } from "../../kit/call.ts";
import { type AcpSettings, feedUrl } from "./settings.ts";

export type AcpContext = AdapterContext<AcpSettings>;

export interface FeedRequest {
  readonly method: "GET" | "PATCH";
  /** Below the feed's address: "" or "/products". */
  readonly path: "" | "/products";
  readonly body?: string;
  /** The same for the same change, another for any other: a repetition must not be taken for an earlier change. */
  readonly idempotencyKey?: string;
}

/** The version of the protocol that this was written for. */
const apiVersionDefault = "2026-04-17";

/** The whole product set comes in one answer: the protocol has no pages. */
const limit: CallLimit = { timeoutMs: 30_000, bodyBytesMax: 16 * 1024 * 1024 };

/** The flat error of the protocol. */
const ErrorBody = z.looseObject({ code: z.string(), message: z.string(), param: z.string().optional() });

/** One request to the Feed API, and its answer as the schema has it. Never throws. */
export async function ask<Value>(
  context: AcpContext,
  { method, path, body, idempotencyKey }: FeedRequest,
  schema: z.ZodType<Value>,
): Promise<ApiAnswer<Value>> {
  const { settings, credentials } = context;
  const headers: Record<string, string> = {
    accept: "application/json",
    "api-version": settings.apiVersion ?? apiVersionDefault,
    authorization: `Bearer ${credentials["token"] ?? ""}`,
    "user-agent": "Stockwire/1",
    ...(body !== undefined && { "content-type": "application/json" }),
    ...(idempotencyKey !== undefined && { "idempotency-key": idempotencyKey }),
  };
  const init = { method, headers, ...(body !== undefined && { body }) };
  const called = await call(context, feedUrl(settings) + path, init, limit);
  if (called.outcome === "failed") return { ...called, reason: "unavailable" };
  const { status, text } = called.answer;
  const given = parseJson(text);
  if (status < 200 || status > 299) return failureOf(called.answer, wordsOf(given), context.now());
  const value = schema.safeParse(given);
  if (value.success) return { outcome: "ok", value: value.data };
  const detail = `an answer that is not understood: ${z.prettifyError(value.error)}`;
  return { outcome: "failed", reason: "unavailable", detail };
}

function wordsOf(body: unknown): string | undefined {
  const error = ErrorBody.safeParse(body);
  if (!error.success) return undefined;
  const { code, message, param } = error.data;
  return `${code}: ${message}${param === undefined ? "" : ` (${param})`}`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Whatever is not JSON is not an answer of this API, as the schema will say.
    return undefined;
  }
}
