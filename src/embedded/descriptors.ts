import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { log } from "../telemetry/log.ts";

/** What an open object takes: its database, `-wal` and `-shm`. */
const perObject = 3;
/** For sockets, the ledger and the runtime itself. */
const forAllElse = 1_000;
/** More objects than are made in a second, so it is soon enough to look again after that. */
const objectsPerSecondMax = 500;
const looksApartMaxMs = 60_000;

/** How many there may be of what. */
interface Room {
  readonly objects: number;
  readonly needed: number;
  readonly limit: number;
}

/**
 * The file descriptors that a process may have, if it keeps every stored object open: without one, no request is taken and
 * nothing is stored. As many as one likes where the limit cannot be found out.
 */
export class Descriptors {
  readonly #dataDir: string;
  readonly #limits: string;
  #timer: NodeJS.Timeout | undefined;
  #isWatching = false;

  constructor(dataDir: string, limits = "/proc/self/limits") {
    this.#dataDir = dataDir;
    this.#limits = limits;
  }

  /** Whether there are enough, for those objects too that may be made before the next look. Logs what to do if not. */
  async suffice(): Promise<boolean> {
    return isEnough(await this.#room());
  }

  /** Calls `tooFew` once it is time to close objects, and logs what to do about it. */
  watch(tooFew: () => void): void {
    this.#isWatching = true;
    const look = async (): Promise<void> => {
      const room = await this.#room();
      if (!this.#isWatching) return;
      if (isEnough(room)) this.#timer = setTimeout(() => void look(), nextLookMs(room));
      else tooFew();
    };
    void look();
  }

  unwatch(): void {
    this.#isWatching = false;
    clearTimeout(this.#timer);
  }

  async #room(): Promise<Room> {
    const limit = await descriptorsMax(this.#limits);
    const objects = await countObjects(join(this.#dataDir, "do"));
    return { objects, needed: (objects + objectsPerSecondMax) * perObject + forAllElse, limit };
  }
}

function isEnough({ objects, needed, limit }: Room): boolean {
  if (needed <= limit) return true;
  log("descriptors.too_few", { objects, needed, limit });
  return false;
}

/** Before as many objects can have been made as there is room for. */
function nextLookMs({ needed, limit }: Room): number {
  const seconds = 1 + (limit - needed) / perObject / objectsPerSecondMax;
  return Math.min(seconds * 1_000, looksApartMaxMs);
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
