import { describe, expect, it } from "vitest";
import { keyIdOf, SecretBox } from "../../../../src/channel/secrets/box.ts";
import { serviceSecrets } from "../../../../src/storage/service-secrets.ts";

const purpose = "channel a signing";
const old = new SecretBox({ current: "old secret" });
const during = new SecretBox({ current: "new secret", previous: "old secret" });
const after = new SecretBox({ current: "new secret" });

/** Sealed by the first release, which did not write down with what: the secret is "old secret". */
const withoutKeyId = "AVAmSKhrdsNqHbaC8W7VeVAT9UnDcljo/W2LoTyoTJW130nxmFKb77w=";

describe("a secret of the service that is replaced", () => {
  it("still opens what it sealed while it is named as the previous one, and seals nothing", async () => {
    const sealed = await old.seal("whsec_x", purpose);
    expect(await during.open(sealed, purpose)).toBe("whsec_x");
    expect(await during.isCurrent(sealed)).toBe(false);
    const again = await during.seal("whsec_x", purpose);
    expect(await during.isCurrent(again)).toBe(true);
    expect(await after.open(again, purpose)).toBe("whsec_x");
  });

  it("is named in what it sealed, and in the error of whoever lacks it", async () => {
    const sealed = await old.seal("whsec_x", purpose);
    const { current } = await old.keyIds();
    expect(keyIdOf(sealed)).toBe(current);
    expect(await during.keyIds()).toEqual({ current: (await after.keyIds()).current, previous: current });
    const failed = after.open(sealed, purpose);
    await expect(failed).rejects.toThrow(current);
    await expect(failed).rejects.toThrow("STOCKWIRE_SECRETS_KEY_PREVIOUS");
  });

  it("does not open what is for another purpose, or was changed", async () => {
    const sealed = await old.seal("whsec_x", purpose);
    await expect(during.open(sealed, "channel b signing")).rejects.toThrow(/operation/i);
    const bytes = Buffer.from(sealed, "base64");
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    await expect(during.open(bytes.toString("base64"), purpose)).rejects.toThrow(/operation/i);
    await expect(during.open("AAAA", purpose)).rejects.toThrow("unknown form 0");
  });

  it("opens what was sealed before keys had ids", async () => {
    for (const box of [old, during]) {
      expect(await box.open(withoutKeyId, purpose)).toBe("whsec_before");
      expect(await box.isCurrent(withoutKeyId)).toBe(false);
    }
    await expect(after.open(withoutKeyId, purpose)).rejects.toThrow(/operation/i);
  });
});

it("no previous secret is known if it is not set, empty, or the present one", () => {
  const known = (previous?: string) =>
    serviceSecrets({
      STOCKWIRE_SECRETS_KEY: "new",
      ...(previous !== undefined && { STOCKWIRE_SECRETS_KEY_PREVIOUS: previous }),
    }).previous;
  expect([known(), known(""), known("new"), known("old")]).toEqual([undefined, undefined, undefined, "old"]);
});
