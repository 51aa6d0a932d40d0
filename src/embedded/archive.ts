import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

/** What an archive has in it: a manifest, and below `data` the files of a data directory. */
export const archiveParts = { manifest: "manifest.json", data: "data" } as const;

const formatNewest = 1;

const ArchivedFile = z.object({
  /** Below the data directory, with `/` between its parts. */
  path: z.string().regex(/^(?!.*(?:^|\/)\.\.(?:\/|$))[^/].*$/, "must stay below the data directory"),
  bytes: z.int().min(0),
  sha256: z.hex().length(64),
});
export type ArchivedFile = z.infer<typeof ArchivedFile>;

const Manifest = z.object({
  /** Of the archive itself; grows when one that reads this could not read it. */
  format: z.int().min(1),
  /** Of Stockwire. */
  version: z.string(),
  beganAt: z.iso.datetime(),
  endedAt: z.iso.datetime(),
  files: z.array(ArchivedFile).min(1),
});
export type Manifest = z.infer<typeof Manifest>;

/** An archive that cannot be taken as it is; the message says why. */
export class ArchiveError extends Error {
  override readonly name = "ArchiveError";
}

export function manifestText(manifest: Omit<Manifest, "format">): string {
  return `${JSON.stringify({ format: formatNewest, ...manifest }, undefined, 2)}\n`;
}

/** Reads an archive's manifest. Throws ArchiveError if there is none, or none that is understood. */
export async function readManifest(archive: string): Promise<Manifest> {
  const file = join(archive, archiveParts.manifest);
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    throw new ArchiveError(`${archive} is no whole backup: ${reasonOf(error)}`);
  });
  const parsed = Manifest.safeParse(jsonOf(text));
  if (!parsed.success) throw new ArchiveError(`${file} is not understood: ${z.prettifyError(parsed.error)}`);
  const { format, version } = parsed.data;
  if (format > formatNewest)
    throw new ArchiveError(`${file} is of a later Stockwire (${version}): restore it with that one`);
  return parsed.data;
}

/** Throws ArchiveError unless the file is there as it was written. */
export async function checkFile(archive: string, { path, bytes, sha256 }: ArchivedFile): Promise<void> {
  const found = await digest(join(archive, archiveParts.data, path)).catch((error: unknown) => {
    throw new ArchiveError(`${path} cannot be read: ${reasonOf(error)}`);
  });
  if (found.bytes !== bytes || found.sha256 !== sha256)
    throw new ArchiveError(`${path} is not what was backed up: its size or hash is another`);
}

/** Size and hash of a file. */
export async function digest(file: string): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of createReadStream(file)) {
    const data = chunk as Buffer;
    hash.update(data);
    bytes += data.length;
  }
  return { bytes, sha256: hash.digest("hex") };
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Half a manifest is none; the schema says so.
    return undefined;
  }
}
