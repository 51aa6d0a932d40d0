import { join } from "node:path";
import { build } from "esbuild";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { wayIn } from "../../src/embedded/way-in.ts";

/** The floor on the stack that the embedded service runs on. Usage: node bench/floor/main.ts PORT DIRECTORY [--keep-awake] */
const [port, dataDir = ".", option] = process.argv.slice(2);
const settings = { useSQLite: true, unsafePreventEviction: option === "--keep-awake" };

const { outputFiles } = await build({
  entryPoints: [join(import.meta.dirname, "worker.ts")],
  bundle: true,
  format: "esm",
  target: "es2024",
  conditions: ["workerd", "worker", "browser"],
  external: ["cloudflare:*"],
  write: false,
});
const way = wayIn("127.0.0.1", Number(port));
const miniflare = new Miniflare(
  convertV4MiniflareOptions({
    ...way.miniflare,
    resourcePersistencePath: dataDir,
    workers: [
      {
        name: "floor",
        ...way.worker,
        compatibilityDate: "2026-09-01",
        modules: [{ type: "ESModule", path: "worker.js", contents: outputFiles[0]?.text ?? "" }],
        durableObjects: {
          NOOP: { className: "NoopObject", ...settings },
          ROW: { className: "RowObject", ...settings },
          RECORD: { className: "RecordObject", ...settings },
        },
      },
    ],
  }),
);
console.log(`ready ${(await way.ready(miniflare, "floor")).origin}`);
process.once("SIGTERM", () => void miniflare.dispose().then(() => process.exit(0)));
