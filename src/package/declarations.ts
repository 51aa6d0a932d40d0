import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { FlatTypes } from "./flat-types.ts";

const run = promisify(execFile);

/** Libraries whose types stay in the house: what is made of them is written out. */
const ofLibraries = /from "(?:zod|immutable)"/;
/** `import ... from "./x.ts"` and `export ... from "./x.ts"`: the names between braces, if any, and where they come from. */
const references = /\b(?:import|export)(?: type)? (?:\{([^}]*)\}|\*(?: as \w+)?) from "(\.[^"]+\.ts)"/g;

/**
 * Writes the type declarations of the entries (`client/index.ts`, in `src`) and of all they mention. The compiler makes
 * them; where they speak in zod's types, the types are written out, so that a user of the package needs nothing else.
 */
export async function writeDeclarations(
  root: string,
  entries: readonly string[],
  outDir: string,
): Promise<void> {
  const emittedDir = await mkdtemp(join(tmpdir(), "stockwire-types-"));
  const config = join(emittedDir, "tsconfig.json");
  try {
    await writeFile(config, JSON.stringify(configOf(root, entries, emittedDir)));
    await run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", config]);
    const modules = new Map<string, string>();
    const wanted = new Map<string, Set<string>>();
    for (const entry of entries) await collect(emittedDir, entry, modules, wanted);
    const flat = FlatTypes.open(config);
    try {
      for (const [module, names] of wanted) {
        const text = flat.write(join(root, "src", module), names);
        modules.set(module, await withImports(emittedDir, module, text, modules, wanted));
      }
    } finally {
      flat.close();
    }
    for (const [module, text] of modules) await write(typesPath(outDir, module), text);
    // The compiler writes a type on one line, however long.
    const formatter = join(root, "node_modules/oxfmt/bin/oxfmt");
    const options = ["-c", join(root, ".oxfmtrc.json"), "--ignore-path", "/dev/null"];
    await run(process.execPath, [
      formatter,
      ...options,
      ...[...modules.keys()].map((m) => typesPath(outDir, m)),
    ]);
  } finally {
    await rm(emittedDir, { recursive: true, force: true });
  }
}

function configOf(root: string, entries: readonly string[], outDir: string) {
  return {
    extends: join(root, "tsconfig.json"),
    compilerOptions: {
      noEmit: false,
      declaration: true,
      emitDeclarationOnly: true,
      rootDir: join(root, "src"),
      outDir,
      // What browsers, Workers, Node, Deno and Bun have in common.
      types: [],
      lib: ["es2024", "dom", "dom.iterable"],
    },
    include: [],
    files: entries.map((entry) => join(root, "src", entry)),
  };
}

/** Takes in a module and all it refers to; of modules made of library types, which of their names are wanted. */
async function collect(
  dir: string,
  module: string,
  modules: Map<string, string>,
  wanted: Map<string, Set<string>>,
): Promise<void> {
  if (modules.has(module)) return;
  const text = await emitted(dir, module);
  modules.set(module, text);
  for (const { names, target } of referencesOf(module, text)) {
    const targetText = await emitted(dir, target);
    if (!ofLibraries.test(targetText)) {
      await collect(dir, target, modules, wanted);
      continue;
    }
    const known = wanted.get(target) ?? new Set();
    for (const name of names ?? exportsOf(targetText)) known.add(name);
    wanted.set(target, known);
  }
}

/** A flat module with the imports it still needs: those of names that stand in it. */
async function withImports(
  dir: string,
  module: string,
  flat: string,
  modules: Map<string, string>,
  wanted: Map<string, Set<string>>,
): Promise<string> {
  const lines: string[] = [];
  const text = await emitted(dir, module);
  for (const { names = [], target, from } of referencesOf(module, text)) {
    const used = names.filter((name) => new RegExp(`\\b${name}\\b`).test(flat));
    if (used.length === 0 || wanted.has(target)) continue;
    lines.push(`import type { ${used.join(", ")} } from "${from}";`);
    await collect(dir, target, modules, wanted);
  }
  return `${[...lines, flat].join("\n")}\n`;
}

function referencesOf(module: string, text: string) {
  return [...text.matchAll(references)].map(([, braces, from = ""]) => {
    const names = braces
      ?.split(",")
      .map(
        (one) =>
          one
            .trim()
            .replace(/^type /, "")
            .split(" as ")[0] ?? "",
      )
      .filter((name) => name !== "");
    return { names, from, target: join(dirname(module), from) };
  });
}

function exportsOf(text: string): string[] {
  return [...text.matchAll(/^export (?:declare )?(?:type|interface) (\w+)/gm)].map(([, name = ""]) => name);
}

function emitted(dir: string, module: string): Promise<string> {
  return readFile(typesPath(dir, module), "utf8");
}

function typesPath(dir: string, module: string): string {
  return join(dir, module.replace(/\.ts$/, ".d.ts"));
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text.replaceAll(/(from "\.[^"]+)\.ts"/g, '$1.js"'));
}
