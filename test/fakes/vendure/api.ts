import { type DocumentNode, execute, GraphQLError, parse, validate } from "graphql";
import { schema } from "./schema.ts";
import type { FakeOrder, FakeVariant, VendureShop } from "./shop.ts";

export const url = "https://vendure.example/admin-api";
export const apiKey = "0123456789abcdef01234567:a-key-of-the-shop";
export const administrator = { username: "stock@shop.example", password: "a password" };

interface Options {
  readonly skip?: number;
  readonly take?: number;
}
interface Filtered<Filter> extends Options {
  readonly filter?: Filter;
  readonly sort?: Readonly<Record<string, "ASC" | "DESC">>;
}
interface Matches {
  readonly in?: readonly string[];
}

/** The Admin API of a shop: sessions, keys, permissions, and what it answers when it is in trouble. */
export class VendureApi {
  logins = 0;
  /** The queries that came, logins left out. */
  readonly queries: string[] = [];
  /** Permissions of the role; all that is needed, unless a test takes one away. */
  readonly permissions = new Set(["ReadCatalog", "UpdateCatalog", "ReadOrder", "ReadStockLocation"]);
  /** Answers with this instead, once for each. */
  readonly troubles: Response[] = [];
  /** Variants that cannot be updated. */
  readonly broken = new Set<string>();
  givesTokens = true;
  readonly #shop: VendureShop;
  readonly #tokens = new Set<string>();

  constructor(shop: VendureShop) {
    this.#shop = shop;
  }

  endSessions(): void {
    this.#tokens.clear();
  }

  readonly fetch = async (address: string, init: RequestInit): Promise<Response> => {
    const trouble = this.troubles.shift();
    if (trouble !== undefined) return trouble;
    if (address !== url)
      return Response.json({ statusCode: 404, message: `Cannot POST ${address}` }, { status: 404 });
    const headers = new Headers(init.headers);
    if (init.method !== "POST" || headers.get("content-type") !== "application/json") {
      return Response.json({ errors: [{ message: "This operation has been blocked" }] }, { status: 400 });
    }
    if (typeof init.body !== "string") throw new Error("expected a text body");
    const { query, variables } = JSON.parse(init.body) as {
      query: string;
      variables: Record<string, unknown>;
    };
    const checked = check(query);
    if (checked.faults.length > 0) {
      const errors = checked.faults.map(({ message }) => ({
        message,
        extensions: { code: "GRAPHQL_VALIDATION_FAILED" },
      }));
      return Response.json({ errors }, { status: 400 });
    }
    const isLogin = query.includes("login(");
    if (!isLogin) this.queries.push(query);
    let token: string | undefined;
    const result = await execute({
      schema,
      document: checked.document,
      variableValues: variables,
      rootValue: this.#root(this.#isKnown(headers), (newToken) => {
        token = newToken;
      }),
    });
    const errors = result.errors?.map(({ message, extensions }) => ({ message, extensions }));
    return Response.json(
      { ...(errors !== undefined && { errors }), data: result.data ?? null },
      { headers: token === undefined ? {} : { "vendure-auth-token": token } },
    );
  };

  #isKnown(headers: Headers): boolean {
    const token = /^Bearer (.+)$/.exec(headers.get("authorization") ?? "")?.[1];
    return headers.get("vendure-api-key") === apiKey || (token !== undefined && this.#tokens.has(token));
  }

  #root(isKnown: boolean, setToken: (token: string) => void) {
    const may = (permission: string) => {
      if (isKnown && this.permissions.has(permission)) return;
      throw failure("You are not currently authorized to perform this action", "FORBIDDEN");
    };
    return {
      login: ({ username, password }: { username: string; password: string }) => {
        if (username !== administrator.username || password !== administrator.password) {
          const message = "The provided credentials are invalid";
          return { __typename: "InvalidCredentialsError", errorCode: "INVALID_CREDENTIALS_ERROR", message };
        }
        this.logins += 1;
        const token = `session-${this.logins}`;
        this.#tokens.add(token);
        if (this.givesTokens) setToken(token);
        return { __typename: "CurrentUser", id: "1", identifier: username };
      },
      globalSettings: () => {
        if (!isKnown) throw failure("You are not currently authorized to perform this action", "FORBIDDEN");
        return this.#shop.settings;
      },
      stockLocations: () => {
        may("ReadStockLocation");
        return { items: this.#shop.locations, totalItems: this.#shop.locations.length };
      },
      productVariants: ({ options = {} }: { options?: Filtered<{ id?: Matches; sku?: Matches }> }) => {
        may("ReadCatalog");
        const { id, sku } = options.filter ?? {};
        const found = this.#shop.variants.filter(
          (variant) => (id?.in?.includes(variant.id) ?? true) && (sku?.in?.includes(variant.sku) ?? true),
        );
        return { items: paged(found, options).map(variantView), totalItems: found.length };
      },
      orders: ({
        options = {},
      }: {
        options?: Filtered<{ updatedAt?: { after?: string }; orderPlacedAt?: { isNull?: boolean } }>;
      }) => {
        may("ReadOrder");
        const { updatedAt, orderPlacedAt } = options.filter ?? {};
        const afterMs =
          updatedAt?.after === undefined ? Number.NEGATIVE_INFINITY : Date.parse(updatedAt.after);
        const found = this.#shop.orders
          .filter(({ placedAtMs }) => orderPlacedAt?.isNull !== false || placedAtMs !== undefined)
          .filter(({ updatedAtMs }) => wholeSeconds(updatedAtMs) > afterMs)
          .sort((a, b) => wholeSeconds(a.updatedAtMs) - wholeSeconds(b.updatedAtMs));
        if (options.sort?.["updatedAt"] === "DESC") found.reverse();
        return { items: paged(found, options).map(orderView), totalItems: found.length };
      },
      updateProductVariants: ({ input }: { input: readonly UpdateInput[] }) => {
        may("UpdateCatalog");
        return this.#update(input);
      },
    };
  }

  /** All or nothing, as one transaction. */
  #update(input: readonly UpdateInput[]) {
    const variants = input.map(({ id }) => {
      const variant = this.#shop.variants.find((candidate) => candidate.id === id);
      if (variant === undefined) {
        throw failure(`No ProductVariant with the id "${id}" could be found`, "ENTITY_NOT_FOUND");
      }
      if (this.broken.has(id)) throw failure(`Variant ${id} is locked by a plugin`, "USER_INPUT_ERROR");
      return variant;
    });
    for (const [index, { stockLevels = [] }] of input.entries()) {
      const variant = variants[index];
      for (const { stockLocationId, stockOnHand } of stockLevels) {
        if (!this.#shop.locations.some(({ id }) => id === stockLocationId)) {
          throw failure("FOREIGN KEY constraint failed", undefined);
        }
        if (variant !== undefined) this.#shop.setOnHand(variant, stockLocationId, stockOnHand);
      }
    }
    return variants.map(variantView);
  }
}

