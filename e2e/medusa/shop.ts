import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { answers, freePort, installed, Program, run } from "../lib/programs.ts";
import { allOf } from "../lib/pages.ts";
import { startPostgres } from "../lib/postgres.ts";
import type { OrderOutcome, Shop } from "../lib/shop.ts";
import { Api, RefusedError, thing } from "./api.ts";
import { logIn, makeSecretKey, seed, type Seeded } from "./seed.ts";

const version = "2.21.2";
const packages = {
  "@medusajs/cli": version,
  "@medusajs/framework": version,
  "@medusajs/medusa": version,
};
const administrator = { email: "admin@shop.example", password: "supersecret" };

export interface MedusaShop extends Shop {
  /** The administrator's, good for a day. */
  readonly token: string;
  /** Ends it and its database as a power cut would, and starts them again; resolves once it serves. */
  crash(): Promise<void>;
}

/** Installs Medusa if need be, starts it on a new database, and fills it. */
export async function startMedusa(skus: readonly string[]): Promise<MedusaShop> {
  const folder = await installed(`medusa-${version}`, packages);
  await copyFile(join(import.meta.dirname, "medusa-config.cjs"), join(folder, "medusa-config.js"));
  const postgres = await startPostgres();
  let server: Program | undefined;
  const stop = async () => {
    await server?.stop();
    await postgres.stop();
  };
  try {
    const env = {
      DATABASE_URL: await postgres.create("medusa"),
      MEDUSA_DISABLE_TELEMETRY: "true",
      NODE_ENV: "production",
      LOG_LEVEL: "warn",
    };
    const medusa = join(folder, "node_modules", "@medusajs", "cli", "cli.js");
    const options = { cwd: folder, env };
    console.log("making the shop's tables");
    await run(process.execPath, [medusa, "db:migrate"], options);
    const { email, password } = administrator;
    await run(process.execPath, [medusa, "user", "-e", email, "-p", password], options);
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const launch = async () => {
      const args = [medusa, "start", "-H", "127.0.0.1", "-p", String(port)];
      server = new Program(process.execPath, args, options);
      await server.ready(() => answers(`${url}/health`), 120_000);
    };
    await launch();
    const anybody = new Api(url);
    const token = await logIn(anybody, administrator);
    const secretApiKey = await makeSecretKey(anybody.with({ authorization: `Bearer ${token}` }));
    const admin = anybody.with({ authorization: `Basic ${btoa(`${secretApiKey}:`)}` });
    const seeded = await seed(admin, skus);
    const storefront = anybody.with({ "x-publishable-api-key": seeded.publishableKey });
    return {
      kind: "medusa",
      version,
      settings: { url, locationId: seeded.locationId },
      credentials: { secretApiKey },
      externals: new Map(
        [...seeded.inventoryItems].map(([sku, inventoryItemId]) => [sku, { inventoryItemId }]),
      ),
      available: () =>
        readLevels(admin, seeded.locationId, (level) => level.stocked_quantity - level.reserved_quantity),
      allocated: () => readLevels(admin, seeded.locationId, (level) => level.reserved_quantity),
      sold: () => readSold(admin),
      order: (sku, quantity) => checkOut(storefront, seeded, sku, quantity),
      token,
      async crash() {
        await server?.stop("SIGKILL");
        await postgres.crash();
        await launch();
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

const pageSize = 100;

const Level = z.looseObject({
  location_id: z.string(),
  stocked_quantity: z.number(),
  reserved_quantity: z.number(),
});
const Items = z.looseObject({
  inventory_items: z.array(z.looseObject({ sku: z.string(), location_levels: z.array(Level) })),
  count: z.int(),
});

async function readLevels(
  admin: Api,
  locationId: string,
  unitsOf: (level: z.infer<typeof Level>) => number,
): Promise<Map<string, number>> {
  const items = await allOf(async (offset) => {
    const path = `/admin/inventory-items?limit=${pageSize}&offset=${offset}&order=id&fields=id,sku,*location_levels`;
    const { inventory_items: page, count } = await admin.ask("GET", path, undefined, Items);
    return { items: page, count };
  });
  return new Map(
    items.map(({ sku, location_levels: levels }) => {
      const level = levels.find((candidate) => candidate.location_id === locationId);
      return [sku, level === undefined ? 0 : unitsOf(level)];
    }),
  );
}

const Orders = z.looseObject({
  orders: z.array(
    z.looseObject({
      payment_status: z.string(),
      items: z.array(z.looseObject({ variant_sku: z.string(), quantity: z.number() })),
    }),
  ),
  count: z.int(),
});

async function readSold(admin: Api): Promise<Map<string, number>> {
  const orders = await allOf(async (offset) => {
    const path = `/admin/orders?limit=${pageSize}&offset=${offset}&order=id&fields=id,status,items.variant_sku,items.quantity`;
    const { orders: page, count } = await admin.ask("GET", path, undefined, Orders);
    return { items: page, count };
  });
  const sold = new Map<string, number>();
  // A checkout that fails for want of stock may leave its order behind, with no payment and no reservations.
  const paid = orders.filter(({ payment_status: status }) => status !== "not_paid");
  for (const { variant_sku: sku, quantity } of paid.flatMap((order) => order.items)) {
    sold.set(sku, (sold.get(sku) ?? 0) + quantity);
  }
  return sold;
}

const address = {
  first_name: "A",
  last_name: "Buyer",
  address_1: "Street 1",
  city: "Berlin",
  country_code: "de",
  postal_code: "10115",
};
const Anything = z.looseObject({});
const Completed = z.looseObject({
  type: z.string(),
  error: z.looseObject({ message: z.string(), type: z.string().optional() }).optional(),
});

async function checkOut(store: Api, seeded: Seeded, sku: string, quantity: number): Promise<OrderOutcome> {
  try {
    const items = [{ variant_id: seeded.variants.get(sku), quantity }];
    const email = `buyer-${crypto.randomUUID()}@shop.example`;
    const wanted = { region_id: seeded.regionId, email, items, shipping_address: address };
    const { cart } = await store.ask("POST", "/store/carts", wanted, thing("cart"));
    const option = { option_id: seeded.shippingOptionId };
    await store.ask("POST", `/store/carts/${cart.id}/shipping-methods`, option, Anything);
    const collection = await store.ask(
      "POST",
      "/store/payment-collections",
      { cart_id: cart.id },
      thing("payment_collection"),
    );
    const sessions = `/store/payment-collections/${collection.payment_collection.id}/payment-sessions`;
    await store.ask("POST", sessions, { provider_id: "pp_system_default" }, Anything);
    const completed = await store.ask("POST", `/store/carts/${cart.id}/complete`, {}, Completed);
    if (completed.type === "order") return { outcome: "sold" };
    const detail = completed.error?.message ?? completed.type;
    return isShortage(detail) ? { outcome: "refused" } : { outcome: "failed", detail };
  } catch (error) {
    const detail = error instanceof RefusedError ? error.text : String(error);
    return isShortage(detail) ? { outcome: "refused" } : { outcome: "failed", detail };
  }
}

function isShortage(detail: string): boolean {
  return /insufficient_inventory|required inventory|Not enough stock/i.test(detail);
}
