import { describe, expect, it } from "vitest";
import { limits } from "../../../src/protocol/limits.ts";
import { callerHeader, hasSecretKeyHeader, refuseSocket, Speech } from "../../../src/storage/sockets.ts";

describe("what a socket says", () => {
  const said = (count: number, fromMs: number, speech = new Speech<object>(), socket = {}) =>
    Array.from({ length: count }, (_, index) => speech.refuse(socket, "x", fromMs + index)?.slug);

  it("may come in a burst, then at a steady rate, and no faster", () => {
    const slugs = said(limits.liveMessagesBurst + 100, 0);
    expect(slugs.slice(0, limits.liveMessagesBurst)).toEqual(
      Array.from({ length: limits.liveMessagesBurst }, () => undefined),
    );
    expect(slugs.at(-1)).toBe("quota-exceeded");
    const speech = new Speech<object>();
    const socket = {};
    const spacingMs = 1_000 / limits.liveMessagesPerSecond;
    for (let index = 0; index < 1_000; index += 1)
      expect(speech.refuse(socket, "x", index * spacingMs)).toBeUndefined();
  });

  it("counts for that socket only", () => {
    const speech = new Speech<object>();
    expect(said(limits.liveMessagesBurst + 100, 0, speech).at(-1)).toBe("quota-exceeded");
    expect(speech.refuse({}, "x", 0)).toBeUndefined();
  });

  it("may be so long and no longer, as text or as bytes", () => {
    const speech = new Speech<object>();
    const length = limits.liveMessageLengthMax;
    expect(speech.refuse({}, "x".repeat(length), 0)).toBeUndefined();
    expect(speech.refuse({}, "x".repeat(length + 1), 0)).toMatchObject({
      slug: "payload-too-large",
      closeCode: 1009,
    });
    expect(speech.refuse({}, new ArrayBuffer(length + 1), 0)).toMatchObject({ closeCode: 1009 });
  });

  it("may subscribe to all the SKUs a socket may watch, with positions, whatever they are called", () => {
    const skus = Array.from({ length: limits.liveSkusMax }, (_, index) => String(index).padStart(128, "x"));
    const positions = Object.fromEntries(skus.map((sku) => [sku, "k3v9k3v9.123456789"]));
    const message = JSON.stringify({ type: "subscribe", skus, positions });
    expect(new Speech<object>().refuse({}, message, 0)).toBeUndefined();
  });
});

describe("how many sockets an object takes", () => {
  const open = (all: number, ofCaller: number) => ({
    getWebSockets: (tag?: string) => Array.from({ length: tag === undefined ? all : ofCaller }),
  });
  const caller = (isSecret: boolean) =>
    new Headers({ [callerHeader]: "key_1", [hasSecretKeyHeader]: String(isSecret) });
  const keyMax = limits.liveSocketsPerSecretKeyMax;

  it("ends with its own limit, for everybody", () => {
    for (const isSecret of [true, false]) {
      expect(refuseSocket(open(limits.liveSocketsPerObjectMax - 1, 0), caller(isSecret))).toBeUndefined();
      expect(refuseSocket(open(limits.liveSocketsPerObjectMax, 0), caller(isSecret))?.status).toBe(429);
    }
  });

  it("ends for a secret key with that key's, and not for the visitors of a page, who share one", () => {
    expect(refuseSocket(open(keyMax, keyMax - 1), caller(true))).toBeUndefined();
    expect(refuseSocket(open(keyMax, keyMax), caller(true))?.status).toBe(429);
    expect(refuseSocket(open(keyMax, keyMax), caller(false))).toBeUndefined();
    expect(refuseSocket(open(keyMax, keyMax), new Headers())).toBeUndefined();
  });
});