/** Queries that were checked before: the same few come again and again. */
const known = new Map<
  string,
  { readonly document: DocumentNode; readonly faults: readonly GraphQLError[] }
>();

function check(query: string) {
  const before = known.get(query);
  if (before !== undefined) return before;
  const document = parse(query);
  const checked = { document, faults: validate(schema, document) };
  known.set(query, checked);
  return checked;
}

interface UpdateInput {
  readonly id: string;
  readonly stockLevels?: readonly { readonly stockLocationId: string; readonly stockOnHand: number }[];
}

function paged<Item>(items: readonly Item[], { skip = 0, take = 1000 }: Options): Item[] {
  if (take > 1000) throw failure("Cannot take more than 1000 results", "USER_INPUT_ERROR");
  return items.slice(skip, skip + take);
}

function variantView(variant: FakeVariant) {
  const stockLevels = [...variant.levels].map(([stockLocationId, level]) => ({
    id: `${variant.id}-${stockLocationId}`,
    updatedAt: new Date(level.updatedAtMs).toISOString(),
    stockLocationId,
    stockOnHand: level.onHand,
    stockAllocated: level.allocated,
  }));
  return { ...variant, stockLevels };
}

function orderView(order: FakeOrder) {
  return {
    ...order,
    updatedAt: new Date(wholeSeconds(order.updatedAtMs)).toISOString(),
    orderPlacedAt: order.placedAtMs === undefined ? null : new Date(order.placedAtMs).toISOString(),
    lines: order.lines.map((line) => ({ ...line, productVariant: variantView(line.variant) })),
    history: ({ options = {} }: { options?: Filtered<{ type?: Matches }> }) => {
      const found = order.history.filter(({ type }) => options.filter?.type?.in?.includes(type) ?? true);
      const items = paged(found, options).map((entry) => ({
        ...entry,
        createdAt: new Date(wholeSeconds(entry.createdAtMs)).toISOString(),
      }));
      return { items, totalItems: found.length };
    },
  };
}

/** With SQLite, Vendure keeps the times of changes without their milliseconds. */
function wholeSeconds(atMs: number): number {
  return Math.floor(atMs / 1000) * 1000;
}

function failure(message: string, code: string | undefined): GraphQLError {
  return new GraphQLError(message, code === undefined ? {} : { extensions: { code } });
}
