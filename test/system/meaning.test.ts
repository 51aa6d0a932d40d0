import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { adminKey, Service } from "./service.ts";

let service: Service;

beforeAll(async () => {
  service = await Service.start(0, { env: { FAILURE_RATE_LIMIT: "unlimited" } });
  await service.count("SEEN", 5);
});
afterAll(() => service.remove());

/** A request letter for letter: no client in between makes it tidy. Answers what came until the service closed. */
async function raw(lines: readonly string[], body = ""): Promise<string> {
  const { hostname, port } = new URL(service.url);
  const socket = connect(Number(port), hostname);
  socket.write(`${[...lines, `host: ${hostname}`].join("\r\n")}\r\n\r\n${body}`);
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of socket) chunks.push(chunk as Buffer);
  } catch {
    // A connection that is broken off is an answer too.
  }
  return Buffer.concat(chunks).toString();
}

const statuses = (text: string) =>
  [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
const key = `authorization: Bearer ${adminKey}`;

function put(
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
  path = "/v1/skus/SEEN/levels/default",
) {
  return fetch(service.url + path, {
    method: "PUT",
    headers: {
      authorization: `Bearer ${adminKey}`,
      "content-type": "application/json",
      "idempotency-key": crypto.randomUUID(),
      "if-match": "*",
      ...headers,
    },
    body,
  });
}

const onHand = async (sku = "SEEN") =>
  (await service.call("GET", `/v1/skus/${encodeURIComponent(sku)}`)).body.onHand;

describe("a body that two readers could read differently", () => {
  it("is refused if a field stands in it twice", async () => {
    for (const body of ['{"onHand":5,"onHand":7}', '{"onHand":5,"on\\u0048and":7}']) {
      const answer = await put(body);
      expect(answer.status).toBe(400);
      expect(await answer.json()).toMatchObject({ detail: expect.stringContaining("twice") });
    }
    expect(await onHand()).toBe(5);
  });

  it("is refused if it is compressed", async () => {
    const answer = await put(gzipSync('{"onHand":7}'), { "content-encoding": "gzip" });
    expect(answer.status).toBe(415);
    expect(answer.headers.get("accept-encoding")).toBe("identity");
    expect((await put('{"onHand":7}', { "content-encoding": "br" })).status).toBe(415);
    expect((await put('{"onHand":5}', { "content-encoding": "identity" })).status).toBe(200);
  });

  it("is refused as deep as it is in the words of every protocol", async () => {
    const deep = `${'{"a":'.repeat(5_000)}1${"}".repeat(5_000)}`;
    for (const path of ["/v1/reservations", "/ucp/v1/holds", "/ucp/v1/holds/x/commit"]) {
      const sent = await fetch(service.url + path, {
        method: "POST",
        headers: {
          authorization: `Bearer ${adminKey}`,
          "content-type": "application/json",
          "idempotency-key": "d",
        },
        body: deep,
      });
      expect({ path, status: sent.status }).toEqual({ path, status: 400 });
    }
  });
});

describe("a request that a proxy could cut differently", () => {
  const smuggled = `DELETE /v1/skus/SEEN HTTP/1.1\r\n${key}\r\nidempotency-key: smuggled\r\nhost: x\r\nconnection: close\r\n\r\n`;
  const post = ["POST /v1/availability HTTP/1.1", key, "content-type: application/json"];

  it("has one length, and what is behind it is no request that changes anything", async () => {
    const second = "GET /v1/skus/SEEN HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    expect(statuses(await raw([...post, "content-length: 0"], second))).toHaveLength(2);
    const both = ["content-length: 5", "transfer-encoding: chunked"];
    const twice = ["content-length: 0", `content-length: ${smuggled.length}`];
    for (const [lengths, body] of [
      [both, `0\r\n\r\n${smuggled}`],
      [twice, smuggled],
      [["transfer-encoding: xchunked"], `0\r\n\r\n${smuggled}`],
      [["content-length: +5"], `{"a":${smuggled}`],
    ] as const) {
      const answer = await raw([...post, ...lengths], body);
      expect({ lengths, answered: statuses(answer).length }).toEqual({ lengths, answered: 1 });
    }
    expect(await onHand()).toBe(5);
  });

  it("is refused with a line break in a header", async () => {
    const folded = await raw(["GET /v1/skus/SEEN HTTP/1.1", `x-a: b\r\n ${key}`, "connection: close"]);
    expect(statuses(folded)).not.toContain(200);
  });
});

describe("a path", () => {
  it("names what it says after one decoding, and leads nowhere else", async () => {
    const reader = await service.call("POST", "/v1/keys", { name: "r", scopes: ["stock:read"] });
    const asReader = `authorization: Bearer ${reader.body.key}`;
    const get = (target: string) => raw([`GET ${target} HTTP/1.1`, asReader, "connection: close"]);
    // Dots are resolved before the table of routes is asked, so it sees the route that serves.
    for (const target of [
      "/v1/skus/../keys",
      "/v1/skus/%2e%2e/keys",
      "/v1/skus/x/../../keys",
      "//v1/keys/../keys",
    ])
      expect({ target, served: statuses(await get(target)).includes(200) }).toEqual({
        target,
        served: false,
      });
    // Encoded slashes do not part a path: these are names of SKUs, and nobody has such.
    for (const target of [
      "/v1/skus/..%2fkeys",
      "/v1/skus/..%2f..%2f..%2fetc%2fpasswd",
      "/v1/skus/%252e%252e%252fkeys",
    ])
      expect({ target, answers: statuses(await get(target)) }).toEqual({ target, answers: [404] });
    for (const target of [
      "/v1/skus/%00",
      "/v1/skus/A%00B",
      "/v1/skus/A%0d%0ax-injected:%201",
      "/v1/skus/%c0%ae%c0%ae",
      "/v1/skus/%ed%a0%80",
      "/v1/skus/%ff",
      "/v1/skus/%",
    ])
      expect({ target, answers: statuses(await get(target)) }).toEqual({ target, answers: [400] });
  });

  it("keeps SKUs apart that only look alike", async () => {
    for (const [index, sku] of ["../SEEN", "SEEN/", "seen", "%53EEN"].entries())
      expect((await service.count(sku, 10 + index)).status).toBe(200);
    expect(await onHand()).toBe(5);
    expect(await onHand("%53EEN")).toBe(13);
  });
});

it("puts nothing of a request into the headers of its answer", async () => {
  const evil = "a\r\nx-injected: 1";
  const spots = [
    service.call("POST", "/v1/orders", { channel: "web", orderId: evil, lines: [] }),
    service.call(
      "POST",
      "/v1/skus/SEEN/adjustments",
      { delta: 1, reason: "found", reference: evil, note: evil },
      { "idempotency-key": "inject-1" },
    ),
    service.call("GET", `/v1/skus/${encodeURIComponent(evil)}`),
    service.call("GET", `/v1/ledger?cursor=${encodeURIComponent(evil)}`),
    service.call("GET", `/v1/nothing/${encodeURIComponent(evil)}`),
    service.call("PATCH", `/v1/skus/${encodeURIComponent(evil)}`),
    service.call("PUT", "/v1/channels/x", { kind: evil, settings: {}, listings: "all" }),
    service.call(
      "GET",
      `/v1/channels/${encodeURIComponent(evil)}/inbound?challenge_code=${encodeURIComponent(evil)}`,
    ),
    service.call("POST", "/v1/tickets", { origins: [evil] }),
  ];
  for (const answer of await Promise.all(spots)) expect(answer.headers.get("x-injected")).toBeNull();
});
