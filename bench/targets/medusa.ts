import { Agent } from "node:http";
import { startMedusa } from "../../e2e/medusa/shop.ts";
import { ask, type Call } from "../load.ts";
import type { Target } from "./target.ts";

/** Medusa's reservation of one unit, by its admin API. */
export async function startMedusaPeer(skus: readonly string[]): Promise<Target> {
  const shop = await startMedusa(skus);
  const { url, locationId } = shop.settings as { url: string; locationId: string };
  // Not the secret API key: Medusa checks that by scrypt at every request, which costs more than the reservation.
  const headers = { authorization: `Bearer ${shop.token}` };
  const agent = new Agent({ keepAlive: true });
  const itemOf = (sku: string) => (shop.externals.get(sku) as { inventoryItemId: string }).inventoryItemId;
  const post = (path: string, body: object): Call => ({
    method: "POST",
    path,
    headers,
    body: JSON.stringify(body),
  });
  const write = async (path: string, body: object) => {
    const answer = await ask(agent, url, post(path, body));
    if (answer.status !== 200)
      throw new Error(`medusa answered ${answer.status} to its stock: ${answer.body}`);
  };
  const levelsOf = (sku: string) => `/admin/inventory-items/${itemOf(sku)}/location-levels`;
  // A new item has no level at any location, and Medusa sets the stock of a level only once it is there.
  for (const sku of skus) await write(levelsOf(sku), { location_id: locationId, stocked_quantity: 0 });
  return {
    name: "medusa",
    about: `Medusa ${shop.version}, POST /admin/reservations, one process`,
    url,
    knowsKeys: false,
    buy: (sku) =>
      post("/admin/reservations", { inventory_item_id: itemOf(sku), location_id: locationId, quantity: 1 }),
    async stock(wanted, units) {
      const reserved = await shop.allocated();
      for (const sku of wanted) {
        const path = `${levelsOf(sku)}/${locationId}`;
        await write(path, { stocked_quantity: (reserved.get(sku) ?? 0) + units });
      }
    },
    async left(sku) {
      return (await shop.available()).get(sku) ?? 0;
    },
    crash: () => shop.crash(),
    async stop() {
      agent.destroy();
      await shop.stop();
    },
  };
}
