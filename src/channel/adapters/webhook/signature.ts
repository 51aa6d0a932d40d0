import { fromBase64, toBase64 } from "../../kit/base64.ts";

const encoder = new TextEncoder();

/** The key of a `whsec_` secret. Importing costs more than signing, so keep it. */
export function importSigningKey(signingSecret: string): Promise<CryptoKey> {
  const bytes = fromBase64(signingSecret.replace(/^whsec_/, ""));
  return crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
}

/**
 * The headers of one attempt (Standard Webhooks 1.0), with a signature for each key: a receiver takes any that it knows.
 * `timestampSeconds` is the time of the attempt.
 */
export async function signedHeaders(
  keys: readonly CryptoKey[],
  id: string,
  timestampSeconds: number,
  body: string,
): Promise<Record<string, string>> {
  const content = encoder.encode(`${id}.${timestampSeconds}.${body}`);
  const signed = await Promise.all(keys.map((key) => crypto.subtle.sign("HMAC", key, content)));
  return {
    "webhook-id": id,
    "webhook-timestamp": String(timestampSeconds),
    "webhook-signature": signed.map((bytes) => `v1,${toBase64(new Uint8Array(bytes))}`).join(" "),
  };
}

/** The id of several events sent together: the same events, the same id. */
export async function batchId(eventIds: readonly string[]): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", encoder.encode(eventIds.join("\n")));
  const hex = [...new Uint8Array(digest, 0, 16)].map((byte) => byte.toString(16).padStart(2, "0"));
  return `batch:${hex.join("")}`;
}
