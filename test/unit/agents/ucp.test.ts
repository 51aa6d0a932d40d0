import { describe, expect, it, test } from "vitest";
import { type Known, lookupAnswer, productAnswer } from "../../../src/agents/ucp/catalog.ts";
import { outcomeMessages } from "../../../src/agents/ucp/errors.ts";
import { holdAnswer } from "../../../src/agents/ucp/holds.ts";
import { lookupCapability, ownNames } from "../../../src/agents/ucp/names.ts";
import { businessProfile } from "../../../src/agents/ucp/profile.ts";
import { freshnessSchema, holdsSchema } from "../../../src/agents/ucp/schemas.ts";
import type { StockItem } from "../../../src/agents/mcp/stock-item.ts";
import { expectValid, hasSchemas, needed, ucpValidator } from "./ucp-schemas.ts";

const origin = "https://stock.example.com";
const names = ownNames(origin);
const caps = { unitsMax: 20, holdsMax: 10, ttlSecondsMax: 900, lifetimeSecondsMax: 3_600 };
const euro = (amount: number) => ({ amount, currency: "EUR" });

function item(sku: string, more: Partial<StockItem> = {}): StockItem {
  return {
    sku,
    title: `Title of ${sku}`,
    available: 12,
    status: "in_stock",
    version: 42,
    epoch: "k3v9",
    as_of: "2026-11-23T09:00:00.123Z",
    max_age_seconds: 0,
    source: "object",
    ...more,
  };
}

const tee: Known = { item: item("TEE"), price: euro(1999) };
const mug: Known = { item: item("MUG", { available: 0, status: "out_of_stock" }), price: euro(500) };
const gift: Known = { item: item("GIFT") };
const narrow = {};

const lookup = (ids: string[], known: (Known | undefined)[], narrowing: object = narrow) =>
  lookupAnswer(ids, known, narrowing, names);

describe("names of our own", () => {
  it.each([
    ["https://stock.example.com", "com.example.stock.stockwire"],
    ["https://stockwire.acme.workers.dev", "dev.workers.acme.stockwire.stockwire"],
    ["https://xn--bcher-kva.example", "example.xn--bcher-kva.stockwire"],
    ["http://127.0.0.1:8787", "localhost.stockwire"],
    ["http://localhost:8787", "localhost.stockwire"],
    ["http://[::1]:8787", "localhost.stockwire"],
  ])("of %s begin with its host in reverse, if that is a domain", (address, service) => {
    expect(ownNames(address).service).toBe(service);
  });

  it("are those of the schemas that the profile leads to, on the same host", () => {
    const { ucp } = businessProfile(origin, caps) as {
      ucp: { capabilities: Record<string, { schema: string }[]> };
    };
    const own = Object.entries(ucp.capabilities).filter(([name]) => name !== lookupCapability);
    const schemas = [freshnessSchema(origin), holdsSchema(origin)] as { $id: string; name: string }[];
    expect(own.map(([name, [entry]]) => [name, entry?.schema])).toEqual(
      schemas.map(({ name, $id }) => [name, $id]),
    );
    for (const { name, $id } of schemas) {
      const authority = new URL($id).hostname.split(".").toReversed().join(".");
      expect(name.startsWith(`${authority}.`)).toBe(true);
    }
  });
});

