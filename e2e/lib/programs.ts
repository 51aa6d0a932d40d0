import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { homedir } from "node:os";
import { join } from "node:path";

/** Shops are installed here, apart from this project's own dependencies. */
const cacheDir = join(homedir(), ".cache", "stockwire-e2e");

/** The last words of a program that failed are shown up to so many characters. */
const wordsLengthMax = 4_000;
const patienceMs = 10_000;

export interface ProgramOptions {
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
  /** As whom, if not as the caller: programs such as PostgreSQL refuse to run as root. */
  readonly user?: { readonly uid: number; readonly gid: number } | undefined;
}

/** Runs a program to its end. Throws with its last words if it fails. */
export async function run(command: string, args: readonly string[], options: ProgramOptions): Promise<void> {
  const program = new Program(command, args, options);
  const code = await program.ended;
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${code}:\n${program.words}`);
}

const running = new Set<Program>();

/** Ends every program that still runs: somebody has lost patience. */
export async function stopAll(): Promise<void> {
  await Promise.all([...running].map((program) => program.stop()));
}

/** A program that runs until it is stopped. */
export class Program {
  /** Its exit code; null if a signal ended it. */
  readonly ended: Promise<number | null>;
  readonly #child: ChildProcess;
  #words = "";

  constructor(command: string, args: readonly string[], { cwd, env, user }: ProgramOptions) {
    this.#child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      // A group of its own, so that what it starts ends with it.
      detached: true,
      ...user,
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on("data", (chunk: Buffer) => {
        this.#words = (this.#words + chunk.toString()).slice(-wordsLengthMax);
      });
    }
    this.ended = new Promise((resolve) => {
      this.#child.once("error", (error) => {
        this.#words += error.message;
        resolve(-1);
      });
      this.#child.once("exit", (code) => resolve(code));
    });
    running.add(this);
    void this.ended.then(() => running.delete(this));
  }

  get words(): string {
    return this.#words;
  }

  /** Its process id; throws if it could not be started. */
  get pid(): number {
    const { pid } = this.#child;
    if (pid === undefined) throw new Error(`the program could not be started:\n${this.#words}`);
    return pid;
  }

  /** Waits until `isReady`. Throws with the program's last words if it ends first, or takes too long. */
  async ready(isReady: () => Promise<boolean>, timeoutMs: number): Promise<void> {
    let hasEnded = false;
    void this.ended.then(() => (hasEnded = true));
    const untilMs = Date.now() + timeoutMs;
    for (;;) {
      if (hasEnded) throw new Error(`the program ended before it was ready:\n${this.#words}`);
      if (await isReady()) return;
      if (Date.now() > untilMs) throw new Error(`not ready after ${timeoutMs} ms:\n${this.#words}`);
      await sleep(100);
    }
  }

  /** Asks it to end, and makes it end if it does not. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    const { pid } = this.#child;
    if (pid === undefined || this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    process.kill(-pid, signal);
    const isOver = await Promise.race([this.ended.then(() => true), sleep(patienceMs).then(() => false)]);
    if (isOver) return;
    process.kill(-pid, "SIGKILL");
    await this.ended;
  }
}

/**
 * The folder in which these packages are installed, in exactly these versions; installed if they are not there yet.
 * The folder's name tells its versions, so that another version gets another folder.
 */
export async function installed(name: string, packages: Readonly<Record<string, string>>): Promise<string> {
  const folder = join(cacheDir, name);
  const stamp = join(folder, "installed.json");
  const wanted = JSON.stringify(packages);
  if (existsSync(stamp) && (await readFile(stamp, "utf8")) === wanted) return folder;
  await mkdir(folder, { recursive: true });
  const list = Object.entries(packages).map(([packageName, version]) => `${packageName}@${version}`);
  console.log(`installing ${list.join(", ")} into ${folder}`);
  if (!existsSync(join(folder, "package.json"))) await run("npm", ["init", "--yes"], { cwd: folder });
  // The shops' peer dependencies are behind what they run with.
  const flags = ["--save-exact", "--legacy-peer-deps", "--no-audit", "--no-fund"];
  await run("npm", ["install", ...flags, ...list], { cwd: folder });
  await writeFile(stamp, wanted);
  return folder;
}

/** A port of this machine that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Whether an address answers with success. */
export async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}
