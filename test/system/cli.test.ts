import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { exitCodes } from "../../src/cli/exit-codes.ts";
import { adminKey, eventually, Service } from "./service.ts";
import { stockwire as runStockwire } from "./stockwire.ts";

const run = promisify(execFile);
let service: Service;

beforeAll(async () => {
  service = await Service.start();
});

afterAll(async () => {
  await service.remove();
});

function stockwire(...args: string[]) {
  return runStockwire(service.url, args);
}

test("a SKU is counted, sold, shown and remembered", async () => {
  expect((await stockwire("count", "MUG", "20")).code).toBe(exitCodes.done);
  const sold = await stockwire("adjust", "MUG", "-1", "--reason", "sold", "--reference", "POS-1", "--json");
  expect(sold.answers()).toMatchObject([{ stock: { available: 19, version: 2 } }]);

  const shown = await stockwire("stock", "MUG");
  expect(shown.out).toMatch(/MUG\s+in_stock\s+19\s+19\s+0\s+0\s+0\s+0\s+2/);
  expect(shown.out).toMatch(/default\s+19/);
  const ledger = await eventually(async () => {
    const found = await stockwire("ledger", "MUG", "--json");
    return found.answers().length === 2 ? found.answers() : undefined;
  });
  expect(ledger).toMatchObject([{ version: 2, data: { reference: "POS-1" } }, { version: 1 }]);
  expect((await stockwire("ledger", "MUG", "--type", "counted")).out).toMatch(/counted\s+onHand 20/);
});

test("a key given on the command line does a thing once", async () => {
  await stockwire("count", "ONCE", "5");
  const sell = ["adjust", "ONCE", "-1", "--reason", "sold", "--idempotency-key", "till-1"];
  await stockwire(...sell);
  await stockwire(...sell);
  expect((await stockwire("stock", "ONCE", "--json")).answers()).toMatchObject([{ available: 4 }]);
});

test("each end has its exit code, and says what to do", async () => {
  await stockwire("count", "SCARCE", "1");
  const short = await stockwire("reserve", "SCARCE", "5");
  expect(short).toMatchObject({ code: exitCodes.refused, out: "" });
  expect(short.notes).toContain("5 of SCARCE requested, 1 available");

  expect((await stockwire("stock", "NOPE")).code).toBe(exitCodes.notFound);
  expect((await stockwire("adjust", "NOPE", "1", "--reason", "found")).code).toBe(exitCodes.notFound);
  const stranger = await stockwire("stock", "SCARCE", "--key", "swk_wrong");
  expect(stranger.code).toBe(exitCodes.notAllowed);
  expect(stranger.notes).toContain("STOCKWIRE_KEY");
  const away = await stockwire("stock", "SCARCE", "--url", "http://127.0.0.1:1", "--timeout", "0.1");
  expect(away.code).toBe(exitCodes.unavailable);
  expect(away.notes).toContain("stockwire serve");

  for (const wrong of [
    ["adjust", "SCARCE", "many", "--reason", "found"],
    ["adjust", "SCARCE", "1"],
    ["adjust", "SCARCE", "1", "--reason", "because"],
    ["reserve", "SCARCE", "1", "MUG"],
    ["stok"],
    ["stock", "--url", "stock.example"],
    ["count", "SCARCE", "-1"],
  ]) {
    expect([wrong, (await stockwire(...wrong)).code]).toEqual([wrong, exitCodes.usage]);
  }
  expect((await stockwire("stok")).notes).toContain("Did you mean stock?");
});

