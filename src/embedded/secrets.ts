import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { newKey } from "../http/key-format.ts";
import type { ServiceSecrets } from "../storage/service-secrets.ts";

/** The admin key: the one given, else the one of an earlier start, else a new one. */
export async function adminKeyOf(
  dataDir: string,
  given: string | undefined,
): Promise<{ key: string; isNew: boolean }> {
  if (given !== undefined && given !== "") return { key: given, isNew: false };
  return keep(join(dataDir, "admin-key"), newKey);
}

/**
 * The key that channel credentials are encrypted with; made at the first start, and needed at every later one. Whoever
 * replaces it renames its file to `secrets-key.previous`, so that what it sealed can be opened.
 */
export async function secretsKeysOf(dataDir: string): Promise<ServiceSecrets> {
  const file = join(dataDir, "secrets-key");
  const previous = await readKept(`${file}.previous`);
  const { key } = await keep(file, () => randomBytes(32).toString("base64"));
  return { current: key, previous };
}

async function keep(file: string, make: () => string): Promise<{ key: string; isNew: boolean }> {
  const kept = await readKept(file);
  if (kept !== undefined) return { key: kept, isNew: false };
  const key = make();
  await writeFile(file, `${key}\n`, { mode: 0o600 });
  return { key, isNew: true };
}

async function readKept(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, "utf8")).trim();
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
    return undefined;
  }
}
