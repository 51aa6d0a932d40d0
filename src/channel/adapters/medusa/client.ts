import { z } from "zod";
import type { AdapterContext } from "../../kit/adapter.ts";
import { type ApiAnswer, failureOf } from "../../kit/api-failure.ts";
import { call } from "../../kit/call.ts";
import { askInSession } from "../../kit/session.ts";
import type { MedusaSettings } from "./settings.ts";

export type MedusaContext = AdapterContext<MedusaSettings>;

/** A request to the server; `query` in the order given, names may come more than once. */
export interface MedusaRequest {
  readonly method: "GET" | "POST";
  /** Without the leading slash. */
  readonly path: string;
  readonly query?: readonly (readonly [string, string])[];
  readonly body?: object;
}

/** Tokens last a day unless the server says otherwise. */
const tokenMs = 12 * 3_600_000;

const Problem = z.looseObject({ type: z.string().optional(), message: z.string() });
const Token = z.looseObject({ token: z.string() });

/** Asks the Admin API. A token that has ended is renewed once. Never throws. */
export async function ask<Value>(
  context: MedusaContext,
  request: MedusaRequest,
  schema: z.ZodType<Value>,
): Promise<ApiAnswer<Value>> {
  const { secretApiKey } = context.credentials;
  if (secretApiKey !== undefined) {
    return send(context, request, schema, `Basic ${btoa(`${secretApiKey}:`)}`);
  }
  return askInSession(context, {
    lifetimeMs: tokenMs,
    logIn: () => logIn(context),
    ask: (token) => send(context, request, schema, `Bearer ${token}`),
    hasEnded: ({ reason }) => reason === "credentials",
  });
}

/** A new token. */
async function logIn(context: MedusaContext): Promise<ApiAnswer<string>> {
  const { email, password } = context.credentials;
  if (email === undefined || password === undefined) {
    const detail = "the channel has no credentials: give `secretApiKey`, or `email` and `password`";
    return { outcome: "failed", reason: "credentials", detail };
  }
  const request = { method: "POST", path: "auth/user/emailpass", body: { email, password } } as const;
  const answer = await send(context, request, Token, undefined);
  return answer.outcome === "failed" ? answer : { ...answer, value: answer.value.token };
}

async function send<Value>(
  context: MedusaContext,
  { method, path, query = [], body }: MedusaRequest,
  schema: z.ZodType<Value>,
  authorization: string | undefined,
): Promise<ApiAnswer<Value>> {
  const parameters = query.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
  const base = context.settings.url.replace(/\/+$/, "");
  const url = [`${base}/${path}`, ...(parameters.length > 0 ? [parameters.join("&")] : [])].join("?");
  const called = await call(context, url, {
    method,
    headers: {
      "user-agent": "Stockwire/1",
      ...(authorization !== undefined && { authorization }),
      ...(body !== undefined && { "content-type": "application/json" }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  if (called.outcome === "failed") return { ...called, reason: "unavailable" };
  const { status, text } = called.answer;
  const given = parseJson(text);
  if (status < 200 || status > 299) {
    const problem = Problem.safeParse(given);
    const failure = failureOf(called.answer, problem.data?.message, context.now());
    // Medusa's own 404 and 409 are about what was asked for; any other may be a proxy's.
    if (problem.data?.type === "not_found") return { ...failure, reason: "refused" };
    return status === 409 ? { ...failure, reason: "unavailable" } : failure;
  }
  const value = schema.safeParse(given);
  if (value.success) return { outcome: "ok", value: value.data };
  const detail = `an answer that is not understood: ${z.prettifyError(value.error)}`;
  return { outcome: "failed", reason: "unavailable", detail };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Whatever is not JSON is not an answer of this API, as the schema will say.
    return undefined;
  }
}
