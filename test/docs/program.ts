import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { type Block, blocksOf } from "./blocks.ts";

/** The programs in TypeScript that a document shows, in order. */
export async function programsOf(document: string): Promise<Block[]> {
  return blocksOf(await readFile(document, "utf8")).filter(({ language }) => language === "ts");
}

/** Makes one file of a program that is written as if it stood in `folder`; answers its address, ready to be imported. */
export async function bundled(text: string, folder: string, outDir: string): Promise<URL> {
  const { outputFiles } = await build({
    stdin: { contents: text, resolveDir: folder, loader: "ts" },
    bundle: true,
    format: "esm",
    platform: "node",
    target: "es2024",
    write: false,
    logLevel: "silent",
  });
  const file = join(outDir, `program-${crypto.randomUUID()}.mjs`);
  await writeFile(file, outputFiles[0]?.text ?? "");
  return pathToFileURL(file);
}
