import { copyFile, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
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
/** There while a restore is under way. */
const unfinishedFile = "restore-unfinished";

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
  // First of all: whatever breaks off after it, nobody serves a part of what there was.
  await writeFile(join(dataDir, unfinishedFile), "");
  await writeFile(join(dataDir, restoredAtFile), `${new Date().toISOString()}\n`);
  for (const [index, { path }] of manifest.files.entries()) {
    const to = join(dataDir, path);
    await mkdir(dirname(to), { recursive: true });
    const partial = `${to}.partial`;
    await copyFile(join(archive, archiveParts.data, path), partial);
    await rename(partial, to);
    onFile(index + 1, manifest.files.length);
  }
  await rm(join(dataDir, unfinishedFile));
  return manifest;
}

/**
 * When the service was last restored: the later of what the data directory says and what it is told (RESTORED_AT). Throws
 * ArchiveError if a restore broke off.
 */
export async function restoredAtOf(dataDir: string, told: string | undefined): Promise<string | undefined> {
  if ((await readIfThere(join(dataDir, unfinishedFile))) !== undefined)
    throw new ArchiveError(`the restore into ${dataDir} did not end: remove it, and restore again`);
  const time = ((await readIfThere(join(dataDir, restoredAtFile))) ?? "").trim();
  if (told === undefined || told === "") return time === "" ? undefined : time;
  // What is no time is passed on: the Worker says so, and a restore that nobody notices would be worse.
  return Date.parse(told) < Date.parse(time) ? time : told;
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
