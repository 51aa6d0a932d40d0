import { z } from "zod";
import { type AccessToken, accessToken } from "../../kit/access-token.ts";
import { call } from "../../kit/call.ts";
import { type AmazonContext, tokenUrl } from "./settings.ts";
import { parseJson, words } from "../../kit/words.ts";

const Granted = z.looseObject({ access_token: z.string().min(1), expires_in: z.number().positive() });
const Refused = z.looseObject({ error: z.string(), error_description: z.string().optional() });

/** Login with Amazon gave no token; the message says why and what to do. */
export class TokenError extends Error {
  override readonly name = "TokenError";
  /** The code of RFC 6749, section 5.2; absent if it gave no such answer. */
  readonly code: string | undefined;

  constructor(detail: string, code?: string) {
    super(detail);
    this.code = code;
  }
}

/** A token for the Selling Partner API, good for an hour and renewed before that. Throws `TokenError`. */
export function sellerToken(context: AmazonContext): Promise<string> {
  return accessToken(context, () => obtain(context));
}

async function obtain(context: AmazonContext): Promise<AccessToken> {
  const { clientId = "", clientSecret = "", refreshToken = "" } = context.credentials;
  const form = {
    grant_type: "refresh_token",
    refresh_token: refreshToken,
    client_id: clientId,
    client_secret: clientSecret,
  };
  const called = await call(context, tokenUrl(context.settings), {
    method: "POST",
    headers: {
      "content-type": "application/x-www-form-urlencoded;charset=UTF-8",
      accept: "application/json",
    },
    body: new URLSearchParams(form).toString(),
  });
  if (called.outcome === "failed") throw new TokenError(`no access token: ${called.detail}`);
  const { status, text } = called.answer;
  const json = parseJson(text);
  const granted = Granted.safeParse(json);
  if (status === 200 && granted.success) {
    const { access_token, expires_in } = granted.data;
    return { accessToken: access_token, expiresAtMs: context.now() + expires_in * 1000 };
  }
  throw refusal(status, text, json);
}

function refusal(status: number, text: string, json: unknown): TokenError {
  const refused = Refused.safeParse(json);
  if (!refused.success) return new TokenError(`no access token: HTTP ${status}: ${words(text)}`);
  const { error, error_description } = refused.data;
  const said = words(error_description ?? error);
  return new TokenError(`no access token: ${error}: ${said}: ${adviceOn(error)}`, error);
}

function adviceOn(code: string): string {
  switch (code) {
    case "invalid_client":
    case "unauthorized_client":
      return "clientId or clientSecret is wrong; a client secret ends 180 days after it was made";
    case "invalid_grant":
      return "the refresh token is wrong, or the seller has withdrawn the app's authorisation; authorise it again";
    default:
      return "see the app in the Solution Provider Portal";
  }
}
