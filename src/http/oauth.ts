import { createRemoteJWKSet, customFetch, errors, type JWTPayload, jwtVerify } from "jose";
import { refuseUrl } from "../channel/kit/url-guard.ts";
import { Scope } from "../protocol/requests.ts";
import { log } from "../telemetry/log.ts";
import { ProblemError } from "./problem.ts";
import type { Principal } from "./principal.ts";

/** Signatures that need a public key only: a token can never be signed with what everybody knows. */
const algorithms = ["ES256", "ES384", "ES512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "EdDSA"];
/** Issuers' and this service's clocks differ by a little. */
const clockToleranceSeconds = 5;
const tokenLengthMax = 8_192;
const nameLengthMax = 255;

const keysTimeoutMs = 5_000;
const keysBytesMax = 256 * 1024;
/** Keys are fetched again after this long, or when a token names one that is unknown, but no more often than that. */
const keysCacheMs = 600_000;
const keysCooldownMs = 30_000;

/** The variables that set it up. */
export interface OAuthVars {
  readonly OAUTH_ISSUER: string;
  readonly OAUTH_JWKS_URL: string;
  readonly OAUTH_SCOPES: string;
  readonly PUBLIC_URL: string;
  readonly ALLOW_PRIVATE_CHANNELS: string;
}

/** An authorization server that may issue tokens for this service, and what they are for. */
export interface OAuthSettings {
  readonly issuer: string;
  readonly jwksUrl: string;
  /** The identifier of this service, which a token must name as its audience (RFC 8707). */
  readonly resource: string;
  /** Where its metadata is (RFC 9728, section 3.1). */
  readonly metadataUrl: string;
  /** What the issuer may grant at most. */
  readonly scopes: readonly Scope[];
}

/** How the service is set up; undefined if no authorization server is named. */
export function oauthSettings(env: OAuthVars): OAuthSettings | undefined {
  const { OAUTH_ISSUER: issuer, OAUTH_JWKS_URL: jwksUrl, PUBLIC_URL: publicUrl } = env;
  if (issuer === "" || jwksUrl === "" || publicUrl === "") return undefined;
  const { origin } = new URL(publicUrl);
  const scopes = env.OAUTH_SCOPES.split(/\s+/).flatMap((text) => Scope.safeParse(text).data ?? []);
  const metadataUrl = `${origin}/.well-known/oauth-protected-resource/mcp`;
  return { issuer, jwksUrl, resource: `${origin}/mcp`, metadataUrl, scopes };
}

/** Whether a credential is a token and no API key: three parts in base64url (RFC 7515, section 7.1). */
export function looksLikeToken(text: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]+$/.test(text);
}

/**
 * Whose token it is (RFC 9068): issued by the issuer, signed with one of its keys, for this service, and not over. Its
 * scopes are those of ours that the issuer may grant. Throws 401 with the reason, 503 if the issuer's keys are out of reach.
 */
export async function principalOfToken(
  token: string,
  settings: OAuthSettings,
  env: OAuthVars,
): Promise<Principal> {
  const { sub = "", exp = 0, ...payload } = await verified(token, settings, env);
  const client = stringOf(payload["client_id"]) ?? stringOf(payload["azp"]) ?? "";
  if (sub === "" || sub.length > nameLengthMax || client.length > nameLengthMax) {
    throw invalidToken("it names no subject, or one that is too long", settings);
  }
  const granted = scopesOf(payload);
  return {
    id: `oauth:${encodeURIComponent(client)}:${encodeURIComponent(sub)}`,
    scopes: new Set(settings.scopes.filter((scope) => granted.has(scope))),
    isSecret: true,
    expiresAtMs: exp * 1_000,
  };
}

/** What a caller without a valid credential is told (RFC 6750, section 3; RFC 9728, section 5.1). */
export function challenge(settings: OAuthSettings | undefined, members: Record<string, string> = {}): string {
  if (settings === undefined) return "Bearer";
  const { metadataUrl, scopes } = settings;
  const all = { ...members, scope: members["scope"] ?? scopes.join(" "), resource_metadata: metadataUrl };
  const parameters = Object.entries(all).map(([name, value]) => `${name}="${value}"`);
  return `Bearer ${parameters.join(", ")}`;
}

