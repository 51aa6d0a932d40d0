import { z } from "zod";
import type { AdapterContext } from "../../kit/adapter.ts";
import { type ApiAnswer, type ApiFailure, failureOf } from "../../kit/api-failure.ts";
import { call } from "../../kit/call.ts";
import { askInSession } from "../../kit/session.ts";
import type { VendureSettings } from "./settings.ts";

export type VendureContext = AdapterContext<VendureSettings>;

/** A query, and what its `data` looks like. */
export interface Document<Data> {
  readonly query: string;
  readonly data: z.ZodType<Data>;
}

/** Sessions last a year unless the shop says otherwise. */
const sessionMs = 12 * 3_600_000;

const Envelope = z.looseObject({
  data: z.unknown(),
  errors: z
    .array(
      z.looseObject({
        message: z.string(),
        extensions: z.looseObject({ code: z.string().optional() }).optional(),
      }),
    )
    .optional(),
});

const Login = z.object({
  login: z.discriminatedUnion("kind", [
    z.looseObject({ kind: z.literal("CurrentUser") }),
    z.looseObject({ kind: z.literal("InvalidCredentialsError"), message: z.string() }),
    z.looseObject({ kind: z.literal("NativeAuthStrategyError"), message: z.string() }),
  ]),
});
const loginQuery =
  "mutation($username:String!,$password:String!){login(username:$username,password:$password){kind:__typename ...on ErrorResult{message}}}";

/** Asks the Admin API. A session that has ended is renewed once. Never throws. */
export async function ask<Data>(
  context: VendureContext,
  document: Document<Data>,
  variables: object,
): Promise<ApiAnswer<Data>> {
  const { apiKey } = context.credentials;
  if (apiKey !== undefined) return send(context, document, variables, { "vendure-api-key": apiKey });
  return askInSession(context, {
    lifetimeMs: sessionMs,
    logIn: () => logIn(context),
    ask: (token) => send(context, document, variables, { authorization: `Bearer ${token}` }),
    // An ended session and a missing permission look the same: FORBIDDEN.
    hasEnded: ({ reason }) => reason === "permission",
  });
}

/** The token of a new session. */
async function logIn(context: VendureContext): Promise<ApiAnswer<string>> {
  const { username, password } = context.credentials;
  if (username === undefined || password === undefined) {
    return wrongCredentials("the channel has no credentials: give `apiKey`, or `username` and `password`");
  }
  const { answer, headers } = await post(
    context,
    { query: loginQuery, data: Login },
    { username, password },
    {},
  );
  if (answer.outcome === "failed") return answer;
  const { login } = answer.value;
  if (login.kind !== "CurrentUser") return wrongCredentials(`login refused: ${login.message}`);
  const token = headers?.get("vendure-auth-token") ?? "";
  return token === ""
    ? wrongCredentials("the shop gives no token: add 'bearer' to its `authOptions.tokenMethod`")
    : { outcome: "ok", value: token };
}

function wrongCredentials(detail: string): ApiFailure {
  return { outcome: "failed", reason: "credentials", detail };
}

async function send<Data>(
  context: VendureContext,
  document: Document<Data>,
  variables: object,
  auth: Record<string, string>,
): Promise<ApiAnswer<Data>> {
  return (await post(context, document, variables, auth)).answer;
}

async function post<Data>(
  context: VendureContext,
  document: Document<Data>,
  variables: object,
  auth: Record<string, string>,
): Promise<{ readonly answer: ApiAnswer<Data>; readonly headers?: Headers }> {
  const { url, channelToken } = context.settings;
  const called = await call(context, url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "user-agent": "Stockwire/1",
      ...(channelToken !== undefined && { "vendure-token": channelToken }),
      ...auth,
    },
    body: JSON.stringify({ query: document.query, variables }),
  });
  if (called.outcome === "failed") return { answer: { ...called, reason: "unavailable" } };
  const { status, headers, text } = called.answer;
  const envelope = Envelope.safeParse(parseJson(text));
  const [error] = envelope.data?.errors ?? [];
  if (status < 200 || status > 299) {
    return { answer: failureOf(called.answer, error?.message, context.now()), headers };
  }
  if (!envelope.success)
    return { answer: unclear(`not an answer of a Vendure Admin API: ${text.slice(0, 200)}`), headers };
  if (error !== undefined) return { answer: failureOfError(error.message, error.extensions?.code), headers };
  const data = document.data.safeParse(envelope.data.data);
  if (data.success) return { answer: { outcome: "ok", value: data.data }, headers };
  return { answer: unclear(`an answer that is not understood: ${z.prettifyError(data.error)}`), headers };
}

function failureOfError(message: string, code: string | undefined): ApiFailure {
  const detail = code === undefined ? message : `${code}: ${message}`;
  switch (code) {
    case "FORBIDDEN":
      return { outcome: "failed", reason: "permission", detail };
    case "UNAUTHORIZED":
      return { outcome: "failed", reason: "credentials", detail };
    case "INTERNAL_SERVER_ERROR":
      return { outcome: "failed", reason: "unavailable", detail };
    default:
      return { outcome: "failed", reason: "refused", detail };
  }
}

function unclear(detail: string): ApiFailure {
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
