import { parentPort } from "node:worker_threads";
import { loadRealm, type Realm } from "../code/realm.ts";
import { runPlan } from "../world.ts";
import type { Order, Report } from "./pool.ts";

let realm: Realm | undefined;

parentPort?.on("message", ({ script, options }: Order) => {
  if (script !== undefined) realm = loadRealm(script);
  // A macrotask of its own, as a run must have.
  // eslint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
  setImmediate(() => parentPort?.postMessage(report(options)));
});

function report(options: Order["options"]): Report {
  if (realm === undefined) return { error: "there is no script to run" };
  try {
    return { result: runPlan({ ...options, realm }) };
  } catch (error) {
    return { error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
