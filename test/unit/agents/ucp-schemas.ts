import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { expect } from "vitest";
import { ucpVersion } from "../../../src/agents/ucp/names.ts";
import { freshnessSchema, holdsSchema } from "../../../src/agents/ucp/schemas.ts";

const folder = fileURLToPath(new URL("../../../../shared/data/contracts/ucp", import.meta.url));

export const hasSchemas = existsSync(folder);
export const needed = "needs the protocol's schemas in ../shared/data/contracts/ucp";

const published = `https://ucp.dev/${ucpVersion}/schemas/`;

/** UCP's own schemas under the addresses they are published at, with those that we serve at `origin`. */
export function ucpValidator(origin: string) {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  for (const file of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    if (!file.endsWith(".json")) continue;
    const schema = JSON.parse(readFileSync(join(folder, file), "utf8")) as { $id: string };
    ajv.addSchema({ ...schema, $id: published + relative(folder, join(folder, file)) });
  }
  ajv.addSchema(freshnessSchema(origin));
  ajv.addSchema(holdsSchema(origin));
  return (reference: string, value: unknown) => {
    // What JSON cannot say is not said.
    const told: unknown = JSON.parse(JSON.stringify(value));
    const isValid = ajv.compile({ $ref: reference.startsWith("https:") ? reference : published + reference });
    isValid(told);
    return isValid.errors ?? [];
  };
}

/** Fails with what is wrong. */
export function expectValid(errors: readonly object[]): void {
  expect(errors).toEqual([]);
}