async function verified(token: string, settings: OAuthSettings, env: OAuthVars): Promise<JWTPayload> {
  if (token.length > tokenLengthMax) throw invalidToken("it is too long", settings);
  try {
    const { payload } = await jwtVerify(token, keysOf(settings.jwksUrl, env), {
      issuer: settings.issuer,
      audience: settings.resource,
      algorithms,
      clockTolerance: clockToleranceSeconds,
      requiredClaims: ["exp", "sub"],
    });
    return payload;
  } catch (error) {
    const reason = reasonOf(error);
    if (reason !== undefined) throw invalidToken(reason, settings);
    log("oauth.keys_unreachable", { url: settings.jwksUrl }, { error });
    throw new ProblemError(
      "unavailable",
      { detail: "the keys of the authorization server cannot be fetched" },
      { "retry-after": "5" },
    );
  }
}

type Keys = ReturnType<typeof createRemoteJWKSet>;

const keysByUrl = new Map<string, Keys>();

/** The keys of an issuer, kept in this isolate. */
function keysOf(url: string, env: OAuthVars): Keys {
  const known = keysByUrl.get(url);
  if (known !== undefined) return known;
  const keys = createRemoteJWKSet(new URL(url), {
    timeoutDuration: keysTimeoutMs,
    cacheMaxAge: keysCacheMs,
    cooldownDuration: keysCooldownMs,
    [customFetch]: (address: string, init: RequestInit) => fetchKeys(address, init, env),
  });
  keysByUrl.set(url, keys);
  return keys;
}

/** No redirects (jose asks for that), no private places, and no more than keys can be. */
async function fetchKeys(address: string, init: RequestInit, env: OAuthVars): Promise<Response> {
  const refused = refuseUrl(address, { allowPrivateHosts: env.ALLOW_PRIVATE_CHANNELS === "true" });
  if (refused !== undefined) throw new Error(refused);
  const response = await fetch(address, init);
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > keysBytesMax) throw new Error(`the keys are more than ${keysBytesMax} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return new Response(text, response);
}

/** What is wrong with a token, for whoever sent it; undefined if it could not be looked at. */
function reasonOf(error: unknown): string | undefined {
  if (error instanceof errors.JWTExpired) return "it has expired";
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === "aud") return "it is for another service";
    if (error.claim === "iss") return "it is from another issuer";
    return `its claim ${error.claim} is missing or wrong`;
  }
  if (error instanceof errors.JWKSNoMatchingKey)
    return "it is signed with a key that the issuer does not have";
  if (error instanceof errors.JWSSignatureVerificationFailed) return "its signature is wrong";
  if (error instanceof errors.JOSEAlgNotAllowed) return "its algorithm is not allowed";
  const isToken =
    error instanceof errors.JWTInvalid ||
    error instanceof errors.JWSInvalid ||
    error instanceof errors.JOSENotSupported ||
    error instanceof errors.JWKSMultipleMatchingKeys;
  return isToken ? "it is not a signed token" : undefined;
}

function invalidToken(reason: string, settings: OAuthSettings): ProblemError {
  const header = challenge(settings, { error: "invalid_token", error_description: reason });
  const detail = `the access token is not valid here: ${reason}`;
  return new ProblemError("unauthorized", { detail }, { "www-authenticate": header });
}

/** The claim `scope` (RFC 8693, section 4.2), or `scp`, which some issuers write instead. */
function scopesOf(payload: Readonly<Record<string, unknown>>): ReadonlySet<string> {
  const claim = payload["scope"] ?? payload["scp"];
  if (typeof claim === "string") return new Set(claim.split(" "));
  return new Set(Array.isArray(claim) ? claim.filter((scope) => typeof scope === "string") : []);
}

function stringOf(claim: unknown): string | undefined {
  return typeof claim === "string" ? claim : undefined;
}
