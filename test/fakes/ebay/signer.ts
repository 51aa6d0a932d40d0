import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";

interface Key {
  readonly keyId: string;
  readonly digest: "SHA1" | "SHA256";
  readonly privateKey: KeyObject;
  readonly pem: string;
}

/** Signs as eBay does: ECDSA in DER over the body, described in a header of base64 JSON. */
export class Signer {
  readonly #keys: Key[] = [];

  constructor() {
    this.rotate();
  }

  rotate(digest: "SHA1" | "SHA256" = "SHA1", curve: "P-256" | "P-384" = "P-256"): void {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: curve });
    // eBay gives the key without line breaks.
    const pem = publicKey.export({ type: "spki", format: "pem" }).toString().replaceAll("\n", "");
    this.#keys.unshift({
      keyId: `9936261a-7d7b-4621-a0f1-${String(this.#keys.length).padStart(12, "0")}`,
      digest,
      privateKey,
      pem,
    });
  }

  header(body: string): string {
    const [key] = this.#keys;
    if (key === undefined) throw new Error("there is no key");
    const signature = sign(key.digest, Buffer.from(body), key.privateKey).toString("base64");
    const header = { alg: "ecdsa", kid: key.keyId, signature, digest: key.digest };
    return Buffer.from(JSON.stringify(header)).toString("base64");
  }

  publicKey(keyId: string): object | undefined {
    const key = this.#keys.find((one) => one.keyId === keyId);
    return key && { key: key.pem, algorithm: "ECDSA", digest: key.digest };
  }
}
