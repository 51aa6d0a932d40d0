import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import type { StockEventsMessage } from "../../src/protocol/queue.ts";
import { evolve } from "../../src/stock/evolve.ts";
import { unknownSku } from "../../src/stock/state.ts";
import { stockView } from "../../src/stock/view.ts";
import { eventually } from "../system/service.ts";
import { hasBrowser } from "./browser.ts";
import { Visitor } from "./visitor.ts";

/** The file that the embedded service keeps its ledger in. */
async function ledgerFile(dataDir: string): Promise<string> {
  const directory = join(dataDir, "d1/miniflare-D1DatabaseObject");
  const names = await readdir(directory);
  const name = names.find((one) => /^[0-9a-f]+\.sqlite$/.test(one));
  if (name === undefined) throw new Error(`no ledger in ${directory}`);
  return join(directory, name);
}

/** Keeps a message as one that was given up: what it carries never came into the ledger. To be done while the service is down. */
function giveUp(file: string, sku: string): void {
  const atMs = Date.now();
  const location = "default";
  const event = { type: "counted", atMs, location, onHand: 6, previousOnHand: 0, reason: "count" } as const;
  const before = unknownSku(sku, "e1");
  const message: StockEventsMessage = {
    sku,
    after: { epoch: "e1", version: 0 },
    entries: [{ position: { epoch: "e1", version: 1 }, event }],
    stock: stockView(evolve(before, event), atMs),
  };
  const db = new DatabaseSync(file);
  db.prepare("INSERT INTO dead_letters (id, queue, received_at_ms, sku, body) VALUES (?, ?, ?, ?, ?)").run(
    "letter.0",
    "stock-events-dead",
    atMs,
    sku,
    JSON.stringify(message),
  );
  db.close();
}

/** About 12 s on a quiet machine. */
describe.skipIf(!hasBrowser)("upkeep in the console", () => {
  const visitor = Visitor.comes();

  it("puts a message that was given up on the queue again, and the ledger has it", async () => {
    const { page, service } = visitor;
    const listed = async () => (await service.call("GET", "/v1/skus/GIVEN-UP/ledger")).body.items.length;
    await service.stop();
    giveUp(await ledgerFile(service.dataDir), "GIVEN-UP");
    await service.start();
    expect(await listed()).toBe(0);

    await visitor.signIn();
    await visitor.goTo("#/dead-letters", "Dead letters");
    await visitor.row("GIVEN-UP").getByRole("cell", { name: "1", exact: true }).waitFor();
    await visitor.button("Replay the letter of GIVEN-UP").click();
    await visitor.told("The news of GIVEN-UP is on the queue again.");
    await page.getByText("No dead letter").waitFor();
    await eventually(async () => ((await listed()) === 1 ? true : undefined));
  });

  it("makes a key, shows it once, and revokes it", async () => {
    const { page, service } = visitor;
    await visitor.signIn();
    await visitor.goTo("#/keys", "API keys");
    await visitor.button("Make a key").click();
    await page.getByLabel("What it is for").fill("checkout");
    await page.getByLabel("stock:write").check();
    await visitor.button("Make the key").click();
    const key = (await page.locator(".once code").textContent()) ?? "";
    const current = () =>
      service.call("GET", "/v1/keys/current", undefined, { authorization: `Bearer ${key}` });
    expect((await current()).body.scopes).toEqual(["stock:read", "stock:write"]);
    await visitor.button("Close").click();
    await visitor.gone(key);

    await visitor.button("Revoke checkout").click();
    await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
    await visitor.told("checkout is revoked.");
    await visitor.row("checkout").filter({ hasText: "Revoked" }).waitFor();
    await eventually(async () => ((await current()).status === 401 ? true : undefined));
  });

  it("settles what was oversold", async () => {
    const { page, service } = visitor;
    await service.count("OVER", 1);
    const lines = [{ lineId: "1", sku: "OVER", quantity: 3 }];
    await service.call("POST", "/v1/orders", { channel: "market", orderId: "A-1", lines });
    await visitor.signIn();
    await visitor.goTo("#/oversells", "Oversells");
    await page.getByText("2 units sold that were not there").waitFor();
    await visitor.button("Settle OVER").click();
    await page.getByLabel("What happened").selectOption("cancelled");
    await page.getByLabel("Note (optional)").fill("told the buyer");
    await page.getByRole("dialog").getByRole("button", { name: "Settle" }).click();
    await visitor.told("The oversell of OVER is settled.");
    await page.getByText("Nothing is oversold").waitFor();
    await page.getByRole("link", { name: "Settled" }).click();
    await visitor.row("OVER").filter({ hasText: "cancelled" }).waitFor();
  });
});
