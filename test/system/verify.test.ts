import { readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ChannelReceiver } from "../../src/cli/channel-receiver.ts";
import { exitCodes } from "../../src/cli/exit-codes.ts";
import type { Finding } from "../../src/verify/index.ts";
import { eventually, pool, Service } from "./service.ts";
import { stockwire } from "./stockwire.ts";

let service: Service;
let receiver: ChannelReceiver;

beforeAll(async () => {
  service = await Service.start();
  receiver = await ChannelReceiver.start({ id: "web-shop" });
  const settings = { url: receiver.url, batch: 50 };
  const config = { kind: "webhook", settings, listings: "all", rule: { buffer: 2 } };
  receiver.useSecret((await service.call("PUT", "/v1/channels/web-shop", config)).body.signingSecret);
});
afterAll(async () => {
  await receiver.stop();
  await service.remove();
});

const key = () => ({ "idempotency-key": crypto.randomUUID() });
const sell = (sku: string, delta = -1) =>
  service.call("POST", `/v1/skus/${sku}/adjustments`, { delta, reason: "sold" }, key());

async function verified(...args: string[]) {
  const { code, answers, notes } = await stockwire(service.url, ["verify", "--json", ...args]);
  const result = answers()[0] as { skus: number; entries: number; channels: number; findings: Finding[] };
  return { code, notes, ...result };
}

/** Works on the database of the ledger as nobody should, while the service stands still. */
async function spoil(sql: string): Promise<void> {
  await service.stop();
  const directory = join(service.dataDir, "d1/miniflare-D1DatabaseObject");
  const file = readdirSync(directory).find((name) => /^\w{64}\.sqlite$/.test(name));
  const db = new DatabaseSync(join(directory, file ?? ""));
  db.exec(sql);
  db.close();
  await service.start();
}

test("a service that is busy meanwhile has nothing to be found", async () => {
  const skus = Array.from({ length: 12 }, (_, index) => `SKU-${index}`);
  for (const sku of skus) await service.count(sku, 1_000);
  const hold = { lines: [{ sku: "SKU-0", quantity: 3 }], ttlSeconds: 600 };
  await service.call("POST", "/v1/reservations", hold, key());
  const order = { channel: "web-shop", orderId: "1", lines: [{ sku: "SKU-1", quantity: 2_000 }] };
  await service.call("POST", "/v1/orders", order, key());
  await service.count("GONE", 0);
  await service.call("DELETE", "/v1/skus/GONE", undefined, key());
  // The checker is told of SKUs by the ledger, which has the last one a moment later.
  await eventually(async () => {
    const { body } = await service.call("GET", "/v1/ledger?limit=200");
    return JSON.stringify(body.items).includes('"GONE"') ? true : undefined;
  });
  let isOver = false;
  const buyers = pool(4, 4, async (buyer) => {
    for (let sale = 0; !isOver; sale += 1) await sell(skus[(buyer + sale) % skus.length] ?? "");
  });
  const found = await verified();
  isOver = true;
  await buyers;
  expect(found).toMatchObject({ code: exitCodes.done, findings: [], skus: 13, channels: 1 });
  expect(found.entries).toBeGreaterThan(15);
});

test("a key that may not see channels has the rest checked; a SKU that nobody knows is named", async () => {
  const { body } = await service.call("POST", "/v1/keys", { name: "reader", scopes: ["stock:read"] });
  const reading = await stockwire(service.url, ["verify", "SKU-2", "--key", body.key]);
  expect(reading).toMatchObject({ code: exitCodes.done });
  expect(reading.out).toMatch(
    /^1 SKUs, \d+ entries, no channels \(the key may not see them\): nothing found$/,
  );
  expect(await verified("NOPE")).toMatchObject({
    code: exitCodes.notFound,
    notes: "stockwire: SKU NOPE is unknown",
  });
});

test("what was lost or altered in the ledger is found, and where", async () => {
  for (const sku of ["LOST", "LAST", "ALTERED", "LEVEL"]) {
    await service.count(sku, 10);
    await sell(sku);
    await sell(sku);
  }
  await eventually(async () => ((await verified()).code === exitCodes.done ? true : undefined));
  await spoil(`
    DELETE FROM ledger WHERE sku = 'LOST' AND version = 2;
    DELETE FROM ledger WHERE sku = 'LAST' AND version = 3;
    -- What is sent again must not repair it.
    CREATE TRIGGER stay_lost BEFORE INSERT ON ledger WHEN new.sku IN ('LOST', 'LAST')
      BEGIN SELECT RAISE(IGNORE); END;
    UPDATE ledger SET event = json_set(event, '$.data.delta', -2) WHERE sku = 'ALTERED' AND version = 2;
    UPDATE levels SET view = json_set(view, '$.available', 99) WHERE sku = 'LEVEL';`);
  const { code, findings } = await verified("--wait", "1");
  expect(code).toBe(exitCodes.failed);
  const bySku = Map.groupBy(findings, ({ sku }) => sku);
  expect(new Set(bySku.keys())).toEqual(new Set(["ALTERED", "LAST", "LEVEL", "LOST"]));
  const rules = (sku: string) => bySku.get(sku)?.map(({ rule, position }) => [rule, position?.version]);
  expect(rules("LOST")).toContainEqual(["gap", 3]);
  expect(rules("LAST")).toContainEqual(["behind", 3]);
  expect(rules("ALTERED")).toContainEqual(["view", 3]);
  expect(rules("LEVEL")).toEqual([["view", 3]]);

  const { out } = await stockwire(service.url, ["verify", "LEVEL", "--wait", "0"]);
  expect(out).toMatch(/^LEVEL at \w+\.3: view: the list of SKUs: available 99 instead of 8$/m);
});

test("a channel that has not been told is found", async () => {
  receiver.failWith({ status: 503 });
  await service.count("UNTOLD", 5);
  const { code, findings } = await verified("UNTOLD", "--wait", "1");
  expect(code).toBe(exitCodes.failed);
  expect(findings).toMatchObject([{ rule: "behind", detail: expect.stringContaining("channel web-shop") }]);
  receiver.failWith(undefined);
  expect((await verified("UNTOLD")).code).toBe(exitCodes.done);
});
