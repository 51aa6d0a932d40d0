import { toHex } from "../../storage/hex.ts";
import type { ServiceSecrets } from "../../storage/service-secrets.ts";
import { fromBase64, toBase64 } from "../kit/base64.ts";

const ivBytes = 12;
const keyIdBytes = 4;

/** How a sealed text begins: with this byte and the id of its key. */
const withKeyId = 2;
/** The first form, which does not say what it was sealed with. */
const withoutKeyId = 1;

interface SealingKey {
  /** Eight hex digits that name the secret and tell nothing else of it. */
  readonly id: string;
  readonly key: CryptoKey;
}

/**
 * Seals texts with AES-256-GCM. The key is derived with HKDF-SHA-256 from the service's secret, so any long random
 * text will do. `purpose` is authenticated: a sealed text opens only where it belongs. What was sealed with the secret before
 * this one still opens while that is known.
 */
export class SecretBox {
  readonly #current: Promise<SealingKey>;
  readonly #previous: Promise<SealingKey> | undefined;

  constructor({ current, previous }: ServiceSecrets) {
    this.#current = deriveKey(current);
    this.#previous = previous === undefined ? undefined : deriveKey(previous);
    // Whoever seals or opens gets the rejection; here it only must not count as unhandled before that.
    for (const key of [this.#current, this.#previous]) key?.catch(() => undefined);
  }

  async seal(text: string, purpose: string): Promise<string> {
    const { id, key } = await this.#current;
    const iv = crypto.getRandomValues(new Uint8Array(ivBytes));
    const plain = new TextEncoder().encode(text);
    const sealed = await crypto.subtle.encrypt(algorithm(iv, purpose), key, plain);
    return toBase64(new Uint8Array([withKeyId, ...fromHex(id), ...iv, ...new Uint8Array(sealed)]));
  }

  /** Throws, and says what to do, if it was sealed with another secret; also if it is for another purpose, or was changed. */
  async open(sealedText: string, purpose: string): Promise<string> {
    const { keyId, iv, sealed } = partsOf(sealedText);
    const known = [await this.#current, ...(this.#previous === undefined ? [] : [await this.#previous])];
    const fitting = known.filter(({ id }) => keyId === undefined || id === keyId);
    if (fitting.length === 0) {
      const ids = known.map(({ id }) => id).join(" and ");
      throw new Error(
        `sealed with the key ${keyId}, and this service has ${ids}: set STOCKWIRE_SECRETS_KEY_PREVIOUS to that one`,
      );
    }
    let failure: unknown;
    for (const { key } of fitting) {
      try {
        return new TextDecoder().decode(await crypto.subtle.decrypt(algorithm(iv, purpose), key, sealed));
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  }

  /** Whether it is sealed with the present secret, and says so. */
  async isCurrent(sealedText: string): Promise<boolean> {
    return keyIdOf(sealedText) === (await this.#current).id;
  }

  /** The ids of the present secret and of the one before it. */
  async keyIds(): Promise<{ readonly current: string; readonly previous: string | undefined }> {
    return { current: (await this.#current).id, previous: (await this.#previous)?.id };
  }
}

/** The id of the key that a text was sealed with; undefined if it does not say. */
export function keyIdOf(sealedText: string): string | undefined {
  return partsOf(sealedText).keyId;
}

/** A new signing secret as Standard Webhooks writes it: `whsec_` and 32 random bytes in base64. */
export function newSigningSecret(): string {
  return `whsec_${toBase64(crypto.getRandomValues(new Uint8Array(32)))}`;
}

function partsOf(sealedText: string) {
  const bytes = fromBase64(sealedText);
  const [form] = bytes;
  if (form !== withKeyId && form !== withoutKeyId)
    throw new Error(`secret was sealed in an unknown form ${form}`);
  const ivStart = form === withKeyId ? 1 + keyIdBytes : 1;
  return {
    keyId: form === withKeyId ? toHex(bytes.slice(1, ivStart)) : undefined,
    iv: bytes.slice(ivStart, ivStart + ivBytes),
    sealed: bytes.slice(ivStart + ivBytes),
  };
}

function algorithm(iv: Uint8Array<ArrayBuffer>, purpose: string) {
  return { name: "AES-GCM", iv, additionalData: new TextEncoder().encode(purpose) };
}

async function deriveKey(serviceSecret: string): Promise<SealingKey> {
  if (serviceSecret === "") throw new Error("STOCKWIRE_SECRETS_KEY is empty");
  const encoder = new TextEncoder();
  const source = await crypto.subtle.importKey("raw", encoder.encode(serviceSecret), "HKDF", false, [
    "deriveKey",
    "deriveBits",
  ]);
  const hkdf = (info: string) => ({
    name: "HKDF",
    hash: "SHA-256",
    salt: encoder.encode("stockwire"),
    info: encoder.encode(info),
  });
  const aes = { name: "AES-GCM", length: 256 };
  const key = await crypto.subtle.deriveKey(hkdf("channel secrets"), source, aes, false, [
    "encrypt",
    "decrypt",
  ]);
  const id = await crypto.subtle.deriveBits(hkdf("id of the key"), source, keyIdBytes * 8);
  return { id: toHex(new Uint8Array(id)), key };
}

function fromHex(text: string): number[] {
  return (text.match(/../g) ?? []).map((digits) => Number.parseInt(digits, 16));
}
