import { fromBase64, toBase64 } from "./base64.ts";

const ivBytes = 12;

/** Names the key a text was sealed with, as its first byte; a second key, when there is one, gets the next number. */
const keyId = 1;

/**
 * Seals texts with AES-256-GCM. The key is derived with HKDF-SHA-256 from the service's secret, so any long random
 * text will do. `purpose` is authenticated: a sealed text opens only where it belongs.
 */
export class SecretBox {
  readonly #key: Promise<CryptoKey>;

  constructor(serviceSecret: string) {
    this.#key = deriveKey(serviceSecret);
    // Whoever seals or opens gets the rejection; here it only must not count as unhandled before that.
    this.#key.catch(() => undefined);
  }

  async seal(text: string, purpose: string): Promise<string> {
    const iv = crypto.getRandomValues(new Uint8Array(ivBytes));
    const plain = new TextEncoder().encode(text);
    const sealed = await crypto.subtle.encrypt(algorithm(iv, purpose), await this.#key, plain);
    return toBase64(new Uint8Array([keyId, ...iv, ...new Uint8Array(sealed)]));
  }

  /** Throws if the text was sealed with another secret or for another purpose, or was changed. */
  async open(sealedText: string, purpose: string): Promise<string> {
    const bytes = fromBase64(sealedText);
    if (bytes[0] !== keyId) throw new Error(`secret was sealed with unknown key ${bytes[0]}`);
    const iv = bytes.slice(1, 1 + ivBytes);
    const sealed = bytes.slice(1 + ivBytes);
    const plain = await crypto.subtle.decrypt(algorithm(iv, purpose), await this.#key, sealed);
    return new TextDecoder().decode(plain);
  }
}

/** A new signing secret as Standard Webhooks writes it: `whsec_` and 32 random bytes in base64. */
export function newSigningSecret(): string {
  return `whsec_${toBase64(crypto.getRandomValues(new Uint8Array(32)))}`;
}

function algorithm(iv: Uint8Array<ArrayBuffer>, purpose: string) {
  return { name: "AES-GCM", iv, additionalData: new TextEncoder().encode(purpose) };
}

async function deriveKey(serviceSecret: string): Promise<CryptoKey> {
  if (serviceSecret === "") throw new Error("STOCKWIRE_SECRETS_KEY is empty");
  const encoder = new TextEncoder();
  const source = await crypto.subtle.importKey("raw", encoder.encode(serviceSecret), "HKDF", false, [
    "deriveKey",
  ]);
  const hkdf = {
    name: "HKDF",
    hash: "SHA-256",
    salt: encoder.encode("stockwire"),
    info: encoder.encode("channel secrets"),
  };
  return crypto.subtle.deriveKey(hkdf, source, { name: "AES-GCM", length: 256 }, false, [
    "encrypt",
    "decrypt",
  ]);
}
