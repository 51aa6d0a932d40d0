import { Kind, parse, validate } from "graphql";
import { describe, expect, test } from "vitest";
import { documents } from "../../../../src/channel/adapters/shopify/documents.ts";
import { apiVersions } from "../../../../src/channel/adapters/shopify/settings.ts";
import { costMax, requestedCost } from "../../../fakes/shopify/cost.ts";
import { adminApi, versions } from "../../../fakes/shopify/schema.ts";

describe("Shopify operations", () => {
  test("every version that a channel can be set to has its real schema here", () => {
    expect([...apiVersions].sort()).toEqual([...versions]);
  });

  for (const version of versions) {
    for (const { name, text } of documents) {
      test(`${name} is valid in ${version}`, () => {
        expect(validate(adminApi(version).schema, parse(text)).map(({ message }) => message)).toEqual([]);
      });

      test(`${name} costs less in ${version} than one request may`, () => {
        const ids = Array.from({ length: 100 }, (_, number) => `gid://shopify/InventoryItem/${number}`);
        // Those that read everything about items are given 50.
        const variables = { ids: name === "StockwireItems" ? ids.slice(50) : ids };
        const cost = requestedCost(adminApi(version).schema, parse(text), variables);
        expect(cost).toBeGreaterThan(0);
        expect(cost).toBeLessThanOrEqual(costMax);
      });
    }
  }

  test("the schemas are real: what no version has is not valid", () => {
    const text = "query { inventoryItems(first: 1) { nodes { stockLevel } } }";
    for (const version of versions) expect(validate(adminApi(version).schema, parse(text))).toHaveLength(1);
  });

  test("an operation has the name that its cost is remembered under", () => {
    for (const { name, text } of documents) {
      const [operation] = parse(text).definitions;
      expect(operation?.kind === Kind.OPERATION_DEFINITION && operation.name?.value).toBe(name);
    }
    expect(new Set(documents.map(({ name }) => name)).size).toBe(documents.length);
  });

  test("both mutations carry an idempotency key, which Shopify demands and the schema does not", () => {
    const mutations = documents.filter(({ text }) => text.startsWith("mutation"));
    expect(mutations.map(({ name }) => name)).toEqual(["StockwireSet", "StockwireStock"]);
    for (const { text } of mutations) expect(text).toMatch(/\) @idempotent\(key: \$key\) \{/);
  });
});
