// What a program does with the published package, on the Node that runs it: argv is the service's address and a key.
import { InsufficientStockError, StockwireClient } from "stockwire/client";
import { checkHistory } from "stockwire/verify";

const [, , url, key] = process.argv;
const client = new StockwireClient({ url, key });
const sku = `SMOKE-${process.version}`;

await client.stock.count(sku, { onHand: 2, ifMatch: "*" });
const live = client.live([sku]);
const seen = [(await live.next()).value.available];
await client.stock.adjust(sku, { delta: -1, reason: "sold" });
seen.push((await live.next()).value.available);
live.close();

const refusal = await client.stock.adjust(sku, { delta: -5, reason: "sold" }).catch((error) => error);
if (!(refusal instanceof InsufficientStockError)) throw refusal;

let events = [];
while (events.length < 2) events = await client.ledger.list({ sku }).all();
const { findings, entries } = checkHistory({ calls: [] }, events);
console.log(JSON.stringify({ node: process.version, seen, short: refusal.lines, entries, findings }));
