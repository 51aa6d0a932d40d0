import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { manifestText } from "../../../src/embedded/archive.ts";
import { restore, restoredAtOf } from "../../../src/embedded/restore.ts";

let dir: string;
let archive: string;
let dataDir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "stockwire-restore-"));
  archive = join(dir, "archive");
  dataDir = join(dir, "data");
  await mkdir(join(archive, "data"), { recursive: true });
  const files = [];
  for (const path of ["admin-key", "secrets-key"]) {
    await writeFile(join(archive, "data", path), path);
    const sha256 = createHash("sha256").update(path).digest("hex");
    files.push({ path, bytes: path.length, sha256 });
  }
  const at = new Date().toISOString();
  await writeFile(
    join(archive, "manifest.json"),
    manifestText({ version: "0.1.0", beganAt: at, endedAt: at, files }),
  );
});
afterEach(async () => {
  await rm(dir, { recursive: true, force: true });
});

it("a restore that is whole says when it was made", async () => {
  await restore({ archive, dataDir });
  expect((await readdir(dataDir)).toSorted()).toEqual(["admin-key", "restored-at", "secrets-key"]);
  expect(Date.parse((await restoredAtOf(dataDir, undefined)) ?? "")).not.toBeNaN();
});

it("a restore that broke off is served by nobody", async () => {
  const brokenOff = () => {
    throw new Error("the power is gone");
  };
  await expect(restore({ archive, dataDir, onFile: brokenOff })).rejects.toThrow("the power is gone");
  await expect(restoredAtOf(dataDir, undefined)).rejects.toThrow(/did not end.*remove it, and restore again/);
});
