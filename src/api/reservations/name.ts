/** What an agent's reservation is called after: the key it was made with, and whose it is. */
export interface OwnName {
  readonly token: string;
  /** The AllowanceObject that counts it. */
  readonly owner: string;
}

/**
 * Where a caller's key leads, the same each time; keyed with a secret, so that nobody can guess another's. A
 * hold that is retried across a change of that secret is a second hold.
 */
export async function tokenOf(key: string, env: Env): Promise<string> {
  const encoder = new TextEncoder();
  const secret = encoder.encode(`reservation-id\n${env.STOCKWIRE_SECRETS_KEY}`);
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const hmacKey = await crypto.subtle.importKey("raw", secret, algorithm, false, ["sign"]);
  const digest = new Uint8Array(await crypto.subtle.sign("HMAC", hmacKey, encoder.encode(key)));
  return Array.from(digest.subarray(0, 20), (byte) => byte.toString(16).padStart(2, "0")).join("");
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
