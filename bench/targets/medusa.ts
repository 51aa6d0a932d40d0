import { startMedusa } from "../../e2e/medusa/shop.ts";
import type { Call } from "../load.ts";
import { Agent } from "node:http";
import { ask } from "../load.ts";
import type { Target } from "./target.ts";

/** Medusa's reservation of one unit, by its admin API; it knows no idempotency keys. */
export async function startMedusaPeer(skus: readonly string[]): Promise<Target> {
  const shop = await startMedusa(skus);
  const { url, locationId } = shop.settings as { url: string; locationId: string };
  const { secretApiKey } = shop.credentials as { secretApiKey: string };
  const headers = { authorization: `Basic ${btoa(`${secretApiKey}:`)}` };
  const agent = new Agent({ keepAlive: true });
  const itemOf = (sku: string) =>
    (shop.externals.get(sku) as { inventoryItemId: string } | undefined)?.inventoryItemId ?? "";
  const post = (path: string, body: object): Call => ({
    method: "POST",
    path,
    headers,
    body: JSON.stringify(body),
  });
  return {
    name: "medusa",
    about: `Medusa ${shop.version}, POST /admin/reservations, one process`,
    url,
    buy: (sku) =>
      post("/admin/reservations", { inventory_item_id: itemOf(sku), location_id: locationId, quantity: 1 }),
    async stock(wanted, units) {
      const reserved = await shop.allocated();
      for (const sku of wanted) {
        const path = `/admin/inventory-items/${itemOf(sku)}/location-levels/${locationId}`;
        const { status } = await ask(
          agent,
          url,
          post(path, { stocked_quantity: (reserved.get(sku) ?? 0) + units }),
        );
        if (status !== 200 && status !== 201) throw new Error(`medusa answered ${status} to its stock`);
      }
    },
    async left(sku) {
      return (await shop.available()).get(sku) ?? 0;
    },
    async stop() {
      agent.destroy();
      await shop.stop();
    },
  };
}
