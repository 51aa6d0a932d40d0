import { existsSync, readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { describe, expect, test } from "vitest";
import { AcpWorld, publication, soldOut } from "./acp-world.ts";

const file = new URL("../../../../../shared/data/contracts/acp/schema.feed-2026-04-17.json", import.meta.url);
const hasData = existsSync(file);

describe("the schema of the Agentic Commerce Protocol's feed (2026-04-17)", () => {
  test.for(["products", "fields"])(
    "takes what an agent that replaces %s is sent",
    async (upserts, { skip }) => {
      skip(!hasData, "needs the protocol's schemas in ../shared/data/contracts/acp");
      const schema = JSON.parse(readFileSync(file, "utf8")) as { $id: string };
      const ajv = new Ajv2020({ strict: false, allErrors: true });
      addFormats.default(ajv);
      ajv.addSchema(schema);
      const isUpsert = ajv.compile({ $ref: `${schema.$id}#/$defs/UpsertProductsRequest` });
      const world = new AcpWorld({ upserts });
      await world.publish(soldOut("TEE-S"), publication({ sku: "TEE-M", quantity: 1, status: "low_stock" }));
      await world.publish(publication({ sku: "MUG", quantity: 0, status: "backorder" }));
      expect(world.feed.upserts).toHaveLength(2);
      for (const { body } of world.feed.upserts) {
        isUpsert(body);
        expect(isUpsert.errors).toBeNull();
      }
      expect(isUpsert({ products: [{ id: "p" }] })).toBe(false);
    },
  );
});
