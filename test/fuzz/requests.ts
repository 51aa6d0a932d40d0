import fc from "fast-check";
import { fitting, type JsonSchema, type Pools } from "./json-schema.ts";
import { bytesOf, nasty, shapes, spoiled, spoilings } from "./spoil.ts";

/** A request as it goes over the wire. */
export interface WireRequest {
  /** The operation it was made from. */
  readonly route: string;
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | undefined;
}

export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> };
}

interface Operation {
  readonly parameters?: readonly {
    readonly in: string;
    readonly name: string;
    readonly schema?: JsonSchema;
  }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: JsonSchema }>> };
}

/** Requests of every operation of a document, each equally often: some that fit, most with something wrong. */
export function requestsOf(document: OpenApi, pools: Pools, key: string): fc.Arbitrary<WireRequest> {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) =>
      requestOf(document, { path, method: method.toUpperCase(), ...operation }, pools, key),
    ),
  );
  return fc.oneof(...operations);
}

function requestOf(
  document: OpenApi,
  operation: Operation & { readonly path: string; readonly method: string },
  pools: Pools,
  key: string,
): fc.Arbitrary<WireRequest> {
  const { path, method, parameters = [], requestBody } = operation;
  const { schemas } = document.components;
  const values = fc.tuple(
    ...parameters.map(({ in: where, name, schema = {} }) => {
      const fit = fitting(schema, schemas, pools, name);
      const value = fc.oneof({ weight: 12, arbitrary: fit }, { weight: 1, arbitrary: nasty });
      return where === "path" ? value : fc.option(value, { nil: undefined, freq: where === "query" ? 2 : 6 });
    }),
  );
  const schema = requestBody?.content["application/json"]?.schema;
  const spoiling = fc.option(spoilings, { nil: undefined, freq: 1 });
  const body: fc.Arbitrary<Uint8Array | undefined> =
    schema === undefined
      ? fc.constant(undefined)
      : fc
          .tuple(fitting(schema, schemas, pools), spoiling, shapes)
          .map(([value, spoil, shape]) =>
            bytesOf(spoil === undefined ? value : spoiled(value, spoil), shape),
          );
  return fc.tuple(values, body, headersOf(key), oddities).map(([given, bytes, common, odd]) => {
    let target: string = path;
    const query: string[] = [];
    const headers: Record<string, string> = {
      ...common,
      ...(bytes && { "content-type": "application/json" }),
    };
    for (const [index, { in: where, name }] of parameters.entries()) {
      const value = given[index];
      if (value === undefined) continue;
      if (where === "path") target = target.replace(`{${name}}`, () => encoded(value));
      else if (where === "query") query.push(`${name}=${encoded(value)}`);
      else headers[name] = headerText(value);
    }
    const search = query.length > 0 ? `?${query.join("&")}` : "";
    const wire = { route: `${method} ${path}`, method, target: target + search, headers, body: bytes };
    return odd(wire);
  });
}

function headersOf(key: string): fc.Arbitrary<Record<string, string>> {
  return fc
    .record({
      authorization: often(fc.constant(`Bearer ${key}`), [
        fc.constantFrom("", "Bearer", "Bearer swk_nobody", "Basic YTpi", `bearer  ${key}`),
      ]),
      "idempotency-key": often(
        fc.uuid().map((id) => `"${id}"`),
        [
          fc.constantFrom("", '""', "a b", "k".repeat(300), "same-key"),
          fc.string({ maxLength: 20 }).map(headerText),
        ],
      ),
      "if-match": often(fc.constant("*"), [
        fc.constantFrom("", '"0.0"', '"k3v9.1", "k3v9.2"', "W/*", "banana"),
      ]),
      "cache-control": often(fc.constant(""), [
        fc.constantFrom("max-age=5", "max-age=-1", "no-cache", "max-age=1e9"),
      ]),
      accept: often(fc.constant("*/*"), [
        fc.constantFrom("application/ld+json", "text/event-stream", "text/html"),
      ]),
    })
    .map((headers) => Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== "")));
}

/** Mostly the usual thing. */
function often<Value>(
  usual: fc.Arbitrary<Value>,
  others: readonly fc.Arbitrary<Value>[],
): fc.Arbitrary<Value> {
  return fc.oneof({ weight: 15, arbitrary: usual }, ...others.map((arbitrary) => ({ weight: 1, arbitrary })));
}

type Change = (request: WireRequest) => WireRequest;

const withHeader =
  (name: string, value: string): Change =>
  (request) => ({ ...request, headers: { ...request.headers, [name]: value } });

/** What seldom happens to a whole request. */
const oddities: fc.Arbitrary<Change> = often<Change>(
  fc.constant((request) => request),
  [
    fc
      .constantFrom("GET", "HEAD", "OPTIONS", "PATCH", "PUT", "DELETE", "POST")
      .map((method) => (request) => ({ ...request, method })),
    fc
      .constantFrom(
        "text/plain",
        "application/json; charset=utf-16",
        "application/xml",
        "application/ld+json",
        "multipart/form-data",
      )
      .map((type) => withHeader("content-type", type)),
    fc
      .constantFrom("%", "%zz", "%ff", "%00", "/..%2f..%2f", "//", "%2e%2e/", ";x=1", "/")
      .map((tail) => (request) => ({ ...request, target: request.target + tail })),
    fc
      .constantFrom("?cursor=%00", "?limit=1e9", "?a[__proto__]=1", "?sku=", "?limit=1&limit=2")
      .map((tail) => (request) => ({ ...request, target: request.target + tail })),
    fc.constantFrom(
      withHeader("origin", "https://evil.example"),
      withHeader("upgrade", "websocket"),
      withHeader("content-encoding", "gzip"),
      withHeader("x-forwarded-for", "127.0.0.1"),
      withHeader("stockwire-has-secret-key", "true"),
      withHeader("stockwire-caller", "admin"),
      withHeader("cf-connecting-ip", "x".repeat(300)),
      withHeader("range", "bytes=0-1"),
    ),
  ],
);

function encoded(value: unknown): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "");
  return encodeURIComponent(text.toWellFormed());
}

/** What Node sends as a header: visible Latin-1. */
function headerText(value: unknown): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "");
  return text.replaceAll(/[^\t\u0020-\u007e\u0080-\u00ff]/g, "?").trim();
}
