import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { answers, freePort, installed, Program } from "../lib/programs.ts";
import { allOf } from "../lib/pages.ts";
import type { OrderOutcome, Shop } from "../lib/shop.ts";

const version = "3.7.3";
const packages = { "@vendure/core": version, "better-sqlite3": "13.2.0" };
const administrator = { username: "superadmin", password: "superadmin" };
const stockLocationId = "1";
/** What Vendure answers at most in one page of a list. */
const pageSize = 100;

/** Installs Vendure if need be, starts it on a new database, and fills it. */
export async function startVendure(skus: readonly string[]): Promise<Shop> {
  const folder = await installed(`vendure-${version}`, packages);
  const dataDir = await mkdtemp(join(tmpdir(), "stockwire-vendure-"));
  const port = await freePort();
  const script = join(import.meta.dirname, "server.mjs");
  const program = new Program(process.execPath, [script, join(dataDir, "shop.sqlite"), String(port)], {
    cwd: folder,
  });
  const stop = async () => {
    await program.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
  try {
    const url = `http://127.0.0.1:${port}`;
    await program.ready(() => answers(`${url}/health`), 120_000);
    const admin = new GraphQl(`${url}/admin-api`);
    await logIn(admin);
    const variants = new Map<string, string>();
    for (const sku of skus) variants.set(sku, await addProduct(admin, sku));
    return {
      kind: "vendure",
      version,
      settings: { url: admin.url, stockLocationId },
      credentials: administrator,
      externals: new Map([...variants].map(([sku, variantId]) => [sku, { variantId }])),
      available: () => readLevels(admin, ({ stockOnHand, stockAllocated }) => stockOnHand - stockAllocated),
      allocated: () => readLevels(admin, ({ stockAllocated }) => stockAllocated),
      sold: () => readSold(admin),
      order: (sku, quantity) => checkOut(new GraphQl(`${url}/shop-api`), variants.get(sku) ?? "", quantity),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** One session of an API. */
class GraphQl {
  readonly url: string;
  #token: string | undefined;

  constructor(url: string) {
    this.url = url;
  }

  async ask<Data>(query: string, variables: object, schema: z.ZodType<Data>): Promise<Data> {
    const response = await fetch(this.url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...(this.#token !== undefined && { authorization: `Bearer ${this.#token}` }),
      },
      body: JSON.stringify({ query, variables }),
    });
    const token = response.headers.get("vendure-auth-token");
    if (token !== null && token !== "") this.#token = token;
    const answer = Answer.parse(await response.json());
    if (answer.errors !== undefined) throw new Error(JSON.stringify(answer.errors));
    return schema.parse(answer.data);
  }
}
const Answer = z.looseObject({ data: z.unknown(), errors: z.array(z.unknown()).optional() });

async function logIn(admin: GraphQl): Promise<void> {
  const query =
    "mutation($username:String!,$password:String!){login(username:$username,password:$password){...on CurrentUser{id}}}";
  await admin.ask(query, administrator, z.looseObject({ login: z.looseObject({ id: z.string() }) }));
}

async function addProduct(admin: GraphQl, sku: string): Promise<string> {
  const translations = [{ languageCode: "en", name: sku, slug: sku.toLowerCase(), description: "" }];
  const { createProduct: product } = await admin.ask(
    "mutation($input:CreateProductInput!){createProduct(input:$input){id}}",
    { input: { enabled: true, translations } },
    z.object({ createProduct: z.object({ id: z.string() }) }),
  );
  const input = {
    productId: product.id,
    sku,
    price: 1000,
    trackInventory: "TRUE",
    translations: [{ languageCode: "en", name: sku }],
  };
  const { createProductVariants: variants } = await admin.ask(
    "mutation($input:[CreateProductVariantInput!]!){createProductVariants(input:$input){id}}",
    { input: [input] },
    z.object({ createProductVariants: z.array(z.object({ id: z.string() })).min(1) }),
  );
  return variants[0]?.id ?? "";
}

const Level = z.object({ stockOnHand: z.int(), stockAllocated: z.int() });
const Variants = z.object({
  productVariants: z.object({
    totalItems: z.int(),
    items: z.array(z.object({ sku: z.string(), stockLevels: z.array(Level) })),
  }),
});

async function readLevels(
  admin: GraphQl,
  unitsOf: (level: z.infer<typeof Level>) => number,
): Promise<Map<string, number>> {
  const variants = await allOf(async (skip) => {
    const query = `query{productVariants(options:{take:${pageSize},skip:${skip},sort:{id:ASC}}){
      totalItems items{sku stockLevels{stockOnHand stockAllocated}}}}`;
    const { productVariants: page } = await admin.ask(query, {}, Variants);
    return { items: page.items, count: page.totalItems };
  });
  return new Map(
    variants.map(({ sku, stockLevels }) => [
      sku,
      stockLevels.reduce((units, level) => units + unitsOf(level), 0),
    ]),
  );
}

const Orders = z.object({
  orders: z.object({
    totalItems: z.int(),
    items: z.array(
      z.object({
        lines: z.array(z.object({ quantity: z.int(), productVariant: z.object({ sku: z.string() }) })),
      }),
    ),
  }),
});

async function readSold(admin: GraphQl): Promise<Map<string, number>> {
  const orders = await allOf(async (skip) => {
    const options = `filter:{orderPlacedAt:{isNull:false}},take:${pageSize},skip:${skip},sort:{id:ASC}`;
    const query = `query{orders(options:{${options}}){totalItems items{lines{quantity productVariant{sku}}}}}`;
    const { orders: page } = await admin.ask(query, {}, Orders);
    return { items: page.items, count: page.totalItems };
  });
  const sold = new Map<string, number>();
  for (const { quantity, productVariant } of orders.flatMap((order) => order.lines)) {
    sold.set(productVariant.sku, (sold.get(productVariant.sku) ?? 0) + quantity);
  }
  return sold;
}

const Result = z.looseObject({
  kind: z.string(),
  errorCode: z.string().optional(),
  state: z.string().optional(),
});
const fields = "{kind:__typename ...on ErrorResult{errorCode} ...on Order{state}}";

async function checkOut(shop: GraphQl, variantId: string, quantity: number): Promise<OrderOutcome> {
  try {
    const { added } = await shop.ask(
      `mutation($variantId:ID!,$quantity:Int!){added:addItemToOrder(productVariantId:$variantId,quantity:$quantity)${fields}}`,
      { variantId, quantity },
      z.object({ added: Result }),
    );
    // With too little stock Vendure puts in what there is, and says so: a buyer who wants all leaves.
    if (added.errorCode === "INSUFFICIENT_STOCK_ERROR") return { outcome: "refused" };
    const emailAddress = `buyer-${crypto.randomUUID()}@shop.example`;
    const { ready, paid } = await shop.ask(
      `mutation($customer:CreateCustomerInput!,$address:CreateAddressInput!){
        customer:setCustomerForOrder(input:$customer)${fields}
        address:setOrderShippingAddress(input:$address)${fields}
        shipping:setOrderShippingMethod(shippingMethodId:["1"])${fields}
        ready:transitionOrderToState(state:"ArrangingPayment")${fields}
        paid:addPaymentToOrder(input:{method:"dummy",metadata:{}})${fields}
      }`,
      {
        customer: { firstName: "A", lastName: "Buyer", emailAddress },
        address: { streetLine1: "Street 1", countryCode: "DE" },
      },
      z.looseObject({ ready: Result, paid: Result }),
    );
    if (paid.state === "PaymentSettled") return { outcome: "sold" };
    if (ready.errorCode === "ORDER_STATE_TRANSITION_ERROR") return { outcome: "refused" };
    return { outcome: "failed", detail: JSON.stringify({ ready, paid }) };
  } catch (error) {
    return { outcome: "failed", detail: String(error) };
  }
}
