import { Webhook } from "standardwebhooks";
import { describe, expect, it } from "vitest";
import type { Publication } from "../../../../src/channel/kit/adapter.ts";
import { webhook } from "../../../../src/channel/adapters/webhook/index.ts";
import {
  completeSecrets,
  resignedSecrets,
  renewedSecrets,
  type SecretPair,
} from "../../../../src/channel/secrets/pair.ts";
import { stillGood, withRetired } from "../../../../src/channel/secrets/retired.ts";
import { newSigningSecret } from "../../../../src/channel/secrets/box.ts";
import { MemoryVault } from "../../../fakes/memory-vault.ts";

const retired = (text: string, untilMs: number) => ({ of: "signing" as const, text, untilMs });

describe("secrets that were replaced", () => {
  it("are good until their own time is over, whatever was replaced since", () => {
    const first = withRetired([], retired("a", 100), 0);
    const second = withRetired(first, retired("b", 50), 10);
    expect(stillGood(second, "signing", 49)).toEqual(["b", "a"]);
    expect(stillGood(second, "signing", 50)).toEqual(["a"]);
    expect(stillGood(second, "credentials", 0)).toEqual([]);
    expect(withRetired(second, retired("c", 200), 100)).toEqual([retired("c", 200)]);
  });

  it("are kept in a small number, the newest", () => {
    let kept = withRetired<ReturnType<typeof retired>>([], retired("0", 100), 0);
    for (let index = 1; index < 20; index += 1) kept = withRetired(kept, retired(String(index), 100), 0);
    expect(kept.map(({ text }) => text)).toEqual(["19", "18", "17", "16", "15"]);
  });

  const before: SecretPair = {
    sealed: { signingSecret: "sealed-1", credentials: "sealed-c1" },
    secrets: { signingSecret: "s1", credentials: { token: "c1" } },
  };
  const fresh: SecretPair = {
    sealed: { signingSecret: "sealed-2", credentials: "sealed-c2" },
    secrets: { signingSecret: "s2", credentials: { token: "c2" } },
  };
  const overlap = { nowMs: 1_000, overlapSeconds: 60 };

  it("do not touch what was not replaced", () => {
    const resigned = resignedSecrets(before, fresh, overlap);
    expect(resigned.sealed).toEqual({
      signingSecret: "sealed-2",
      credentials: "sealed-c1",
      retired: [{ of: "signing", sealed: "sealed-1", untilMs: 61_000 }],
    });
    expect(resigned.secrets).toMatchObject({ signingSecret: "s2", credentials: { token: "c1" } });
    const renewed = renewedSecrets(resigned, fresh, overlap);
    expect(renewed.sealed).toMatchObject({ signingSecret: "sealed-2", credentials: "sealed-c2" });
    expect(stillGood(renewed.secrets.retired, "credentials", 0)).toEqual(['{"token":"c1"}']);
    expect(stillGood(renewed.secrets.retired, "signing", 0)).toEqual(["s1"]);
  });

  it("are over at once without an overlap, and are kept sealed if they cannot be opened", () => {
    const none = { nowMs: 1_000, overlapSeconds: 0 };
    expect(renewedSecrets(before, fresh, none).sealed).toEqual({
      signingSecret: "sealed-1",
      credentials: "sealed-c2",
    });
    const unreadable = { sealed: before.sealed, secrets: {} };
    expect(completeSecrets(unreadable)).toBeUndefined();
    const renewed = renewedSecrets(unreadable, fresh, overlap);
    expect(completeSecrets(renewed)).toEqual(fresh.secrets);
    expect(renewed.sealed.retired).toEqual([
      { of: "signing", sealed: "sealed-1", untilMs: 61_000 },
      { of: "credentials", sealed: "sealed-c1", untilMs: 61_000 },
    ]);
    const resigned = resignedSecrets(unreadable, fresh, overlap);
    expect(completeSecrets(resigned)).toBeUndefined();
    expect(renewedSecrets(resigned, fresh, overlap).sealed).toMatchObject({ signingSecret: "sealed-2" });
  });
});

it("a delivery is signed with every secret that is good, so that a receiver with any of them takes it", async () => {
  const [present, former, over] = [newSigningSecret(), newSigningSecret(), newSigningSecret()];
  let good = [former];
  const sent: { headers: Record<string, string>; body: string }[] = [];
  const channel = webhook.connect({ url: "https://shop.example/" }).open({
    channel: "shop",
    credentials: {},
    signingSecret: present,
    retiredSigningSecrets: () => good,
    policy: { allowPrivateHosts: false },
    vault: new MemoryVault(),
    now: () => Date.now(),
    fetch: async (_url, init) => {
      sent.push({ headers: Object.fromEntries(new Headers(init.headers)), body: textOf(init.body) });
      return new Response(null, { status: 204 });
    },
  });
  const publication = {
    channel: "shop",
    sku: "A",
    quantity: 1,
    available: 1,
    status: "in_stock",
    epoch: "e",
  };
  const publish = async () => {
    const rest = { version: 1, revision: 0, asOf: new Date().toISOString() };
    await channel.publish([{ ...publication, ...rest } as Publication]);
    const { headers = {}, body = "" } = sent.at(-1) ?? {};
    const isTaken = (secret: string) => {
      try {
        return new Webhook(secret).verify(body, headers) !== undefined;
      } catch {
        return false;
      }
    };
    return [present, former, over].map(isTaken);
  };
  expect(await publish()).toEqual([true, true, false]);
  good = [];
  expect(await publish()).toEqual([true, false, false]);
});

function textOf(body: unknown): string {
  if (typeof body !== "string") throw new Error("expected a text");
  return body;
}
