import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { StockwireClient } from "../../src/client/index.ts";
import { exitCodes } from "../../src/cli/exit-codes.ts";
import { adminKey, Service } from "./service.ts";
import { stockwire } from "./stockwire.ts";

let service: Service;
let client: StockwireClient;
let dir: string;

beforeAll(async () => {
  service = await Service.start();
  client = new StockwireClient({ url: service.url, key: adminKey });
  dir = await mkdtemp(join(tmpdir(), "stockwire-import-"));
});

afterAll(async () => {
  await service.remove();
  await rm(dir, { recursive: true, force: true });
});

/** Where the ledger of each SKU stands, from the objects themselves. */
async function positions(skus: readonly string[]): Promise<string[]> {
  const { items, missing } = await client.stock.availability(skus);
  expect(missing).toEqual([]);
  return items.map(({ sku, epoch, version, onHand }) => `${sku} ${epoch}.${version} ${onHand}`);
}

async function fileOf(name: string, lines: readonly string[]): Promise<string> {
  const path = join(dir, name);
  await writeFile(path, `${lines.join("\n")}\n`);
  return path;
}

test("the second import of a file changes nothing, whatever was sold since; --again makes it stand again", async () => {
  const skus = Array.from({ length: 300 }, (_, index) => `IMP-${index}`);
  const file = await fileOf("own.csv", [
    "sku,title,location,on_hand",
    ...skus.map((sku, index) => `${sku},"Thing, ${index}",default,${index + 1}`),
  ]);
  const first = await stockwire(service.url, ["import", file, "--json"]);
  expect(first).toMatchObject({ code: exitCodes.done });
  expect(first.answers()).toMatchObject([{ importable: { skus: 300 }, done: 600, replayed: 0, failed: [] }]);
  await client.stock.adjust("IMP-9", { delta: -1, reason: "sold" });
  const before = await positions(skus);

  const second = await stockwire(service.url, ["import", file, "--json"]);
  expect(second.answers()).toMatchObject([{ done: 0, replayed: 600, failed: [] }]);
  expect(await positions(skus)).toEqual(before);

  await stockwire(service.url, ["import", file, "--again", "monday"]);
  expect(await client.stock.get("IMP-9")).toMatchObject({ onHand: 10 });
});

test("an import that broke off goes on where it was", async () => {
  const lines = ["sku,on_hand", ...Array.from({ length: 20 }, (_, index) => `HALF-${index},${index}`)];
  const file = await fileOf("half.csv", lines);
  // What the run that broke off had done: the first rows of the same file.
  const { identityOf, mutationsOf, planImport } = await import("../../src/cli/import/plan.ts");
  const text = await readFile(file, "utf8");
  const items = mutationsOf(planImport(text, { skuFrom: "column" }).rows, identityOf(text));
  await client.stock.bulk(items.slice(0, 10));
  const rest = await stockwire(service.url, ["import", file, "--json"]);
  expect(rest.answers()).toMatchObject([{ done: 30, replayed: 10, failed: [] }]);
});

test("nothing is sent while a row is wrong, nor in a dry run", async () => {
  const file = await fileOf("wrong.csv", ["sku,on_hand", "GOOD,1", "BAD,many"]);
  const refused = await stockwire(service.url, ["import", file]);
  expect(refused.code).toBe(exitCodes.usage);
  expect(refused.out).toContain('on hand must be a whole number from 0 on, not "many" (line 3)');
  expect((await stockwire(service.url, ["import", file, "--skip-wrong", "--dry-run"])).code).toBe(
    exitCodes.done,
  );
  expect((await stockwire(service.url, ["stock", "GOOD"])).code).toBe(exitCodes.notFound);
  expect((await stockwire(service.url, ["import", file, "--skip-wrong"])).code).toBe(exitCodes.done);
  expect((await stockwire(service.url, ["stock", "GOOD"])).code).toBe(exitCodes.done);
  expect((await stockwire(service.url, ["import", join(dir, "none.csv")])).code).toBe(exitCodes.usage);
});

test("what is exported is imported as it was, into another service too", async () => {
  await client.stock.put("TRIP", { title: 'A "quoted", name', lowStockAt: 3, safetyStock: 1 });
  await client.stock.count("TRIP", { onHand: 7, location: "shop berlin", ifMatch: "*" });
  await client.stock.count("TRIP", { onHand: 2, ifMatch: "*" });
  const file = join(dir, "export.csv");
  const rowOf = async () =>
    (await stockwire(service.url, ["export"])).out.split("\n").filter((line) => line.startsWith("TRIP"));
  await expect.poll(rowOf, { timeout: 30_000 }).toHaveLength(2);
  expect((await stockwire(service.url, ["export", file])).code).toBe(exitCodes.done);

  const other = await Service.start();
  try {
    const imported = await stockwire(other.url, ["import", file]);
    expect(imported.code).toBe(exitCodes.done);
    const there = await new StockwireClient({ url: other.url, key: adminKey }).stock.get("TRIP");
    expect(there).toMatchObject({ title: 'A "quoted", name', onHand: 9, lowStockAt: 3, safetyStock: 1 });
    const levels = Object.fromEntries(there.locations.map(({ location, onHand }) => [location, onHand]));
    expect(levels).toEqual({ "shop berlin": 7, default: 2 });
  } finally {
    await other.remove();
  }
});
