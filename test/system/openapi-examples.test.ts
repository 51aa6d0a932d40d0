import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { type Answer, eventually, Service } from "./service.ts";

type Schema = Parameters<typeof z.fromJSONSchema>[0];

interface Parameter {
  readonly in: string;
  readonly name: string;
  readonly required?: boolean;
  readonly schema?: { readonly example?: string };
}

type Content = Record<string, { readonly schema: Schema; readonly example?: object }>;

interface Operation {
  readonly method: string;
  readonly path: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Record<string, { readonly content?: Content }>;
}

interface OpenApi {
  readonly paths: Record<string, Record<string, Omit<Operation, "method" | "path">>>;
  readonly components: { readonly schemas: Record<string, Schema> };
}

/** Statuses that only a request can have that does not fit what the document asks for. */
const misfits = new Set([400, 401, 403, 405, 413, 415, 428]);

/**
 * Sockets without an upgrade, a dead letter that is not there, a time before the SKU was, news of a silent channel, and
 * what a channel shows that cannot say it.
 */
const cannotSucceed = new RegExp(
  `^(?:${[
    "426 GET .*live",
    "404 POST .*dead-letters.*",
    "404 GET .*history",
    "400 \\w+ .*inbound",
    "422 POST .*(?:reconcile|listings/import)",
    "404 GET .*(?:reconcile/\\{run\\}|/import)",
  ].join("|")})$`,
);

const key = () => ({ "idempotency-key": crypto.randomUUID() });

let service: Service;
let openApi: OpenApi;
let operations: readonly Operation[];
/** Reservations that were made on the way. */
const held: string[] = [];

/** Ids that the service makes up: no example can know them, so something is made to have one. */
const made: Record<string, () => Promise<string>> = {
  "/v1/reservations/{id}": async () => {
    const body = { lines: [{ sku: "TEE-BLK-M", quantity: 2 }], ttlSeconds: 600 };
    const { id } = (await service.call("POST", "/v1/reservations", body, key())).body;
    held.push(id);
    return id;
  },
  "/ucp/v1/holds/{id}": async () => {
    const line = { item: { id: "TEE-BLK-M" }, quantity: 2 };
    const body = { line_items: [line], expires_in_seconds: 600 };
    const { id } = (await service.call("POST", "/ucp/v1/holds", body, key())).body;
    held.push(id);
    return id;
  },
  "/v1/keys/{id}": async () =>
    (await service.call("POST", "/v1/keys", { name: "spare", scopes: ["stock:read"] })).body.id,
  "/v1/oversells/{id}": async () => {
    const lines = [{ lineId: "1", sku: "SOLD-OUT", quantity: 1 }];
    await service.call("POST", "/v1/orders", { channel: "web-shop", orderId: crypto.randomUUID(), lines });
    return eventually(async () => (await service.call("GET", "/v1/oversells?state=open")).body.items[0]?.id);
  },
  // Nothing that a caller may do makes one.
  "/v1/dead-letters/{id}": async () => "unknown",
};

beforeAll(async () => {
  service = await Service.start();
  // References are looked up where JSON Schema keeps them, not OpenAPI.
  const text = await (await fetch(`${service.url}/openapi.json`)).text();
  openApi = JSON.parse(text.replaceAll("#/components/schemas/", "#/$defs/"));
  operations = Object.entries(openApi.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      ...operation,
      method: method.toUpperCase(),
      path,
    })),
  );
  await service.count("TEE-BLK-M", 100);
  await service.count("SOLD-OUT", 0);
  await connectHere();
  await service.call("PUT", "/v1/channels/web-shop/listings/TEE-BLK-M", {});
  const lines = [{ lineId: "1", sku: "TEE-BLK-M", quantity: 3 }];
  await service.call("POST", "/v1/orders", { channel: "web-shop", orderId: "1001", lines });
  const unknown = [{ lineId: "1", sku: "NOBODY KNOWS", quantity: 1 }];
  await service.call("POST", "/v1/orders", { channel: "web-shop", orderId: "1002", lines: unknown });
});
afterAll(async () => {
  await service.remove();
});

/** Connects the channel to something that answers, as the example's address does not. */
async function connectHere(): Promise<void> {
  const settings = { url: `${service.url}/healthz` };
  await service.call("PUT", "/v1/channels/web-shop", { kind: "webhook", settings, listings: "all" });
}

/** Takes back what was promised to anybody, so that the SKU can be retired. */
async function settle(): Promise<void> {
  for (const id of held) {
    await service.call("DELETE", `/v1/reservations/${id}`, undefined, key());
    await service.call("POST", `/v1/orders/agent/${encodeURIComponent(id)}/cancel`, {}, key());
  }
  for (const order of ["1001", "1002"]) {
    await service.call("POST", `/v1/orders/web-shop/${order}/cancel`, {}, key());
  }
}

