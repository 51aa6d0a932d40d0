import { appendFile, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { StockwireClient } from "../../src/client/index.ts";
import { exitCodes } from "../../src/cli/exit-codes.ts";
import { comparePositions, formatEtag } from "../../src/protocol/position.ts";
import { describeFinding } from "../../src/verify/index.ts";
import { freePort } from "../chaos/fire.ts";
import { judge } from "../chaos/judge.ts";
import { Load } from "../chaos/load.ts";
import { Market } from "../chaos/market.ts";
import { Recorder } from "../chaos/recorder.ts";
import { Watcher } from "../chaos/watchers.ts";
import { Random } from "../simulation/kernel/random.ts";
import { adminKey, eventually, Service } from "./service.ts";
import { stockwire } from "./stockwire.ts";

let directory: string;
let archive: string;
let service: Service;
const recorder = new Recorder();
const market = new Market(recorder);
const random = new Random(String(Date.now()));

/** Its oversells and failing channels are wanted here. */
const onError = () => undefined;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "stockwire-backup-"));
  archive = join(directory, "archive");
  service = await Service.start(await freePort(random), { onError });
});
afterAll(async () => {
  await market.close();
  await service.remove();
  await rm(directory, { recursive: true, force: true });
});

const run = (...args: string[]) => stockwire(service.url, args);
const acknowledged = () => recorder.acknowledgedAtMs.length;
const more = (count: number) => {
  const before = acknowledged();
  return eventually(async () => (acknowledged() >= before + count ? true : undefined), 120_000);
};

test("a service is backed up while it is busy, restored elsewhere, and everybody comes to agree", async () => {
  const { url } = service;
  const client = new StockwireClient({ url, key: adminKey });
  await market.open(client);
  const skus = Array.from({ length: 20 }, (_, index) => `SKU-${index}`);
  const common = { url, key: adminKey, recorder, skus };
  const watcher = new Watcher({ ...common, name: "a socket with old positions", resumes: true });
  const watching = watcher.run();
  const load = new Load({ ...common, random, rate: 100 });
  await load.open();
  const asking = load.run();
  await more(50);
  const backup = await run("backup", archive, "--data", service.dataDir);
  expect(backup).toMatchObject({ code: exitCodes.done });
  await more(50);
  const before = await client.stock.get("SKU-0");

  await service.kill();
  const dataDir = join(directory, "restored");
  expect(await run("restore", archive, "--data", dataDir)).toMatchObject({ code: exitCodes.done });
  await rm(service.dataDir, { recursive: true, force: true });
  service = await Service.start(Number(new URL(url).port), { dataDir, onError });

  const headers = { "if-none-match": formatEtag(before) };
  const read = await service.call("GET", "/v1/skus/SKU-0", undefined, headers);
  expect(read.status).toBe(200);
  expect(comparePositions(read.body, before)).toBeGreaterThan(0);
  const guarded = { "if-match": formatEtag(before), "idempotency-key": "guarded" };
  const refused = await service.call("PUT", "/v1/skus/SKU-0/levels/default", { onHand: 1 }, guarded);
  expect(refused.status).toBe(412);
  await more(50);

  await load.end(120_000);
  await asking;
  const verdict = await judge({ client, recorder, market, watchers: [watcher], patienceMs: 120_000 });
  watcher.stop();
  await watching;
  expect(verdict.findings.map(describeFinding)).toEqual([]);
  // What came after the backup is known to be gone.
  expect(verdict.checked.undone).toBeGreaterThan(0);
  expect(verdict.checked.acknowledged).toBeGreaterThan(150);
}, 300_000);

test("nothing is backed up or restored over something else", async () => {
  expect(await run("backup", archive, "--data", service.dataDir)).toMatchObject({ code: exitCodes.usage });
  expect(await run("restore", archive, "--data", service.dataDir)).toMatchObject({ code: exitCodes.usage });
  const elsewhere = join(directory, "elsewhere");
  expect(await run("backup", elsewhere, "--data", directory)).toMatchObject({ code: exitCodes.usage });
});

test("an archive that is not whole is not restored", async () => {
  const target = join(directory, "never");
  const manifest = await readFile(join(archive, "manifest.json"), "utf8");
  const { files } = JSON.parse(manifest) as { files: { path: string }[] };
  await appendFile(join(archive, "data", files.at(-1)?.path ?? ""), " ");
  const altered = await run("restore", archive, "--data", target);
  expect(altered).toMatchObject({ code: exitCodes.usage });
  expect(altered.notes).toContain("is not what was backed up");
  await rm(join(archive, "manifest.json"));
  expect((await run("restore", archive, "--data", target)).notes).toContain("is no whole backup");
  expect(await readdir(directory)).not.toContain("never");
});
