import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
/** What is served beside the Worker; `wrangler.toml` names it too. */
const siteDir = join(root, "dist/site");
const stampFile = join(root, "dist/site.stamp");
/** All that goes into it: the console, what it imports, the files of `public/`, and the versions of what they are built with. */
const sources = [
  "src/console",
  "src/client",
  "src/lab",
  "src/protocol",
  "src/storage/backoff.ts",
  "public",
  "package-lock.json",
];

/**
 * Builds the site with Vite if anything it is made of has changed since it was built last. That takes half a second;
 * finding out takes a few milliseconds. Safe to call from several processes at once.
 */
export async function ensureSite(): Promise<void> {
  const stamp = await digestOfSources();
  if (await isBuilt(stamp)) return;
  const { build } = await import("vite");
  const { default: config } = await import("../console/vite.config.ts");
  const freshDir = `${siteDir}-${process.pid}`;
  await build({
    ...config,
    configFile: false,
    logLevel: "error",
    build: { ...config.build, outDir: freshDir },
  });
  try {
    // Whoever reads the stamp finds the whole site: it is written last, and nothing is moved once it is right.
    if (await isBuilt(stamp)) return;
    const oldDir = `${freshDir}-old`;
    if (existsSync(siteDir)) await rename(siteDir, oldDir);
    await rename(freshDir, siteDir);
    await writeFile(stampFile, stamp);
    await rm(oldDir, { recursive: true, force: true });
  } finally {
    await rm(freshDir, { recursive: true, force: true });
  }
}

/** The paths at which the site has something: its files, and pages also without `.html`, as Cloudflare serves them. */
export async function sitePaths(): Promise<string[]> {
  const files = await filesOf(siteDir);
  return files.flatMap((file) => {
    const path = file.slice(siteDir.length);
    const page = path.replace(/\.html$/, "");
    return page === path ? [path] : [path, page.replace(/\/index$/, "/"), `${page}/`];
  });
}

async function isBuilt(stamp: string): Promise<boolean> {
  if (!existsSync(siteDir) || !existsSync(stampFile)) return false;
  return (await readFile(stampFile, "utf8")) === stamp;
}

async function digestOfSources(): Promise<string> {
  const hash = createHash("sha256");
  for (const source of sources) {
    for (const file of await filesOf(join(root, source))) {
      hash.update(`${file.slice(root.length)}\0`).update(await readFile(file));
    }
  }
  return hash.digest("hex");
}

async function filesOf(path: string): Promise<string[]> {
  try {
    const entries = await readdir(path, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    return files.map((entry) => join(entry.parentPath, entry.name)).sort();
  } catch {
    return [path];
  }
}
