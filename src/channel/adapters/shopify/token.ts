import { z } from "zod";
import { type AccessToken, accessToken } from "../../kit/access-token.ts";
import { call } from "../../kit/call.ts";
import { parseRetryAfterMs } from "../../kit/retry-after.ts";
import { parseJson, words } from "../../kit/words.ts";
import { baseUrl, type ShopifyContext } from "./settings.ts";

const Granted = z.looseObject({
  access_token: z.string().min(1),
  expires_in: z.number().positive(),
  refresh_token: z.string().min(1).optional(),
});
const Refused = z.looseObject({ error: z.string(), error_description: z.string().optional() });

/** The shop gave no token; the message says why and what to do. */
export class TokenError extends Error {
  override readonly name = "TokenError";
  /** The code of RFC 6749, section 5.2, or one of Shopify's own; absent if it gave no such answer. */
  readonly code: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(detail: string, code?: string, retryAfterMs?: number) {
    super(detail);
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}

/** Whether a token that is not accepted can be replaced by another one. */
export function isRenewable({ credentials }: ShopifyContext): boolean {
  return credentials["accessToken"] === undefined;
}

/** A token for the Admin API, renewed before it ends. Throws `TokenError`. */
export async function adminToken(context: ShopifyContext): Promise<string> {
  return context.credentials["accessToken"] ?? accessToken(context, (kept) => obtain(context, kept));
}

function obtain(context: ShopifyContext, kept: AccessToken | undefined): Promise<AccessToken> {
  const given = context.credentials["refreshToken"];
  return given === undefined
    ? request(context, { grant_type: "client_credentials" })
    : refresh(context, kept?.refreshToken ?? given, given);
}

/** Each refresh token is replaced by the next, which is kept; the one in the credentials is only the first. */
async function refresh(context: ShopifyContext, refreshToken: string, given: string): Promise<AccessToken> {
  try {
    const token = await request(context, { grant_type: "refresh_token", refresh_token: refreshToken });
    return { refreshToken, ...token };
  } catch (error) {
    // Somebody has signed the app in again and given us a new first one.
    const isReplaced = error instanceof TokenError && error.code !== undefined && refreshToken !== given;
    if (!isReplaced) throw error;
    return refresh(context, given, given);
  }
}

async function request(context: ShopifyContext, grant: Record<string, string>): Promise<AccessToken> {
  const { clientId = "", clientSecret = "" } = context.credentials;
  const form = { ...grant, client_id: clientId, client_secret: clientSecret };
  const called = await call(context, `${baseUrl(context.settings)}/admin/oauth/access_token`, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded", accept: "application/json" },
    body: new URLSearchParams(form).toString(),
  });
  if (called.outcome === "failed") throw new TokenError(`no access token: ${called.detail}`);
  const { status, headers, text } = called.answer;
  const json = parseJson(text);
  const granted = Granted.safeParse(json);
  if (status === 200 && granted.success) {
    const { access_token, expires_in, refresh_token } = granted.data;
    const expiresAtMs = context.now() + expires_in * 1000;
    return { accessToken: access_token, expiresAtMs, ...(refresh_token && { refreshToken: refresh_token }) };
  }
  const refused = Refused.safeParse(json);
  const { error, error_description } = refused.success ? refused.data : {};
  const said = words(error === undefined ? text : [error, error_description].filter(Boolean).join(": "));
  throw new TokenError(
    `no access token: HTTP ${status}: ${said}: ${adviceOn(error)}`,
    error,
    parseRetryAfterMs(headers.get("retry-after"), context.now()),
  );
}

function adviceOn(code: string | undefined): string {
  switch (code) {
    case "invalid_client":
    case "application_cannot_be_found":
      return "clientId or clientSecret is wrong: copy them from the app's Settings in the Dev Dashboard";
    case "invalid_grant":
      return "the refresh token is wrong, used or older than 90 days: let the shop's owner open the app again, and store the new one";
    case "app_not_installed":
      return "the app is not installed in this shop: install it from the Dev Dashboard";
    case "shop_not_permitted":
      return "client credentials only work for shops of the app's own organisation: use a refresh token instead";
    default:
      return "see whether `shop` is the shop's address, and the app's credentials are its own";
  }
}
