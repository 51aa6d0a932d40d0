import { copyFile, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ArchiveError, archiveParts, checkFile, type Manifest, readManifest } from "./archive.ts";
import { isEmpty } from "./is-empty.ts";

export interface RestoreOptions {
  readonly archive: string;
  /** A directory that is not there yet, or empty: so nobody's data is written over, and no service runs on it. */
  readonly dataDir: string;
  readonly onFile?: (done: number, total: number) => void;
}

/** Where a data directory says when it was restored. */
const restoredAtFile = "restored-at";

/** Makes a data directory of an archive, after all of it was found as it was written. The next start begins new epochs. */
export async function restore({
  archive,
  dataDir,
  onFile = () => undefined,
}: RestoreOptions): Promise<Manifest> {
  if (!(await isEmpty(dataDir)))
    throw new ArchiveError(
      `${dataDir} is not empty: stop the service, and name another directory or move that one`,
    );
  const manifest = await readManifest(archive);
  for (const file of manifest.files) await checkFile(archive, file);
  await mkdir(dataDir, { recursive: true });
  // First of all: whatever breaks off after it, nothing is served that does not know that it was restored.
  await writeFile(join(dataDir, restoredAtFile), `${new Date().toISOString()}\n`);
  for (const [index, { path }] of manifest.files.entries()) {
    const to = join(dataDir, path);
    await mkdir(dirname(to), { recursive: true });
    const partial = `${to}.partial`;
    await copyFile(join(archive, archiveParts.data, path), partial);
    await rename(partial, to);
    onFile(index + 1, manifest.files.length);
  }
  return manifest;
}

/** When the service was last restored: the later of what the data directory says and what it is told (RESTORED_AT). */
export async function restoredAtOf(dataDir: string, told: string | undefined): Promise<string | undefined> {
  const kept = await readFile(join(dataDir, restoredAtFile), "utf8").catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
    throw error;
  });
  const time = kept.trim();
  if (told === undefined || told === "") return time === "" ? undefined : time;
  // What is no time is passed on: the Worker says so, and a restore that nobody notices would be worse.
  return Date.parse(told) < Date.parse(time) ? time : told;
}
