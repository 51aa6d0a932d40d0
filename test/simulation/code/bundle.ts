import { readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { build, type Plugin } from "esbuild";
import { forgetful, type Patch, patched } from "./patches.ts";

export const root = join(import.meta.dirname, "../../..");

/** The simulation's own kind of channel stands in the list of kinds; everything else is the product as it is. */
const withMarket: readonly Patch[] = [
  {
    file: "src/channel/adapters/index.ts",
    find: "const adapters: readonly RegisteredAdapter[] = [",
    replace:
      'import { market } from "../../../test/simulation/market/adapter.ts";\nconst adapters: readonly RegisteredAdapter[] = [market, ',
  },
];

/** The whole Worker as one script that asks `code/realm.ts` for everything a platform gives. */
export async function bundleProduct(patches: readonly Patch[] = []): Promise<string> {
  const all = [...withMarket, ...patches];
  const used = new Set<string>();
  const product: Plugin = {
    name: "product",
    setup(plugins) {
      plugins.onLoad({ filter: /[/\\]src[/\\].*\.ts$/ }, async ({ path }) => {
        const file = relative(root, path).replaceAll("\\", "/");
        if (!file.startsWith("src/")) return undefined;
        used.add(file);
        const source = await readFile(path, "utf8");
        return { contents: forgetful(patched(file, source, all)), loader: "ts" };
      });
    },
  };
  const { outputFiles } = await build({
    entryPoints: [join(root, "src/worker.ts")],
    bundle: true,
    format: "cjs",
    target: "es2024",
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:*"],
    define: { "Date.now": "__now", "Math.random": "__random" },
    plugins: [product],
    write: false,
    logLevel: "silent",
  });
  const unused = all.find(({ file }) => !used.has(file));
  if (unused !== undefined) throw new Error(`${unused.file} is not part of the Worker`);
  const [script] = outputFiles;
  if (script === undefined) throw new Error("the Worker's bundle is empty");
  return script.text;
}
