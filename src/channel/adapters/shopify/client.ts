import { z } from "zod";
import { rejectToken } from "../../kit/access-token.ts";
import type { PublishResult } from "../../kit/adapter.ts";
import { call, type CallAnswer } from "../../kit/call.ts";
import { parseRetryAfterMs } from "../../kit/retry-after.ts";
import { parseJson, words } from "../../kit/words.ts";
import { budgetOf, waitMs } from "./budget.ts";
import type { Document } from "./document.ts";
import { maybe } from "./maybe.ts";
import { apiVersions, baseUrl, type ShopifyContext } from "./settings.ts";
import { adminToken, isRenewable, TokenError } from "./token.ts";

/** A person has to act: asking every second would only be noise. */
const personWaitMs = 300_000;
const answerTimeoutMs = 10_000;

/**
 * Why there is no answer to rely on. `lost`: it may have had an effect. `unreached`: nobody answered at all, which may
 * be that too. The others had none.
 */
export type FailureReason = "unreached" | "lost" | "throttled" | "token" | "denied" | "gone" | "refused";

export interface Failure {
  readonly reason: FailureReason;
  /** In the shop's own words, and what to do. */
  readonly detail: string;
  readonly retryAfterMs?: number | undefined;
}

export type Asked<Answer> =
  | { readonly isOk: true; readonly data: Answer }
  | { readonly isOk: false; readonly failure: Failure };

const Body = z.looseObject({
  data: z.unknown().optional(),
  errors: z
    .array(
      z.looseObject({
        message: z.string(),
        extensions: z.looseObject({ code: z.string().optional() }).optional(),
      }),
    )
    .optional(),
  extensions: z
    .looseObject({
      cost: z
        .looseObject({
          requestedQueryCost: maybe(z.number()),
          throttleStatus: z.looseObject({
            maximumAvailable: z.number(),
            currentlyAvailable: z.number(),
            restoreRate: z.number(),
          }),
        })
        .optional(),
    })
    .optional(),
});

/** Asks the shop's Admin API. A token that has ended is renewed once. Never throws. */
export async function ask<Variables, Answer>(
  context: ShopifyContext,
  document: Document<Variables, Answer>,
  variables: Variables,
): Promise<Asked<Answer>> {
  const restMs = budgetOf(context).waitMsFor(document.name, context.now());
  if (restMs > 0) return failed("throttled", "the shop's API points are spent for now", restMs);
  try {
    const token = await adminToken(context);
    const first = await send(context, document, variables, token);
    if (first.isOk || first.failure.reason !== "token" || !isRenewable(context)) return first;
    rejectToken(context, token);
    return await send(context, document, variables, await adminToken(context));
  } catch (error) {
    if (!(error instanceof TokenError)) throw error;
    const reason = error.code === "app_not_installed" ? "gone" : "token";
    return failed(reason, error.message, error.retryAfterMs);
  }
}

async function send<Variables, Answer>(
  context: ShopifyContext,
  document: Document<Variables, Answer>,
  variables: Variables,
  token: string,
): Promise<Asked<Answer>> {
  const { settings } = context;
  const url = `${baseUrl(settings)}/admin/api/${settings.apiVersion ?? apiVersions[0]}/graphql.json`;
  const request = {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/json",
      "user-agent": "Stockwire/1",
      "x-shopify-access-token": token,
    },
    body: JSON.stringify({ query: document.text, operationName: document.name, variables }),
  };
  const called = await call(context, url, request, { timeoutMs: answerTimeoutMs });
  if (called.outcome === "failed") return failed("unreached", called.detail);
  if (called.answer.status !== 200) return judgeStatus(called.answer, context.now());
  return judgeBody(context, document, called.answer.text);
}

/** Shopify API response status and error codes: https://shopify.dev/docs/api/usage/response-codes */
function judgeStatus({ status, headers, text }: CallAnswer, nowMs: number): Asked<never> {
  const said = `HTTP ${status}: ${words(text)}`;
  const retryAfterMs = parseRetryAfterMs(headers.get("retry-after"), nowMs);
  switch (status) {
    case 401:
      return failed("token", `${said}: the access token is wrong, was withdrawn, or the app was uninstalled`);
    case 402:
      return failed("refused", `${said}: the shop is frozen until its owner pays Shopify`, personWaitMs);
    case 403:
      return failed("denied", said, retryAfterMs ?? personWaitMs);
    case 404:
      return failed("refused", `${said}: no shop has this address, see the setting \`shop\``, personWaitMs);
    case 410:
      return failed("gone", said);
    case 423:
      return failed("refused", `${said}: the shop is locked, see its admin`, retryAfterMs ?? personWaitMs);
    case 429:
    case 430:
      return failed("throttled", said, retryAfterMs ?? 1_000);
    default:
      return failed(status === 408 || status >= 500 ? "lost" : "refused", said, retryAfterMs);
  }
}

function judgeBody<Variables, Answer>(
  context: ShopifyContext,
  document: Document<Variables, Answer>,
  text: string,
): Asked<Answer> {
  const body = Body.safeParse(parseJson(text));
  if (!body.success) return failed("lost", `Shopify's answer cannot be understood: ${words(text)}`);
  const { data, errors = [], extensions } = body.data;
  const cost = extensions?.cost;
  if (cost !== undefined) budgetOf(context).learn(document.name, cost, context.now());
  const [first] = errors;
  if (first !== undefined) {
    const code = errors.map((error) => error.extensions?.code).find((known) => known !== undefined);
    const said = words(errors.map(({ message }) => message).join("; "));
    switch (code) {
      case "THROTTLED":
        return failed("throttled", said, cost === undefined ? 1_000 : waitMs(cost));
      case "ACCESS_DENIED":
        return failed("denied", said, personWaitMs);
      case "SHOP_INACTIVE":
        return failed("refused", said, personWaitMs);
      case "INTERNAL_SERVER_ERROR":
      case "TIMEOUT":
        return failed("lost", said);
      default:
        return failed("refused", said);
    }
  }
  const answer = document.answer.safeParse(data);
  if (answer.success) return { isOk: true, data: answer.data };
  const [issue] = answer.error.issues;
  const where = issue === undefined ? "" : ` at ${issue.path.join(".")}: ${issue.message}`;
  return failed("lost", `Shopify's answer to ${document.name} cannot be understood${where}`);
}

/** What a failure means for everything that was to be told. */
export function failedResult({ reason, detail, retryAfterMs }: Failure): PublishResult {
  return reason === "gone"
    ? { outcome: "gone", detail }
    : { outcome: "retry", detail, ...(retryAfterMs !== undefined && { retryAfterMs }) };
}

function failed(reason: FailureReason, detail: string, retryAfterMs?: number): Asked<never> {
  return { isOk: false, failure: { reason, detail, retryAfterMs } };
}
