import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { log } from "../telemetry/log.ts";

/** So many of a class ring at once. */
const atOnce = 100;
/** The others once the service is likely ready, */
const laterMs = 3_000;
/** and at this rate: waking an object and putting it to sleep takes 2 to 6 ms, and callers want their turn. */
const perSecond = 100;

const nsPerMs = 1_000_000n;
const gapMs = 1_000 / perSecond;

/**
 * Gives the alarms that came due while nothing ran their turn, those that waited longest first. Else workerd rings all of them
 * the moment it starts: thousands of objects wake before anybody is answered, each with its files open, and after a
 * crash with more SKUs than a third of the file descriptors it would never get ready. Call it while nothing runs.
 */
export function spreadOverdueAlarms(dataDir: string, nowMs: number): void {
  for (const path of alarmFiles(join(dataDir, "do"))) {
    try {
      spread(path, nowMs);
    } catch (error) {
      // It is workerd's own table: if another release keeps it otherwise, the alarms ring as they did.
      log("alarms.not_spread", { path }, { error });
    }
  }
}

/** One for each class of objects. */
function alarmFiles(objects: string): string[] {
  try {
    return readdirSync(objects, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => join(objects, name, "metadata.sqlite"))
      .filter((path) => existsSync(path));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}

/** An object keeps its alarm itself too; it rings if that is over, whatever it was set for. */
function spread(path: string, nowMs: number): void {
  const alarms = new DatabaseSync(path);
  try {
    alarms
      .prepare(
        `UPDATE _cf_ALARM SET scheduled_time = :later + (place - :atOnce) * :gap
         FROM (SELECT actor_id AS overdue_id, row_number() OVER (ORDER BY scheduled_time) AS place
               FROM _cf_ALARM WHERE scheduled_time <= :now)
         WHERE actor_id = overdue_id AND place > :atOnce`,
      )
      .run({ now: toNs(nowMs), later: toNs(nowMs + laterMs), atOnce: BigInt(atOnce), gap: toNs(gapMs) });
  } finally {
    alarms.close();
  }
}

function toNs(ms: number): bigint {
  return BigInt(ms) * nsPerMs;
}
