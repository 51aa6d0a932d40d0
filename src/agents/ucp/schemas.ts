import { z } from "zod";
import { Freshness } from "./catalog.ts";
import { Hold, HoldCommit, HoldCreate, HoldExtend, HoldRelease } from "./holds.ts";
import { extensionVersion, lookupCapability, ownNames, schemaPaths, ucpVersion } from "./names.ts";

const ucp = `https://ucp.dev/${ucpVersion}/schemas`;
const lookup = (definition: string) => ({ $ref: `${ucp}/shopping/catalog_lookup.json#/$defs/${definition}` });
const dialect = "https://json-schema.org/draft/2020-12/schema";
const requires = { protocol: { min: ucpVersion } };

/** The schema of the freshness capability, composed with catalog lookup as UCP's extensions are. */
export function freshnessSchema(origin: string): object {
  const { freshness } = ownNames(origin);
  const enriched = { properties: { [freshness]: { $ref: "#/$defs/stock" } } };
  const variants = { properties: { variants: { items: enriched } } };
  return {
    $schema: dialect,
    $id: origin + schemaPaths.freshness,
    name: freshness,
    version: extensionVersion,
    title: "Stock with its freshness",
    description:
      "How many units of a variant can be held, at which version of its ledger and at which moment that was true, and how old it " +
      "may be at most. A number is no promise; a hold is.",
    requires: { ...requires, capabilities: { [lookupCapability]: { min: ucpVersion } } },
    $defs: {
      stock: jsonSchema(Freshness),
      unpriced: {
        description: "Stock of SKUs that are no products, because the seller has told no price",
        type: "array",
        items: {
          allOf: [
            { type: "object", required: ["id"], properties: { id: { type: "string" } } },
            { $ref: "#/$defs/open_stock" },
          ],
        },
      },
      open_stock: jsonSchema(z.looseObject(Freshness.shape)),
      [lookupCapability]: {
        description: `Catalog lookup with stock (extends ${lookupCapability})`,
        $defs: {
          lookup_request: lookup("lookup_request"),
          lookup_response: {
            allOf: [
              lookup("lookup_response"),
              {
                properties: {
                  products: { items: variants },
                  [freshness]: {
                    type: "object",
                    properties: { unpriced: { $ref: "#/$defs/unpriced" } },
                  },
                },
              },
            ],
          },
          get_product_request: lookup("get_product_request"),
          get_product_response: {
            allOf: [lookup("get_product_response"), { properties: { product: variants } }],
          },
        },
      },
    },
  };
}

/** The schema of the holds capability: its requests, and its answer, or UCP's own error response. */
export function holdsSchema(origin: string): object {
  const { holds } = ownNames(origin);
  return {
    $schema: dialect,
    $id: origin + schemaPaths.holds,
    name: holds,
    version: extensionVersion,
    title: "Holds",
    description:
      "Units kept for a buyer who is about to pay: POST /holds, GET /holds/{id}, POST /holds/{id}/extend, /commit and /release, " +
      "below the service's endpoint. Every POST needs an Idempotency-Key; repeated, it is answered as at first. A refusal sticks " +
      "to its key. A hold that is not committed ends by itself.",
    requires,
    $defs: {
      hold: jsonSchema(Hold),
      hold_create_request: jsonSchema(HoldCreate),
      hold_extend_request: jsonSchema(HoldExtend),
      hold_commit_request: jsonSchema(HoldCommit),
      hold_release_request: jsonSchema(HoldRelease),
      hold_response: {
        anyOf: [
          {
            allOf: [
              {
                type: "object",
                required: ["ucp"],
                properties: { ucp: { $ref: `${ucp}/ucp.json#/$defs/success` } },
              },
              { $ref: "#/$defs/hold" },
            ],
          },
          { $ref: `${ucp}/common/types/error_response.json` },
        ],
      },
    },
  };
}

/** A schema without what names it elsewhere: it becomes a part of another. */
function jsonSchema(schema: z.ZodType): object {
  const {
    $schema: _dialect,
    id: _id,
    example: _example,
    ...rest
  } = z.toJSONSchema(schema, {
    io: "input",
    // Its own registry of ids: what has one would become a reference out of this document.
    reused: "inline",
  }) as Record<string, unknown>;
  return rest;
}
