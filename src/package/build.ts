import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { writeDeclarations } from "./declarations.ts";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
  readonly engines: object;
  readonly exports: Readonly<Record<string, string>>;
}

/**
 * Builds what is published as `stockwire`: each of the `exports` of this repository's package.json as JavaScript with type
 * declarations. It has no dependencies; its package.json is made from this one.
 */
export async function buildPackage(outDir: string): Promise<void> {
  const manifest = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as Manifest;
  // `./client`: `./src/client/index.ts`
  const entries = Object.entries(manifest.exports).map(([name, path]) => {
    return {
      name,
      source: path.replace("./src/", ""),
      stem: path.replace("./src/", "").replace(/\.ts$/, ""),
    };
  });
  await rm(outDir, { recursive: true, force: true });
  await mkdir(outDir, { recursive: true });
  await bundle(entries, outDir);
  await writeDeclarations(
    root,
    entries.map(({ source }) => source),
    outDir,
  );
  await writeFile(
    join(outDir, "package.json"),
    `${JSON.stringify(published(manifest, entries), undefined, 2)}\n`,
  );
  await cp(join(root, "docs/client.md"), join(outDir, "README.md"));
  await cp(join(root, "LICENSE"), join(outDir, "LICENSE"));
}

interface Entry {
  readonly name: string;
  readonly stem: string;
}

async function bundle(entries: readonly Entry[], outDir: string): Promise<void> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: Object.fromEntries(entries.map(({ stem }) => [stem, `src/${stem}.ts`])),
    outdir: outDir,
    bundle: true,
    splitting: true,
    chunkNames: "shared/[name]-[hash]",
    format: "esm",
    target: "es2022",
    platform: "neutral",
    mainFields: ["module", "main"],
    define: { "Map.groupBy": "groupBy" },
    inject: [join(root, "src/package/group-by.ts")],
    legalComments: "inline",
    logLevel: "error",
    metafile: true,
  });
  // Schemas are for the service: they would make the package ten times as large.
  const schemas = Object.keys(metafile.inputs).filter((path) => path.includes("node_modules/zod/"));
  if (schemas.length > 0) throw new Error(`the package must not carry zod, but has ${schemas[0]}`);
}

function published(manifest: Manifest, entries: readonly Entry[]): object {
  const { name, version, description, license, engines } = manifest;
  const exports = Object.fromEntries(
    entries.map((entry) => [entry.name, { types: `./${entry.stem}.d.ts`, default: `./${entry.stem}.js` }]),
  );
  const files = ["**/*.js", "**/*.d.ts"];
  return { name, version, description, license, type: "module", exports, files, sideEffects: false, engines };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const outDir = join(root, "dist/package");
  await buildPackage(outDir);
  console.log(`built ${outDir}: pack it with npm pack, publish it with npm publish`);
}
