import {
  type DocumentNode,
  execute,
  getNamedType,
  GraphQLError,
  isObjectType,
  Kind,
  parse,
  TypeInfo,
  validate,
  visit,
  visitWithTypeInfo,
} from "graphql";
import { actualCost, costMax, requestedCost } from "./cost.ts";
import { type AdminApi, adminApi, type ApiVersion } from "./schema.ts";

/** A request as it stands in the body. */
export interface GraphqlRequest {
  readonly query: string;
  readonly operationName?: string | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | undefined;
}

/** The shop's GraphQL endpoint: the real schema, access scopes, and a bucket of points. */
export class Admin {
  /** Scopes that the app has; a scope to write includes the one to read. */
  scopes = new Set(["write_inventory", "read_products", "read_orders", "read_locations"]);
  maximumAvailable = 2_000;
  restoreRate = 100;
  /** Operations that were carried out, by name. */
  readonly operations: string[] = [];
  readonly costs = new Map<string, number>();
  #available = this.maximumAvailable;
  #filledAtMs: number;
  readonly #root: object;
  readonly #now: () => number;

  constructor(root: object, now: () => number) {
    this.#root = root;
    this.#now = now;
    this.#filledAtMs = now();
  }

  /** Leaves so many points in the bucket. */
  drainTo(points: number): void {
    this.#refill();
    this.#available = points;
  }

  async answer(
    version: ApiVersion,
    { query, operationName, variables = {} }: GraphqlRequest,
  ): Promise<object> {
    const api = adminApi(version);
    const document = parse(query);
    const errors = validate(api.schema, document);
    if (errors.length > 0) return { errors: errors.map((error) => error.toJSON()) };
    const denied = this.#denied(api, document);
    if (denied !== undefined) return { data: null, errors: [denied] };
    const requested = requestedCost(api.schema, document, variables);
    this.#refill();
    if (requested > costMax) return { errors: [tooCostly(requested)], ...this.#cost(requested, null) };
    if (requested > this.#available) {
      const message = { message: "Throttled", extensions: { code: "THROTTLED" } };
      return { errors: [message], ...this.#cost(requested, null) };
    }
    const name = operationName ?? "anonymous";
    this.operations.push(name);
    this.costs.set(name, requested);
    const result = await execute({
      schema: api.schema,
      document,
      rootValue: this.#root,
      variableValues: variables,
      operationName,
    });
    const isMutation = document.definitions.some(
      (definition) => definition.kind === Kind.OPERATION_DEFINITION && definition.operation === "mutation",
    );
    const actual = actualCost(result.data, isMutation);
    this.#available -= actual;
    return { ...result, ...this.#cost(requested, actual) };
  }

  #cost(requestedQueryCost: number, actualQueryCost: number | null): object {
    const { maximumAvailable, restoreRate } = this;
    const throttleStatus = { maximumAvailable, currentlyAvailable: this.#available, restoreRate };
    return { extensions: { cost: { requestedQueryCost, actualQueryCost, throttleStatus } } };
  }

  #refill(): void {
    const restored = ((this.#now() - this.#filledAtMs) / 1000) * this.restoreRate;
    this.#available = Math.min(this.maximumAvailable, this.#available + restored);
    this.#filledAtMs = this.#now();
  }

  /** The first thing asked for that the app may not see or do. */
  #denied({ schema, scopesOf }: AdminApi, document: DocumentNode): object | undefined {
    const info = new TypeInfo(schema);
    let denied: object | undefined;
    const check = (name: string, needed: readonly string[]) => {
      const isAllowed = needed.length === 0 || needed.some((scope) => this.#has(scope));
      if (isAllowed || denied !== undefined) return;
      const access = needed.map((scope) => `\`${scope}\``).join(" or ");
      const message = `Access denied for ${name} field. Required access: ${access} access scope.`;
      denied = { message, extensions: { code: "ACCESS_DENIED" }, path: [name] };
    };
    const field = () => {
      const type = getNamedType(info.getType());
      const parent = info.getParentType();
      const definition = info.getFieldDef();
      if (parent && definition) check(definition.name, scopesOf(parent.name, definition.name));
      if (isObjectType(type)) check(definition?.name ?? type.name, scopesOf(type.name));
      // Fields of a node that is only known by a fragment.
      if (isObjectType(parent)) check(parent.name, scopesOf(parent.name));
    };
    visit(document, visitWithTypeInfo(info, { Field: field }));
    return denied;
  }

  #has(scope: string): boolean {
    return this.scopes.has(scope) || this.scopes.has(scope.replace(/^read_/, "write_"));
  }
}

function tooCostly(cost: number): object {
  const message = `Query cost is ${cost}, which exceeds the single query max cost limit (${costMax}).`;
  return new GraphQLError(message, { extensions: { code: "MAX_COST_EXCEEDED", cost } }).toJSON();
}
