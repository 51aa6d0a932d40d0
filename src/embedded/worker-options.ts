import { join } from "node:path";
import { build } from "esbuild";
import type { V4WorkerOptions } from "miniflare";
import type { unstable_getMiniflareWorkerOptions } from "wrangler";
import { nothing } from "./prepare-ledger.ts";

/** What `wrangler.toml` says of the Worker, as Miniflare takes it. */
export type WorkerOptions = ReturnType<typeof unstable_getMiniflareWorkerOptions>["workerOptions"];

/** Serves the files of the site, and nothing else. */
export function siteWorker(options: WorkerOptions): V4WorkerOptions {
  // Their types are lost on the way through wrangler.
  const { assets, compatibilityDate } = options as Pick<V4WorkerOptions, "assets" | "compatibilityDate">;
  return {
    name: "site",
    modules: [nothing],
    ...(compatibilityDate !== undefined && { compatibilityDate }),
    ...(assets !== undefined && { assets }),
  };
}

/** The first database is the one of `wrangler.toml`; the others are kept under the names they are bound as. */
export function databasesOf(databases: WorkerOptions["d1Databases"], ledger: readonly string[]) {
  const others = Object.fromEntries(ledger.map((name) => [name, { id: name }]));
  return Object.assign(others, databases);
}

/** The variables of `wrangler.toml`, as they are given here or else there. */
export function varsOf({ bindings }: WorkerOptions, given: Readonly<Record<string, string | undefined>>) {
  const vars = Object.entries(bindings as Record<string, string>);
  return Object.fromEntries(vars.map(([name, value]) => [name, given[name] ?? value]));
}

/** When the Worker is to be called. */
export function cronsOf({ cronTriggers }: WorkerOptions): string[] {
  return Array.isArray(cronTriggers) ? cronTriggers.map(String) : [];
}

/** The classes of objects by the names they are bound as, and whether each object stays open. */
export function objectsOf(objects: WorkerOptions["durableObjects"], keepAwake: boolean) {
  const settings = Object.entries(objects ?? {}).map(([binding, object]) => {
    const designator = typeof object === "string" ? { className: object } : object;
    return [binding, { ...designator, unsafePreventEviction: keepAwake }] as const;
  });
  return Object.fromEntries(settings);
}

/** The whole Worker as one script. */
export async function bundle(root: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(root, "src/embedded/worker/front.ts")],
    bundle: true,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:*"],
    write: false,
    logLevel: "error",
  });
  const [worker] = outputFiles;
  if (worker === undefined) throw new Error("the Worker's bundle is empty");
  return worker.text;
}
