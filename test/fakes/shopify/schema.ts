import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { buildClientSchema, type GraphQLSchema, type IntrospectionQuery } from "graphql";

export const versions = ["2026-07", "2026-10"] as const;
export type ApiVersion = (typeof versions)[number];

/** A version of the real Admin API: its schema, and which access scopes its types and fields ask for. */
export interface AdminApi {
  readonly schema: GraphQLSchema;
  /** Any of these scopes is enough; empty if none is needed. `field` absent: of the type itself. */
  readonly scopesOf: (type: string, field?: string) => readonly string[];
}

interface Fixture {
  readonly data: IntrospectionQuery;
  readonly offline_scopes: {
    readonly items: readonly {
      readonly typeName: string;
      readonly fieldName?: string;
      readonly offlineScopes: readonly string[];
    }[];
  };
}

const loaded = new Map<ApiVersion, AdminApi>();

export function adminApi(version: ApiVersion): AdminApi {
  const known = loaded.get(version);
  if (known !== undefined) return known;
  const file = new URL(`../../fixtures/shopify/admin_${version}.json.gz`, import.meta.url);
  const { data, offline_scopes } = JSON.parse(gunzipSync(readFileSync(file)).toString("utf8")) as Fixture;
  const scopes = new Map<string, readonly string[]>();
  for (const { typeName, fieldName, offlineScopes } of offline_scopes.items) {
    scopes.set(`${typeName}.${fieldName ?? ""}`, offlineScopes);
  }
  const api = {
    // It deprecates fields of types and not of their interfaces, which the library would not let pass.
    schema: buildClientSchema(data, { assumeValid: true }),
    scopesOf: (type: string, field = "") => scopes.get(`${type}.${field}`) ?? [],
  };
  loaded.set(version, api);
  return api;
}
