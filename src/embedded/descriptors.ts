import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { log } from "../telemetry/log.ts";

/** What an open object takes: its database, `-wal` and `-shm`. */
const perObject = 3;
/** For sockets, the ledger and the runtime itself. */
const forAllElse = 1_000;

/**
 * Whether every object that is stored can be kept open, by the file descriptors that a process may have: without one, no
 * request is taken and nothing is stored. Logs what to do if not. True where the limit cannot be found out.
 */
export async function canKeepAwake(dataDir: string, limits = "/proc/self/limits"): Promise<boolean> {
  const most = await descriptorsMax(limits);
  const objects = await countObjects(join(dataDir, "do"));
  const needed = objects * perObject + forAllElse;
  if (needed <= most) return true;
  log("descriptors.too_few", { objects, needed, limit: most });
  return false;
}

/** Node has raised its own limit to the highest it may have, and workerd inherits that. */
async function descriptorsMax(limits: string): Promise<number> {
  const text = await readFile(limits, "utf8").catch(() => "");
  const [, most] = /^Max open files +(\d+)/m.exec(text) ?? [];
  return most === undefined ? Number.POSITIVE_INFINITY : Number(most);
}

async function countObjects(directory: string): Promise<number> {
  const names = await readdir(directory, { recursive: true }).catch(() => []);
  return names.filter((name) => name.endsWith(".sqlite")).length;
}
