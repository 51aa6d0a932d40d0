import { spawn } from "node:child_process";
import { join } from "node:path";

/** What a command of wrangler came to. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command of wrangler: its arguments without the program's name. */
export type Wrangler = (args: readonly string[]) => Promise<Ran>;

/** The project's own wrangler, on the Node that runs this. What it prints is shown too if `isShown`. */
export function wranglerIn(root: string, isShown: (args: readonly string[]) => boolean): Wrangler {
  const program = join(root, "node_modules/wrangler/bin/wrangler.js");
  return (args) =>
    new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [program, ...args], {
        cwd: root,
        stdio: ["ignore", "pipe", "pipe"],
        // Nobody is asked anything: what is to be confirmed was confirmed by calling this.
        env: { ...process.env, CI: "true" },
      });
      let stdout = "";
      let stderr = "";
      child.stdout.on("data", (chunk: Buffer) => {
        stdout += chunk.toString();
        if (isShown(args)) process.stdout.write(chunk);
      });
      child.stderr.on("data", (chunk: Buffer) => {
        stderr += chunk.toString();
        if (isShown(args)) process.stderr.write(chunk);
      });
      child.once("error", reject);
      child.once("close", (code) => resolve({ code: code ?? 1, stdout, stderr }));
    });
}
