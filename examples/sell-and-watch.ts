import { StockwireClient } from "stockwire/client";

/** Sells all units of a SKU one by one while it watches what is left; the service may be restarted meanwhile. */
const { STOCKWIRE_URL = "http://127.0.0.1:8787", STOCKWIRE_KEY, UNITS = "200" } = process.env;
const client = new StockwireClient({ url: STOCKWIRE_URL, key: STOCKWIRE_KEY });
const sku = "EXAMPLE-TEE";

await client.stock.count(sku, { onHand: Number(UNITS), ifMatch: "*" });
const watching = watch();
for (let sale = 1; sale <= Number(UNITS); sale += 1) {
  await client.stock.adjust(sku, { delta: -1, reason: "sold", reference: `sale-${sale}` });
}
await watching;

async function watch(): Promise<void> {
  for await (const { available } of client.live([sku])) {
    console.log(`${available} left`);
    if (available === 0) return;
  }
}
