import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { newKey } from "../http/key-format.ts";

/** The admin key: the one given, else the one of an earlier start, else a new one. */
export async function adminKeyOf(
  dataDir: string,
  given: string | undefined,
): Promise<{ key: string; isNew: boolean }> {
  if (given !== undefined && given !== "") return { key: given, isNew: false };
  return keep(join(dataDir, "admin-key"), newKey);
}

/** The key that channel credentials are encrypted with; made at the first start, and needed at every later one. */
export async function secretsKeyOf(dataDir: string): Promise<string> {
  const { key } = await keep(join(dataDir, "secrets-key"), () => randomBytes(32).toString("base64"));
  return key;
}

async function keep(file: string, make: () => string): Promise<{ key: string; isNew: boolean }> {
  try {
    return { key: (await readFile(file, "utf8")).trim(), isNew: false };
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
  }
  const key = make();
  await writeFile(file, `${key}\n`, { mode: 0o600 });
  return { key, isNew: true };
}