const madeFor = (path: string) => Object.entries(made).find(([prefix]) => path.startsWith(prefix))?.[1];
const isRequired = (parameter: Parameter) => parameter.in === "path" || parameter.in === "header";

function bodyExample(operation: Operation): object | undefined {
  const content = operation.requestBody?.content["application/json"];
  const name = /^#\/\$defs\/(.+)$/.exec(String(refOf(content?.schema)))?.[1];
  const schema: unknown = name === undefined ? content?.schema : openApi.components.schemas[name];
  return content?.example ?? (schema as { example?: object } | undefined)?.example;
}

function refOf(schema: Schema | undefined): string | undefined {
  return typeof schema === "object" && "$ref" in schema ? schema.$ref : undefined;
}

/** What is missing to execute an operation as its examples say. */
function missingExamples(operation: Operation): string[] {
  const { method, path, parameters = [] } = operation;
  const isMade = (parameter: Parameter) => parameter.name === "id" && madeFor(path) !== undefined;
  const names = parameters
    .filter((parameter) => (isRequired(parameter) || parameter.required) && !isMade(parameter))
    .filter((parameter) => parameter.schema?.example === undefined)
    .map((parameter) => `${parameter.in} ${parameter.name}`);
  const isBodyMissing = operation.requestBody !== undefined && bodyExample(operation) === undefined;
  return [...names, ...(isBodyMissing ? ["body"] : [])].map((what) => `${method} ${path}: ${what}`);
}

async function execute(operation: Operation): Promise<Answer> {
  const { method, path, parameters = [] } = operation;
  const id = await madeFor(path)?.();
  const query = new URLSearchParams();
  const headers: Record<string, string> = {};
  let target = path;
  for (const { in: where, name, schema } of parameters) {
    const example = name === "id" && id !== undefined ? id : schema?.example;
    if (example === undefined) continue;
    // A key is used once; its example stands for a new one each time.
    if (name === "idempotency-key") Object.assign(headers, key());
    else if (where === "header") headers[name] = example;
    else if (where === "query") query.set(name, example);
    else target = target.replace(`{${name}}`, encodeURIComponent(example));
  }
  return service.call(
    method,
    query.size > 0 ? `${target}?${query}` : target,
    bodyExample(operation),
    headers,
  );
}

/** What is wrong with an answer, according to the document. */
function faultOf(operation: Operation, answer: Answer): string | undefined {
  // A webhook channel tells nothing, whatever is sent in its name.
  const isMisfit = misfits.has(answer.status) && !operation.path.endsWith("/inbound");
  if (answer.status >= 500 || isMisfit) return JSON.stringify(answer.body);
  const documented = operation.responses[String(answer.status)];
  if (documented === undefined) return `this status is not in the document: ${JSON.stringify(answer.body)}`;
  const type = answer.headers.get("content-type")?.split(";")[0] ?? "";
  const content = documented.content?.[type];
  if (content === undefined)
    return documented.content === undefined ? undefined : `${type} is not in the document`;
  const root = { $defs: openApi.components.schemas, allOf: [content.schema] } as Schema;
  const { error } = z.fromJSONSchema(root, { registry: z.registry() }).safeParse(answer.body);
  return error && z.prettifyError(error);
}

/** Writes before reads, and what takes away last, from the inside out. */
function inOrder(a: Operation, b: Operation): number {
  const order = ["PUT", "POST", "GET", "DELETE"];
  const byMethod = order.indexOf(a.method) - order.indexOf(b.method);
  return byMethod !== 0 || a.method !== "DELETE" ? byMethod : b.path.length - a.path.length;
}

describe("the OpenAPI document", () => {
  it("has an example of every request body, path parameter and header", () => {
    expect(operations.length).toBeGreaterThan(40);
    expect(operations.flatMap(missingExamples)).toEqual([]);
  });

  it("is true: the example of every operation is answered as it says", async () => {
    const faults: string[] = [];
    const executed: string[] = [];
    for (const operation of operations.toSorted(inOrder)) {
      const { method, path } = operation;
      if (method === "DELETE" && path === "/v1/skus/{sku}") await settle();
      const answer = await execute(operation);
      if (method === "PUT" && path === "/v1/channels/{id}") await connectHere();
      if (path === "/v1/reservations" || path === "/ucp/v1/holds") held.push(answer.body.id);
      const fault = faultOf(operation, answer);
      if (fault !== undefined) faults.push(`${method} ${path} answers ${answer.status}: ${fault}`);
      executed.push(`${answer.status} ${method} ${path}`);
    }
    expect(faults).toEqual([]);
    const unsuccessful = executed.filter((line) => !line.startsWith("2"));
    expect(unsuccessful.filter((line) => !cannotSucceed.test(line))).toEqual([]);
  });
});