describe("catalog lookup", () => {
  it("answers each id once, with what can be bought and how fresh that is", () => {
    const answer = lookup(["TEE"], [tee]);
    expect(answer["products"]).toEqual([
      {
        id: "TEE",
        title: "Title of TEE",
        description: { plain: "Title of TEE" },
        price_range: { min: euro(1999), max: euro(1999) },
        variants: [
          {
            id: "TEE",
            sku: "TEE",
            title: "Title of TEE",
            description: { plain: "Title of TEE" },
            price: euro(1999),
            availability: { available: true, status: "in_stock" },
            "com.example.stock.stockwire.freshness": {
              available: 12,
              status: "in_stock",
              version: 42,
              epoch: "k3v9",
              as_of: "2026-11-23T09:00:00.123Z",
              max_age_seconds: 0,
              source: "object",
            },
            inputs: [{ id: "TEE", match: "exact" }],
          },
        ],
      },
    ]);
    expect(answer.messages).toBeUndefined();
  });

  it.each([
    [
      { available: 1, status: "low_stock" },
      { available: true, status: "in_stock" },
    ],
    [
      { available: 0, status: "backorder", backorderable: 3 },
      { available: true, status: "backorder" },
    ],
    // All that is left belongs to another channel.
    [
      { available: 0, status: "in_stock" },
      { available: false, status: "out_of_stock" },
    ],
  ] as const)("of %o says %o", (stock, availability) => {
    const [product] = lookup(["A"], [{ item: item("A", stock), price: euro(1) }])["products"] as {
      variants: { availability: object }[];
    }[];
    expect(product?.variants[0]?.availability).toEqual(availability);
  });

  it("makes no product of a SKU without a price, and answers its stock all the same", () => {
    const answer = lookup(["GIFT", "TEE"], [gift, tee]);
    expect(answer["products"]).toHaveLength(1);
    expect(answer[names.freshness]).toEqual({
      unpriced: [expect.objectContaining({ id: "GIFT", available: 12, version: 42 })],
    });
    expect(answer.messages).toMatchObject([{ type: "info", code: "price_unknown" }]);
  });

  it("says which ids are unknown", () => {
    expect(lookup(["NO", "TEE"], [undefined, tee])).toMatchObject({
      products: [{ id: "TEE" }],
      messages: [{ type: "info", code: "not_found", content: "NO" }],
    });
  });

  it("keeps to a price filter in the prices' own currency, and says when it cannot", () => {
    const filters = { price: { max: 1000 } };
    const found = (context?: object) => lookup(["TEE", "MUG"], [tee, mug], { filters, context });
    expect(found({ currency: "EUR" })).toMatchObject({ products: [{ id: "MUG" }] });
    expect(found({ currency: "EUR" }).messages).toBeUndefined();
    for (const context of [{ currency: "USD" }, undefined]) {
      expect(found(context)["products"]).toHaveLength(2);
      expect(found(context).messages).toMatchObject([{ code: "filter_ignored", path: "$.filters.price" }]);
    }
  });

  it("finds nothing in any category, and says so", () => {
    const answer = lookup(["TEE"], [tee], { filters: { categories: ["Shirts"] } });
    expect(answer).toMatchObject({ products: [], messages: [{ code: "filter_unsupported" }] });
  });
});

describe("the lookup of one product", () => {
  it.each([
    ["unknown", undefined, "not_found"],
    ["without a price", gift, "price_unknown"],
  ])("that is %s is an error in the envelope, and nothing else", (_, known, code) => {
    const answer = productAnswer("X", known, narrow, names);
    expect(Object.keys(answer)).toEqual(["ucp", "messages"]);
    expect(answer).toMatchObject({ ucp: { status: "error" }, messages: [{ type: "error", code }] });
  });

  it("without a price says how many there are", () => {
    const [message] = productAnswer("GIFT", gift, narrow, names).messages ?? [];
    expect(message?.[names.freshness]).toMatchObject({ available: 12, version: 42 });
  });
});

const view = {
  id: "rsv_VEVF.2.abc",
  status: "active" as const,
  expiresAt: "2026-11-23T09:10:00.123Z",
  lines: [{ sku: "TEE", quantity: 2, taken: [], epoch: "k3v9", version: 43 }],
};
const short = {
  slug: "insufficient-stock" as const,
  members: {
    lines: [
      { sku: "TEE", requested: 3, available: 2 },
      { sku: "MUG", requested: 1, available: 0 },
    ],
  },
};

