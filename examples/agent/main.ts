/**
 * Two shopping agents want the same last tee. Each finds it, sees that there is one, and tries to hold and buy it, at the
 * same time, over MCP against a service that this starts and removes again. One gets it; the other is told how many there are
 * now and what to do.
 *
 * Usage: npm run example:agent
 */
import { setTimeout as sleep } from "node:timers/promises";
import { StockwireClient } from "stockwire/client";
import { withEmbeddedService } from "../../src/cli/with-service.ts";
import { Shopper } from "./shopper.ts";

const sku = "TEE-BLK-M";

/** The ledger lists a new SKU within a moment. */
async function findSoon(shopper: Shopper): Promise<string> {
  for (;;) {
    const found = await shopper.find("tee, black");
    if (found !== undefined) return found;
    await sleep(100);
  }
}

const bought = await withEmbeddedService(async ({ url, key }) => {
  const shop = new StockwireClient({ url, key });
  await shop.stock.put(sku, { title: "Tee, black, M" });
  await shop.stock.count(sku, { onHand: 1, ifMatch: "*" });

  const shoppers = await Promise.all(
    ["Agent A", "Agent B"].map(async (name) => {
      const own = await shop.keys.create({ name, scopes: ["stock:hold"] });
      return Shopper.connect(url, own.key, name, (line) => console.log(line));
    }),
  );
  const results = await Promise.all(
    shoppers.map(async (shopper) => {
      const found = await findSoon(shopper);
      await shopper.check(found);
      return shopper.buyOne(found);
    }),
  );
  await Promise.all(shoppers.map((shopper) => shopper.close()));

  const { available, reserved, committed } = await shop.stock.get(sku);
  console.log(`The shop has ${available} available, ${reserved} held, ${committed} sold.`);
  return results.filter((isBought) => isBought).length;
});

console.log(bought === 1 ? "Exactly one agent got the last one." : `${bought} agents got the last one!`);
process.exitCode = bought === 1 ? 0 : 1;
