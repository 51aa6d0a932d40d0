import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** A secret of a test, and what it is, for the message. */
export interface Canary {
  readonly name: string;
  readonly secret: string;
}

/** The forms in which a text says a secret: as it is, in hex, or inside of base64. */
function formsOf(secret: string): Buffer[] {
  const bytes = Buffer.from(secret);
  const hex = bytes.toString("hex");
  const base64 = [0, 1, 2].flatMap((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString("base64");
    // What comes before and after it shares characters with it; those say nothing.
    const own = text.slice(shift === 0 ? 0 : shift + 1, Math.floor(((shift + bytes.length) * 8) / 6));
    return [own, own.replaceAll("+", "-").replaceAll("/", "_")];
  });
  const texts = [secret, encodeURIComponent(secret), hex, hex.toUpperCase(), ...base64];
  return [...new Set(texts)].map((text) => Buffer.from(text));
}

/** The names of those secrets that a text says, in whatever form. */
export function saidIn(text: string | Buffer, canaries: readonly Canary[]): string[] {
  const bytes = typeof text === "string" ? Buffer.from(text) : text;
  return canaries
    .filter(({ secret }) => formsOf(secret).some((form) => bytes.includes(form)))
    .map(({ name }) => name);
}

/** Every file under a directory: objects' SQLite files, D1, and whatever else the service keeps. */
export async function filesUnder(directory: string): Promise<{ name: string; bytes: Buffer }[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return Promise.all(
    files.map(async ({ parentPath, name }) => {
      const path = join(parentPath, name);
      return { name: path.slice(directory.length + 1), bytes: await readFile(path) };
    }),
  );
}

export const sha256Hex = (text: string): string => createHash("sha256").update(text).digest("hex");
