import { enableCompileCache } from "node:module";
import { join } from "node:path";

// Most of what a command takes at first is compiling what has not changed since the last one, so it comes before all imports.
enableCompileCache(join(import.meta.dirname, "../../node_modules/.cache/stockwire"));

const { processIo } = await import("./io.ts");
const { runCli } = await import("./run-cli.ts");

process.exitCode = await runCli(process.argv.slice(2), processIo());