describe("a refusal", () => {
  it("says of each line that is short which it is, and how many there are", () => {
    expect(outcomeMessages(short, ["GIFT", "TEE", "MUG"], names)).toMatchObject([
      {
        code: "insufficient_stock",
        severity: "recoverable",
        path: "$.line_items[1]",
        [names.holds]: { available: 2 },
      },
      {
        code: "out_of_stock",
        severity: "recoverable",
        path: "$.line_items[2]",
        [names.holds]: { available: 0 },
      },
    ]);
  });

  it("of a cap says the cap", () => {
    const members = { detail: "you hold 20 of 20", cap: "units", limit: 20, used: 20, requested: 1 };
    expect(outcomeMessages({ slug: "allowance-exceeded", members }, [], names)).toMatchObject([
      {
        code: "hold_limit_exceeded",
        content: "you hold 20 of 20",
        [names.holds]: { cap: "units", limit: 20 },
      },
    ]);
  });

  it("that is no outcome of business is none", () => {
    expect(outcomeMessages({ slug: "idempotency-key-reused", members: {} }, [], names)).toBeUndefined();
  });
});

describe("UCP's own schemas (2026-08-25) take", () => {
  test("the profile", ({ skip }) => {
    skip(!hasSchemas, needed);
    const validate = ucpValidator(origin);
    expectValid(validate("profile.json#/$defs/business_schema", businessProfile(origin, caps)));
    const onThisMachine = businessProfile("http://127.0.0.1:8787", caps);
    expectValid(validate("profile.json#/$defs/business_schema", onThisMachine));
  });

  test("every lookup, plain and with our extension", ({ skip }) => {
    skip(!hasSchemas, needed);
    const validate = ucpValidator(origin);
    const extended = `${freshnessId}#/$defs/${lookupCapability}/$defs`;
    for (const answer of [
      lookup(["TEE", "MUG", "GIFT", "NO"], [tee, mug, gift, undefined]),
      lookup(["NO"], [undefined]),
      lookup(["TEE"], [tee], { filters: { categories: ["x"], price: { min: 1 } } }),
    ]) {
      expectValid(validate("shopping/catalog_lookup.json#/$defs/lookup_response", answer));
      expectValid(validate(`${extended}/lookup_response`, answer));
    }
    const product = productAnswer("TEE", tee, narrow, names);
    expectValid(validate("shopping/catalog_lookup.json#/$defs/get_product_response", product));
    expectValid(validate(`${extended}/get_product_response`, product));
    for (const known of [undefined, gift]) {
      expectValid(validate("common/types/error_response.json", productAnswer("X", known, narrow, names)));
    }
  });

  test("holds and their refusals, by the schema that we serve", ({ skip }) => {
    skip(!hasSchemas, needed);
    const validate = ucpValidator(origin);
    const response = `${origin}/ucp/schemas/holds.json#/$defs/hold_response`;
    expectValid(validate(response, holdAnswer({ view, headers: {} }, names)));
    const committed = {
      ...view,
      status: "committed" as const,
      channel: "agent",
      orderId: "1",
      expiresAt: undefined,
    };
    expectValid(validate(response, holdAnswer({ view: committed, headers: {} }, names)));
    const refused = {
      ucp: { version: "2026-08-25", status: "error" },
      messages: outcomeMessages(short, [], names),
    };
    expectValid(validate(response, refused));
    expectValid(validate("common/types/error_response.json", refused));
    const request = `${origin}/ucp/schemas/holds.json#/$defs/hold_create_request`;
    const create = { line_items: [{ item: { id: "TEE" }, quantity: 2 }], expires_in_seconds: 60 };
    expectValid(validate(request, create));
    expect(validate(request, { ...create, expires_in_seconds: 0 })).not.toEqual([]);
    expect(validate(response, { ucp: { version: "2026-08-25", status: "success" } })).not.toEqual([]);
  });

  test("nothing that lacks a price: the schemas are those of the protocol", ({ skip }) => {
    skip(!hasSchemas, needed);
    const { products, ...rest } = lookup(["TEE"], [tee]);
    const [product] = products as { variants: object[] }[];
    const variants = product?.variants.map((variant) => ({ ...variant, price: undefined }));
    const broken = { ...rest, products: [{ ...product, variants }] };
    const errors = ucpValidator(origin)("shopping/catalog_lookup.json#/$defs/lookup_response", broken);
    expect(errors).not.toEqual([]);
  });
});

const freshnessId = `${origin}/ucp/schemas/freshness.json`;