test("units are held, and become an order or go back", async () => {
  await stockwire("count", "HELD", "10");
  const [first, second] = await Promise.all([
    stockwire("reserve", "HELD", "2"),
    stockwire("reserve", "HELD", "3"),
  ]);
  const idOf = (held: { out: string } | undefined) => held?.out.split("\n")[0] ?? "";
  const committed = await stockwire("commit", idOf(first), "--channel", "till", "--order", "7", "--json");
  expect(committed.answers()).toMatchObject([{ status: "committed", channel: "till", orderId: "7" }]);
  expect((await stockwire("release", idOf(second))).out).toBe("released");
  expect((await stockwire("release", idOf(second))).code).toBe(exitCodes.done);
  expect((await stockwire("stock", "HELD", "--json")).answers()).toMatchObject([
    { available: 8, reserved: 0 },
  ]);
});

test("watch prints the present view and then the changes", async () => {
  await stockwire("count", "SEEN", "1000");
  let isWatching = true;
  const watching = stockwire("watch", "SEEN", "--count", "2", "--json").finally(() => {
    isWatching = false;
  });
  await eventually(async () => {
    await stockwire("adjust", "SEEN", "-1", "--reason", "sold");
    return isWatching ? undefined : true;
  });
  const { code, answers } = await watching;
  expect(code).toBe(exitCodes.done);
  const [first, second] = answers() as { version: number }[];
  expect(second?.version).toBeGreaterThan(first?.version ?? Number.NaN);
});

test("a channel is connected, listed, paused and removed", async () => {
  const settings = [
    "--setting",
    "url=http://127.0.0.1:9/stock",
    "--setting",
    "batch=5",
    "--rule",
    "buffer=2",
  ];
  const put = await stockwire("channels", "put", "web-shop", "--kind", "webhook", ...settings, "--json");
  expect(put.answers()).toMatchObject([
    { kind: "webhook", settings: { batch: 5 }, rule: { buffer: 2 }, signingSecret: expect.any(String) },
  ]);
  expect((await stockwire("channels", "pause", "web-shop", "--json")).answers()).toMatchObject([
    { state: "paused" },
  ]);
  expect((await stockwire("channels", "list")).out).toMatch(/web-shop\s+paused/);
  expect((await stockwire("channels", "put", "x", "--kind", "webhook", "--rule", "buffer=lots")).code).toBe(
    2,
  );
  expect((await stockwire("channels", "remove", "web-shop")).code).toBe(exitCodes.done);
  expect((await stockwire("channels", "show", "web-shop")).code).toBe(exitCodes.notFound);
});

test("a key is made, used and revoked", async () => {
  const made = await stockwire("keys", "create", "till", "--scope", "stock:read");
  expect(made.out).toMatch(/^swk_/);
  expect((await stockwire("stock", "--key", made.out)).code).toBe(exitCodes.done);
  expect((await stockwire("count", "MUG", "1", "--key", made.out)).code).toBe(exitCodes.notAllowed);
  const id = /key_\S+/.exec(made.notes)?.[0] ?? "";
  expect((await stockwire("keys", "revoke", id)).code).toBe(exitCodes.done);
  expect((await stockwire("keys", "list")).out).toMatch(new RegExp(`${id}\\s+till`));
});

test("the launcher runs on any Node from 20 on, passes exit codes on, and npx finds it", async () => {
  const launcher = "src/cli/launcher.mjs";
  const env = { ...process.env, STOCKWIRE_URL: service.url, STOCKWIRE_KEY: adminKey };
  const nodes = [process.execPath, "/usr/bin/node", "/usr/local/bin/node"];
  for (const node of nodes) {
    // Which of them there are differs from machine to machine; the project's own is always there.
    const version = await run(node, ["--version"]).catch(() => undefined);
    if (version === undefined) continue;
    const child = spawn(node, [launcher, "stock", "NOPE"], { env, stdio: "ignore" });
    expect([version.stdout, await once(child, "exit")]).toEqual([version.stdout, [exitCodes.notFound, null]]);
  }
  const { stdout } = await run("npx", ["--no-install", "stockwire", "stock", "MUG", "--json"], { env });
  expect(JSON.parse(stdout)).toMatchObject({ sku: "MUG" });
});
