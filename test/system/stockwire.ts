import type { Io } from "../../src/cli/io.ts";
import { runCli } from "../../src/cli/run-cli.ts";
import { adminKey } from "./service.ts";

/** Runs a command line in this process, against a service, with the admin's key. */
export async function stockwire(url: string, args: readonly string[]) {
  const out: string[] = [];
  const notes: string[] = [];
  const io: Io = {
    out: (line) => out.push(line),
    note: (line) => notes.push(line),
    env: { STOCKWIRE_URL: url, STOCKWIRE_KEY: adminKey },
    screen: process.stderr,
    signal: new AbortController().signal,
  };
  const code = await runCli(args, io);
  const answers = () => out.map((line): unknown => JSON.parse(line));
  return { code, out: out.join("\n"), notes: notes.join("\n"), answers };
}
