import { chmod, copyFile, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import { backup, DatabaseSync } from "node:sqlite";
import { ArchiveError, archiveParts, type ArchivedFile, digest, manifestText, reasonOf } from "./archive.ts";
import { isEmpty } from "./is-empty.ts";

export interface BackupOptions {
  readonly dataDir: string;
  /** A directory that is not there yet, or empty. */
  readonly archive: string;
  readonly onFile?: (done: number, total: number) => void;
}

export interface Backup {
  readonly files: number;
  readonly bytes: number;
}

/** What a restored service makes anew. */
const leftOut = new Set(["cache"]);
const keyFiles = ["admin-key", "secrets-key", "secrets-key.previous"];

/** Pages of one step: so many that each database is copied in one, in one read transaction. */
const allPages = 2_000_000_000;

/**
 * Copies a data directory, also while the service runs: each database as it is at one moment, one after the other. Who
 * tells others is copied before those it tells, SKUs last: then what was told in between is told again, and known by its
 * id. The ledger is copied first of all, since SKUs send it again what it lacks, while a SKU that only the ledger knows would
 * have no object. The manifest comes last: an archive without one is no backup.
 */
export async function backUp({ dataDir, archive, onFile = () => undefined }: BackupOptions): Promise<Backup> {
  if (!(await isEmpty(archive))) throw new ArchiveError(`${archive} is not empty: name a new directory`);
  const beganAt = new Date().toISOString();
  const databases = await databasesIn(dataDir);
  if (!databases.some((path) => path.startsWith("d1/")))
    throw new ArchiveError(`${dataDir} is not the data directory of a service: it has no ledger`);
  // It has what channels are signed and encrypted with.
  await mkdir(archive, { recursive: true });
  await chmod(archive, 0o700);
  const files: ArchivedFile[] = [];
  const add = async (path: string, copy: (from: string, to: string) => Promise<void>) => {
    const to = join(archive, archiveParts.data, path);
    await mkdir(dirname(to), { recursive: true });
    await copy(join(dataDir, path), to);
    files.push({ path, ...(await digest(to)) });
  };
  let done = 0;
  for (const group of groupsOf(databases)) {
    // Looked at only now: objects may have been made while the groups before were copied.
    for (const path of await databasesOf(dataDir, group)) {
      await add(path, copyDatabase);
      done += 1;
      onFile(done, Math.max(done, databases.length));
    }
  }
  for (const name of keyFiles) {
    if (await exists(join(dataDir, name))) await add(name, copyFile);
  }
  const endedAt = new Date().toISOString();
  const manifest = manifestText({ version: await versionOf(), beganAt, endedAt, files });
  await writeFile(join(archive, archiveParts.manifest), manifest, { mode: 0o600 });
  return { files: files.length, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0) };
}

async function copyDatabase(from: string, to: string): Promise<void> {
  const source = new DatabaseSync(from, { readOnly: true, timeout: 10_000 });
  try {
    await backup(source, to, { rate: allPages });
  } catch (error) {
    throw new ArchiveError(`${from} cannot be copied: ${reasonOf(error)}`);
  } finally {
    source.close();
  }
}

/** Every database there is now, by its path below the data directory. */
async function databasesIn(dataDir: string): Promise<string[]> {
  const found = await readdir(dataDir, { recursive: true }).catch((error: unknown) => {
    throw new ArchiveError(`${dataDir} cannot be read: ${reasonOf(error)}`);
  });
  const paths = found.map((path) => path.split(sep).join("/"));
  return paths.filter((path) => isDatabase(path) && !leftOut.has(path.split("/")[0] ?? ""));
}

/** The directories that have databases, in the order in which they are copied. */
function groupsOf(databases: readonly string[]): string[] {
  const rank = (group: string) => (group.startsWith("d1/") ? 0 : group.endsWith("-SkuObject") ? 2 : 1);
  const groups = [...new Set(databases.map((path) => dirname(path)))];
  return groups.toSorted((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}

/** The databases of one directory; the times of its alarms come last: an alarm too early is better than none. */
async function databasesOf(dataDir: string, group: string): Promise<string[]> {
  const names = (await readdir(join(dataDir, group))).filter(isDatabase);
  const isLast = (name: string) => Number(name === "metadata.sqlite");
  const sorted = names.toSorted((a, b) => isLast(a) - isLast(b) || (a < b ? -1 : 1));
  return sorted.map((name) => `${group}/${name}`);
}

function isDatabase(path: string): boolean {
  return path.endsWith(".sqlite");
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

async function versionOf(): Promise<string> {
  const text = await readFile(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
