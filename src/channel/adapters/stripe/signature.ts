import { hmacSha256, isEqualInConstantTime } from "../../kit/hmac.ts";

/** A signature older or newer than this is refused, as Stripe's own libraries do, in seconds. */
const toleranceSeconds = 300;
const secondMs = 1_000;

const encoder = new TextEncoder();

export type Verdict =
  | { readonly isGenuine: true; readonly signedAtMs: number }
  | { readonly isGenuine: false; readonly detail: string };

/**
 * Verifies `Stripe-Signature: t=<seconds>,v1=<hex>[,v1=<hex>]`: HMAC-SHA-256 of `<t>.<body>`, under any of the secrets.
 * While a secret is being rolled Stripe sends several; other schemes than v1 count for nothing.
 */
export async function verify(
  header: string | undefined,
  body: Uint8Array<ArrayBuffer>,
  secrets: readonly string[],
  nowMs: number,
): Promise<Verdict> {
  if (header === undefined) return forged("the header Stripe-Signature is missing");
  const { timestamp, signatures } = parse(header);
  if (timestamp === undefined || signatures.length === 0) {
    return forged("the header Stripe-Signature must have a time (t=) and a signature (v1=)");
  }
  const payload = new Uint8Array([...encoder.encode(`${timestamp}.`), ...body]);
  const expected = await Promise.all(secrets.map((secret) => hmacSha256(secret, payload)));
  let isGenuine = false;
  for (const known of expected) {
    for (const given of signatures) isGenuine = isEqualInConstantTime(known, given) || isGenuine;
  }
  if (!isGenuine)
    return forged("the signature is not that of the credential `hookSecret` or `webhookSecret`");
  const signedAtMs = Number(timestamp) * secondMs;
  const apartSeconds = Math.abs(nowMs - signedAtMs) / secondMs;
  if (apartSeconds > toleranceSeconds) {
    return forged(`it was signed ${Math.round(apartSeconds)} s from now; ${toleranceSeconds} s are allowed`);
  }
  return { isGenuine: true, signedAtMs };
}

function parse(header: string): { timestamp?: string | undefined; signatures: Uint8Array[] } {
  const parts = header.split(",").map((part): [string, string] => {
    const [name = "", ...value] = part.split("=");
    return [name.trim(), value.join("=").trim()];
  });
  const timestamp = parts.find(([name]) => name === "t")?.[1];
  return {
    timestamp: timestamp !== undefined && /^\d{1,12}$/.test(timestamp) ? timestamp : undefined,
    signatures: parts.flatMap(([name, value]) => (name === "v1" ? fromHex(value) : [])),
  };
}

function fromHex(text: string): Uint8Array[] {
  if (!/^[0-9a-f]{64}$/i.test(text)) return [];
  return [Uint8Array.from({ length: 32 }, (_, at) => Number.parseInt(text.slice(2 * at, 2 * at + 2), 16))];
}

function forged(detail: string): Verdict {
  return { isGenuine: false, detail };
}
