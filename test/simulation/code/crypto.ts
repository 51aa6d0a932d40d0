import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  hkdfSync,
  timingSafeEqual,
} from "node:crypto";
import type { Random } from "../kernel/random.ts";

interface Key {
  readonly bytes: Buffer;
}

type Bytes = Uint8Array | ArrayBuffer;

/**
 * The part of Web Crypto that the Worker uses: real algorithms, chance from a stream, and no thread of its own, so that
 * an answer takes no time but the turn of a promise.
 */
export function simulatedCrypto(random: () => Random) {
  return {
    getRandomValues(array: Uint8Array): Uint8Array {
      const stream = random();
      for (let index = 0; index < array.length; index += 1) array[index] = stream.uint32() & 0xff;
      return array;
    },
    randomUUID(): string {
      const stream = random();
      const hex = Array.from({ length: 4 }, () => stream.uint32().toString(16).padStart(8, "0")).join("");
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
    },
    subtle: {
      async digest(algorithm: string | { name: string }, data: Bytes): Promise<ArrayBuffer> {
        const name = typeof algorithm === "string" ? algorithm : algorithm.name;
        return toArrayBuffer(createHash(name.replace("-", "").toLowerCase()).update(toBuffer(data)).digest());
      },
      async importKey(_format: "raw", data: Bytes): Promise<Key> {
        return { bytes: Buffer.from(toBuffer(data)) };
      },
      async sign(_algorithm: unknown, key: Key, data: Bytes): Promise<ArrayBuffer> {
        return toArrayBuffer(createHmac("sha256", key.bytes).update(toBuffer(data)).digest());
      },
      async verify(_algorithm: unknown, key: Key, signature: Bytes, data: Bytes): Promise<boolean> {
        const expected = createHmac("sha256", key.bytes).update(toBuffer(data)).digest();
        const given = toBuffer(signature);
        return given.length === expected.length && timingSafeEqual(given, expected);
      },
      async deriveKey({ salt, info }: { salt: Bytes; info: Bytes }, base: Key): Promise<Key> {
        return { bytes: Buffer.from(hkdfSync("sha256", base.bytes, toBuffer(salt), toBuffer(info), 32)) };
      },
      async deriveBits(how: { salt: Bytes; info: Bytes }, base: Key, bits: number): Promise<ArrayBuffer> {
        return hkdfSync("sha256", base.bytes, toBuffer(how.salt), toBuffer(how.info), bits / 8);
      },
      async encrypt(algorithm: AesGcm, key: Key, data: Bytes): Promise<ArrayBuffer> {
        const cipher = createCipheriv("aes-256-gcm", key.bytes, algorithm.iv);
        if (algorithm.additionalData !== undefined) cipher.setAAD(algorithm.additionalData);
        const sealed = Buffer.concat([cipher.update(toBuffer(data)), cipher.final(), cipher.getAuthTag()]);
        return toArrayBuffer(sealed);
      },
      async decrypt(algorithm: AesGcm, key: Key, data: Bytes): Promise<ArrayBuffer> {
        const sealed = toBuffer(data);
        const decipher = createDecipheriv("aes-256-gcm", key.bytes, algorithm.iv);
        if (algorithm.additionalData !== undefined) decipher.setAAD(algorithm.additionalData);
        decipher.setAuthTag(sealed.subarray(-16));
        return toArrayBuffer(Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]));
      },
      timingSafeEqual(a: Bytes, b: Bytes): boolean {
        return timingSafeEqual(toBuffer(a), toBuffer(b));
      },
    },
  };
}

interface AesGcm {
  readonly iv: Uint8Array;
  readonly additionalData?: Uint8Array;
}

function toBuffer(data: Bytes): Buffer {
  return data instanceof ArrayBuffer
    ? Buffer.from(data)
    : Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}

function toArrayBuffer(buffer: Buffer): ArrayBuffer {
  return new Uint8Array(buffer).buffer;
}
