import { describe, expect, it } from "vitest";
import { ChannelUnreadableError } from "../../../../src/channel/kit/adapter.ts";
import { discreet, Discretion } from "../../../../src/channel/secrets/discreet.ts";
import type { OpenChannel } from "../../../../src/channel/kit/registered.ts";
import { MemoryVault } from "../../../fakes/memory-vault.ts";

const secret = 'a +secret/of=the "shop"';

describe("a channel's own words", () => {
  const discretion = new Discretion([secret, "short"]);

  it("do not say a secret in any form in which it was sent", () => {
    const { body } = new Response(new URLSearchParams({ password: secret }).toString());
    expect(body).not.toBeNull();
    for (const form of [secret, encodeURIComponent(secret), JSON.stringify({ x: secret })])
      expect(discretion.clean(`you sent ${form}, why?`)).not.toContain("the");
  });

  it("do not say the beginning of a secret where they were cut", () => {
    expect(discretion.clean(`HTTP 400: you sent ${secret.slice(0, 15)}`)).toBe("HTTP 400: you sent [secret]");
    expect(discretion.clean(`${secret.slice(0, 12)}: see the manual`)).toBe("[secret]: see the manual");
  });

  it("say everything else", () => {
    expect(discretion.clean("a short answer: out of stock")).toBe("a short answer: out of stock");
  });

  it("do not say what looks like a secret either", () => {
    expect(discretion.clean("Authorization: Basic YWRtaW46YWRtaW4=")).toBe("Authorization: Basic [secret]");
  });

  it("do not say tokens that came on the way", async () => {
    const learning = new Discretion([]);
    const vault = learning.overhear(new MemoryVault());
    await vault.write("access-token", JSON.stringify({ accessToken: "token-of-an-hour", expiresAtMs: 1 }));
    expect(learning.clean("no such token: token-of-an-hour")).toBe("no such token: [secret]");
    const later = new Discretion([]);
    await later.overhear(vault).read("access-token");
    expect(later.clean("no such token: token-of-an-hour")).toBe("no such token: [secret]");
  });

  it("leave an error what it is", async () => {
    const broken = { readPage: () => Promise.reject(new ChannelUnreadableError(`not ${secret}`, 7)) };
    const failed = discreet(broken as unknown as OpenChannel, discretion).readPage(undefined);
    await expect(failed).rejects.toThrow(ChannelUnreadableError);
    await expect(failed).rejects.toMatchObject({ message: "not [secret]", retryAfterMs: 7 });
    await failed.catch((error: Error) => expect(error.stack).not.toContain(secret));
  });
});
