import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { isEqualInConstantTime } from "../../../src/channel/kit/hmac.ts";

const root = join(import.meta.dirname, "../../../src");

const filesUnder = (directory: string) =>
  readdirSync(join(root, directory), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => {
      const path = join(directory, name);
      return { path, text: readFileSync(join(root, path), "utf8") };
    });

/** Names of what must not be compared byte by byte, until one differs. */
const secretName = String.raw`\w*(?:signature|hmac|digest|secret|token|hash|apikey|password)\w*`;
const nothing = String.raw`(?!=|\s*(?:undefined|null|""))`;
const compared = new RegExp(
  String.raw`\b${secretName}\)?\s*[!=]==?${nothing}|[!=]==?${nothing}\s*(?:await )?\(?${secretName}\b`,
  "i",
);

/** Lines that compare such a thing with anything but nothing. */
function suspicious(text: string): string[] {
  return text.split("\n").filter((line) => compared.test(line) && !line.trim().startsWith("*"));
}

it("finds a comparison of signatures that stops at the first difference", () => {
  for (const line of [
    "return signature === expected;",
    "if (given !== signatureOf(body)) return;",
    "const isOurs = toHex(digest) === header;",
    "if (expected == hmac) return;",
  ])
    expect(suspicious(line)).toEqual([line]);
  expect(suspicious("if (signature === undefined) return;")).toEqual([]);
});

/** Where both sides are the service's own, and nobody is let in by them. */
const ownOnBothSides = [
  "channel/adapters/shopify/token.ts: const isReplaced = error instanceof TokenError && error.code !== undefined && refreshToken !== given;",
  "channel/adapters/woocommerce/poll.ts: if (report === undefined || isOld || known?.[2] === digest) continue;",
];

it("no adapter and no check of a key compares secrets like that", () => {
  const files = ["channel/adapters", "http", "agents"].flatMap(filesUnder);
  const found = files.flatMap(({ path, text }) => suspicious(text).map((line) => `${path}: ${line.trim()}`));
  expect(found).toEqual(ownOnBothSides);
});

it("every adapter that verifies what it is sent does so with the one helper, or a public key", () => {
  const byAdapter = Map.groupBy(filesUnder("channel/adapters"), ({ path }) => path.split("/")[2]);
  const texts = [...byAdapter].map(([kind, files]) => ({
    kind,
    text: files.map(({ text }) => text).join("\n"),
  }));
  const refusing = texts.filter(({ text }) => text.includes('outcome: "forged"'));
  expect(refusing.length).toBeGreaterThanOrEqual(3);
  const verifies = /isEqualInConstantTime\(|crypto\.subtle\.verify\(/;
  expect(refusing.filter(({ text }) => !verifies.test(text)).map(({ kind }) => kind)).toEqual([]);
});

it("tells equal bytes from others, whatever their length", () => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  expect(isEqualInConstantTime(bytes("signature"), bytes("signature"))).toBe(true);
  for (const other of ["", "signatur", "signature ", "Signature", "signaturf"])
    expect(isEqualInConstantTime(bytes("signature"), bytes(other))).toBe(false);
});
