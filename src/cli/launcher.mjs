#!/usr/bin/env node
// What `stockwire` runs. The sources are TypeScript, which Node reads as it is from 22.18 on; an older Node starts the one
// that the project brings (the dev dependency `node`). Plain JavaScript, so that any Node can read this file.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("main.ts", import.meta.url));
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);

if (major > 22 || (major === 22 && minor >= 18)) {
  process.argv[1] = main;
  await import("./main.ts");
} else {
  const node = bundledNode();
  if (node === undefined) {
    console.error(
      `stockwire: Node ${process.version} is too old. Run npm ci, which brings one, or use Node 24.`,
    );
    process.exit(1);
  }
  const child = spawn(node, [main, ...process.argv.slice(2)], { stdio: "inherit" });
  // Ctrl-C reaches both of us by itself, and it is the child that decides what it means.
  process.on("SIGINT", () => undefined);
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

function bundledNode() {
  try {
    const require = createRequire(import.meta.url);
    const node = join(dirname(require.resolve("node/package.json")), "bin/node");
    return existsSync(node) ? node : undefined;
  } catch {
    return undefined;
  }
}
