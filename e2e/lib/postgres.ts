import { existsSync } from "node:fs";
import { chmod, chown, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execFileSync } from "node:child_process";
import { freePort, Program, run } from "./programs.ts";

const debianRoot = "/usr/lib/postgresql";

/** A PostgreSQL cluster of its own, in a folder of its own, gone after `stop`. */
export interface Postgres {
  /** A new, empty database. */
  create(database: string): Promise<string>;
  /** Ends it as a power cut would, and starts it again on its data. */
  crash(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a private cluster with Debian's PostgreSQL; installs that if it is missing and may be installed. */
export async function startPostgres(): Promise<Postgres> {
  const binaries = await findBinaries();
  const user = unprivileged();
  const folder = await mkdtemp(join(tmpdir(), "stockwire-postgres-"));
  if (user !== undefined) await chown(folder, user.uid, user.gid);
  await chmod(folder, 0o700);
  const options = { cwd: folder, user };
  const data = join(folder, "data");
  const port = await freePort();
  const rights = ["-U", "postgres", "-A", "trust"];
  const removed = () => rm(folder, { recursive: true, force: true });
  try {
    await run(join(binaries, "initdb"), ["-D", data, "-N", ...rights], options);
  } catch (error) {
    await removed();
    throw error;
  }
  const settings = ["-c", "listen_addresses=127.0.0.1", "-c", "max_connections=100"];
  const connection = ["-h", "127.0.0.1", "-p", String(port), "-U", "postgres"];
  const launch = () =>
    new Program(
      join(binaries, "postgres"),
      ["-D", data, "-p", String(port), "-k", folder, ...settings],
      options,
    );
  const isReady = async () =>
    (await new Program(join(binaries, "pg_isready"), connection, options).ended) === 0;
  let server = launch();
  const stop = async () => {
    // Fast shutdown: a smart one would wait for the shop's connections.
    await server.stop("SIGINT");
    await removed();
  };
  try {
    await server.ready(isReady, 30_000);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    async create(database) {
      await run(join(binaries, "createdb"), [...connection, database], options);
      return `postgres://postgres@127.0.0.1:${port}/${database}`;
    },
    async crash() {
      await server.stop("SIGKILL");
      server = launch();
      await server.ready(isReady, 30_000);
    },
    stop,
  };
}

/** The folder of the newest PostgreSQL that Debian has installed. */
async function findBinaries(): Promise<string> {
  const found = await newest();
  if (found !== undefined) return found;
  console.log("installing postgresql");
  const options = { cwd: "/", env: { DEBIAN_FRONTEND: "noninteractive" } };
  await run("apt-get", ["update"], options);
  // The cluster that Debian would start for everybody is not wanted.
  await run("apt-get", ["install", "--yes", "--no-install-recommends", "postgresql"], options);
  const installed = await newest();
  if (installed === undefined)
    throw new Error(`apt-get installed postgresql, but ${debianRoot} has no server`);
  return installed;
}

async function newest(): Promise<string | undefined> {
  if (!existsSync(debianRoot)) return undefined;
  const versions = (await readdir(debianRoot)).sort((a, b) => Number(b) - Number(a));
  const folders = versions.map((version) => join(debianRoot, version, "bin"));
  return folders.find((folder) => existsSync(join(folder, "postgres")) && existsSync(join(folder, "initdb")));
}

/** PostgreSQL refuses to run as root; then it runs as the user that Debian made for it. */
function unprivileged(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string) => Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }));
  return { uid: id("-u"), gid: id("-g") };
}
