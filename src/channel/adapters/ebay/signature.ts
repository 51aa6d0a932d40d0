import { z } from "zod";
import { fromBase64 } from "../../kit/base64.ts";
import { parseJson } from "../../kit/words.ts";

/** What `X-EBAY-SIGNATURE` holds: base64 of JSON. */
const Header = z.looseObject({
  alg: z.string(),
  kid: z.string().regex(/^[A-Za-z0-9_.-]{1,128}$/),
  signature: z.string().min(1).max(1_024),
  digest: z.string().optional(),
});

export interface EbaySignature {
  /** Names the public key. */
  readonly keyId: string;
  /** ASN.1 DER: a sequence of two integers. */
  readonly der: Uint8Array<ArrayBuffer>;
  readonly digest: string | undefined;
}

/** A public key as `getPublicKey` of the Notification API tells it. */
export const PublicKey = z.looseObject({
  key: z.string().min(1),
  algorithm: z.string(),
  digest: z.string().optional(),
});
export type PublicKey = z.infer<typeof PublicKey>;

const curves = [
  { name: "P-256", bytes: 32 },
  { name: "P-384", bytes: 48 },
] as const;

/** Undefined if the header is not one of eBay's. */
export function parseSignature(header: string): EbaySignature | undefined {
  try {
    const parsed = Header.safeParse(parseJson(new TextDecoder().decode(fromBase64(header.trim()))));
    if (!parsed.success || parsed.data.alg.toLowerCase() !== "ecdsa") return undefined;
    const { kid, signature, digest } = parsed.data;
    return { keyId: kid, der: fromBase64(signature), digest };
  } catch {
    // Not base64: whoever sent it, it was not eBay.
    return undefined;
  }
}

/** Whether the body was signed with this key, byte for byte. */
export async function isSigned(
  body: Uint8Array<ArrayBuffer>,
  { der, digest }: EbaySignature,
  publicKey: PublicKey,
): Promise<boolean> {
  const imported = await importKey(publicKey.key);
  // What the key says counts: the header is not part of what is signed.
  const hash = hashName(publicKey.digest ?? digest ?? "SHA1");
  if (imported === undefined || hash === undefined) return false;
  const raw = derToRaw(der, imported.bytes);
  if (raw === undefined) return false;
  return crypto.subtle.verify({ name: "ECDSA", hash }, imported.key, raw, body);
}

async function importKey(
  pem: string,
): Promise<{ readonly key: CryptoKey; readonly bytes: number } | undefined> {
  const base64 = pem.replaceAll(/-----[A-Z ]+-----|\s/g, "");
  for (const { name, bytes } of curves) {
    try {
      const algorithm = { name: "ECDSA", namedCurve: name };
      return {
        key: await crypto.subtle.importKey("spki", fromBase64(base64), algorithm, false, ["verify"]),
        bytes,
      };
    } catch {
      // Another curve, or no key at all: then none of them fits.
    }
  }
  return undefined;
}

function hashName(digest: string): string | undefined {
  const bits = /^SHA-?(1|256|384|512)$/i.exec(digest.trim())?.[1];
  return bits === undefined ? undefined : `SHA-${bits}`;
}

/**
 * The two integers of an ECDSA signature in DER (X.690), each filled up to the size of the curve as WebCrypto takes
 * them (IEEE P1363). Undefined if it is anything else.
 */
export function derToRaw(der: Uint8Array, bytes: number): Uint8Array<ArrayBuffer> | undefined {
  // Signatures of these curves are shorter than 128 bytes, so every length is one byte.
  if (der[0] !== 0x30 || der[1] !== der.length - 2 || der.length > 127) return undefined;
  const raw = new Uint8Array(2 * bytes);
  let at = 2;
  for (const half of [0, 1]) {
    const length = der[at + 1] ?? 0;
    const end = at + 2 + length;
    if (der[at] !== 0x02 || length === 0 || end > der.length) return undefined;
    const digits = withoutSign(der.subarray(at + 2, end));
    if (digits === undefined || digits.length > bytes) return undefined;
    raw.set(digits, (half + 1) * bytes - digits.length);
    at = end;
  }
  return at === der.length ? raw : undefined;
}

/** A positive integer's digits: one zero before them says that the first bit is no sign. */
function withoutSign(integer: Uint8Array): Uint8Array | undefined {
  const [first = 0, second = 0] = integer;
  if (first >= 0x80) return undefined;
  if (first !== 0 || integer.length === 1) return integer;
  return second >= 0x80 ? integer.subarray(1) : undefined;
}
