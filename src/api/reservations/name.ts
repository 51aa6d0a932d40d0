import { toHex } from "../../storage/hex.ts";
import { serviceSecrets } from "../../storage/service-secrets.ts";

/** What an agent's reservation is called after: the key it was made with, and whose it is. */
export interface OwnName {
  readonly token: string;
  /** The AllowanceObject that counts it. */
  readonly owner: string;
}

/**
 * Where a caller's key leads, the same each time; keyed with a secret, so that nobody can guess another's. While that secret
 * is being replaced, a key under which something was made before still leads there: `isKnown` says whether something was.
 */
export async function tokenOf(
  key: string,
  env: Env,
  isKnown: (token: string) => Promise<boolean>,
): Promise<string> {
  const { current, previous } = serviceSecrets(env);
  if (previous !== undefined) {
    const token = await derivedToken(key, previous);
    if (await isKnown(token)) return token;
  }
  return derivedToken(key, current);
}

async function derivedToken(key: string, serviceSecret: string): Promise<string> {
  const encoder = new TextEncoder();
  const secret = encoder.encode(`reservation-id\n${serviceSecret}`);
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const hmacKey = await crypto.subtle.importKey("raw", secret, algorithm, false, ["sign"]);
  const digest = new Uint8Array(await crypto.subtle.sign("HMAC", hmacKey, encoder.encode(key)));
  return toHex(digest.subarray(0, 20));
}

/** How an agent's name stands in a reservation's id, at its end. */
export function formatOwnName({ token, owner }: OwnName): string {
  return `${token}.${owner}`;
}

/** Whose reservation an id is of; undefined for one that no agent made. */
export function ownNameOf(id: string): OwnName | undefined {
  const [, token, owner] = /[._]([0-9a-f]{40})\.([0-9a-f]{24})$/.exec(id) ?? [];
  return token === undefined || owner === undefined ? undefined : { token, owner };
}
