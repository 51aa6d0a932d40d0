import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

export const adminKey = "system-test-admin-key";

/** What a test gives the service beside what every one does. */
export interface ServiceSettings {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Where it keeps its data, if that is there already. */
  readonly dataDir?: string;
  /** How many files it may have open. */
  readonly filesMax?: number;
  /** Told what it writes to standard error; absent, it is shown. */
  readonly onError?: (chunk: Buffer) => void;
}

function showError(chunk: Buffer): void {
  process.stderr.write(chunk);
}

/** The real process, started with `npm start` on a data directory of its own. */
export class Service {
  readonly dataDir: string;
  url = "";
  readonly #settings: ServiceSettings;
  #process: ChildProcess | undefined;
  #written = "";

  private constructor(dataDir: string, settings: ServiceSettings) {
    this.dataDir = dataDir;
    this.#settings = settings;
  }

  static async start(port = 0, settings: ServiceSettings = {}): Promise<Service> {
    const dataDir = settings.dataDir ?? (await mkdtemp(join(tmpdir(), "stockwire-")));
    const service = new Service(dataDir, settings);
    await service.start(port);
    return service;
  }

  /** Starts it, again on the same data if it ran before; resolves when it says `ready`. */
  async start(port = 0): Promise<void> {
    const { args = [], env = {}, filesMax, onError = showError } = this.#settings;
    const options = ["--port", String(port), "--data", this.dataDir, "--allow-private-channels", ...args];
    const limited = filesMax === undefined ? "" : `ulimit -n ${filesMax};`;
    const command = `${limited} exec npm start --silent -- "$@"`;
    const child = spawn("sh", ["-c", command, "sh", ...options], {
      env: { ...process.env, STOCKWIRE_ADMIN_KEY: adminKey, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    this.#process = child;
    child.stdout.on("data", (chunk: Buffer) => {
      this.#written += chunk.toString();
    });
    child.stderr.on("data", (chunk: Buffer) => {
      this.#written += chunk.toString();
      onError(chunk);
    });
    const lines = createInterface({ input: child.stdout });
    this.url = await new Promise((resolve, reject) => {
      lines.on("line", (line) => {
        const [, url] = /^ready (http:\S+)$/.exec(line) ?? [];
        if (url !== undefined) resolve(url);
      });
      lines.on("close", () => reject(new Error("the service ended before it was ready")));
    });
  }

  /** All that it has written to standard output and standard error, over all its starts. */
  get written(): string {
    return this.#written;
  }

  /** Ends the whole process tree at once, as a power cut would. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  /** Asks it to stop, and again while it does, as impatient people and npm do; resolves to its exit code. */
  async stop(): Promise<number | null> {
    const pid = this.#process?.pid;
    const ended = this.#end("SIGTERM");
    await new Promise((resolve) => setTimeout(resolve, 5));
    if (pid !== undefined) process.kill(-pid, "SIGTERM");
    return ended;
  }

  async remove(): Promise<void> {
    if (this.#process !== undefined) await this.kill();
    await rm(this.dataDir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }

  async #end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#process;
    this.#process = undefined;
    if (child?.pid === undefined) return null;
    const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
    process.kill(-child.pid, signal);
    return ended;
  }

  /** A request with the admin's key; `body` is sent as JSON. */
  async call(
    method: string,
    path: string,
    body?: object,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const response = await fetch(this.url + path, {
      method,
      headers: {
        authorization: `Bearer ${adminKey}`,
        ...(body !== undefined && { "content-type": "application/json" }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get("content-type")?.includes("json") === true;
    const answered: unknown = isJson && text !== "" ? JSON.parse(text) : text === "" ? {} : text;
    return { status: response.status, headers: response.headers, body: answered };
  }

  /** Counts a SKU's stock at the default location, whatever it was. */
  async count(sku: string, onHand: number): Promise<Answer> {
    const path = `/v1/skus/${encodeURIComponent(sku)}/levels/default`;
    return this.call("PUT", path, { onHand }, { "idempotency-key": crypto.randomUUID(), "if-match": "*" });
  }
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into answers of every shape
  readonly body: any;
}

/** Runs `task` for 0..count-1, at most `width` at a time: that many connections at work. */
export async function pool(
  count: number,
  width: number,
  task: (index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) {
      const index = next;
      next += 1;
      await task(index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, count) }, worker));
}

/** Waits until `check` answers something, polling; fails after `timeoutMs` with the check that did not. */
export async function eventually<Value>(
  check: () => Promise<Value | undefined>,
  timeoutMs = 30_000,
): Promise<Value> {
  const until = Date.now() + timeoutMs;
  for (;;) {
    const value = await check();
    if (value !== undefined) return value;
    if (Date.now() > until) throw new Error(`not so after ${timeoutMs} ms: ${check.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
