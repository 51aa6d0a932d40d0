import { z } from "zod";
import { type AccessToken, accessToken, rejectToken } from "../../kit/access-token.ts";
import type { Vault } from "../../kit/adapter.ts";
import { toBase64 } from "../../kit/base64.ts";
import { type CallLimit, call } from "../../kit/call.ts";
import { parseJson, words } from "../../kit/words.ts";
import { baseUrl, type EbayContext } from "./settings.ts";

const Granted = z.looseObject({ access_token: z.string().min(1), expires_in: z.number().positive() });
const Refused = z.looseObject({ error: z.string(), error_description: z.string().optional() });

/** What every application may do; enough for the keys that notifications are signed with. */
const publicScope = "https://api.ebay.com/oauth/api_scope";

/** Whose token: the seller's, or the application's own. */
export type Grant = "seller" | "application";

/** eBay gave no token; the message says why and what to do. */
export class TokenError extends Error {
  override readonly name = "TokenError";
}

/** A token good for two hours and renewed before that. Throws `TokenError`. */
export function tokenFor(context: EbayContext, grant: Grant): Promise<string> {
  const { clientId = "", clientSecret = "", refreshToken = "" } = context.credentials;
  const form: Record<string, string> =
    grant === "seller"
      ? // Without `scope` the token has all that the seller agreed to, and a scope too few shows where it is needed.
        { grant_type: "refresh_token", refresh_token: refreshToken }
      : { grant_type: "client_credentials", scope: publicScope };
  // The application's own token is needed while eBay waits for the answer to a notification.
  const limit = grant === "application" ? { timeoutMs: 5_000 } : {};
  const keyset = `${clientId}:${clientSecret}`;
  return accessToken(contextOf(context, grant), () => obtain(context, form, keyset, limit));
}

/** eBay did not accept this token: the next one who asks gets another. */
export function refuseToken(context: EbayContext, grant: Grant, token: string): void {
  rejectToken(contextOf(context, grant), token);
}

async function obtain(
  context: EbayContext,
  form: Readonly<Record<string, string>>,
  keyset: string,
  limit: CallLimit,
): Promise<AccessToken> {
  const init = {
    method: "POST",
    headers: {
      accept: "application/json",
      authorization: `Basic ${toBase64(new TextEncoder().encode(keyset))}`,
      "content-type": "application/x-www-form-urlencoded",
    },
    body: new URLSearchParams(form).toString(),
  };
  const called = await call(context, `${baseUrl(context.settings)}/identity/v1/oauth2/token`, init, limit);
  if (called.outcome === "failed") throw new TokenError(`no access token: ${called.detail}`);
  const { status, text } = called.answer;
  const json = parseJson(text);
  const granted = Granted.safeParse(json);
  if (status === 200 && granted.success) {
    const { access_token, expires_in } = granted.data;
    return { accessToken: access_token, expiresAtMs: context.now() + expires_in * 1000 };
  }
  const refused = Refused.safeParse(json);
  if (!refused.success) throw new TokenError(`no access token: HTTP ${status}: ${words(text)}`);
  const { error, error_description } = refused.data;
  throw new TokenError(`no access token: ${error}: ${words(error_description ?? "")}: ${adviceOn(error)}`);
}

function adviceOn(code: string): string {
  switch (code) {
    case "invalid_client":
      return "clientId or clientSecret is wrong, or of the other environment";
    case "invalid_grant":
      return "the refresh token is wrong, over (18 months), or withdrawn by the seller; let the seller agree again";
    default:
      return "see the application's keyset at developer.ebay.com";
  }
}

const applicationContexts = new WeakMap<EbayContext, EbayContext>();

/** Tokens are kept by context and name: the application's own needs a place beside the seller's. */
function contextOf(context: EbayContext, grant: Grant): EbayContext {
  if (grant === "seller") return context;
  const known = applicationContexts.get(context);
  if (known !== undefined) return known;
  const made = { ...context, vault: prefixed(context.vault, "application-") };
  applicationContexts.set(context, made);
  return made;
}

function prefixed(vault: Vault, prefix: string): Vault {
  return {
    read: (name) => vault.read(prefix + name),
    write: (name, secret) => vault.write(prefix + name, secret),
  };
}
