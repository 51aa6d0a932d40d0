import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { ServiceProblem, ServiceTransport } from "../../../src/cli/service-transport.ts";

let server: Server;
let transport: ServiceTransport;
let seen: { key: unknown; authorization: unknown }[];
/** What the server does with each request in turn; the last one goes for all that follow. */
let script: readonly ("drop" | { status: number; body: object })[];

beforeEach(async () => {
  seen = [];
  server = createServer((request, response) => {
    const { headers } = request;
    const step = script[Math.min(seen.length, script.length - 1)] ?? "drop";
    seen.push({ key: headers["idempotency-key"], authorization: headers.authorization });
    if (step === "drop") request.socket.destroy();
    else response.writeHead(step.status).end(JSON.stringify(step.body));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("not listening");
  transport = new ServiceTransport(`http://127.0.0.1:${address.port}/`, "swk_test");
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const order = {
  method: "POST",
  path: "/v1/orders",
  body: {},
  idempotencyKey: "key-1",
  answer: z.object({ ok: z.boolean() }),
} as const;

test("a lost connection and a 5xx are tried again with the same key", async () => {
  script = ["drop", { status: 503, body: {} }, { status: 201, body: { ok: true } }];
  const answered = await transport.send(order);
  expect(answered).toMatchObject({ status: 201, body: { ok: true } });
  expect(answered.answeredAtMs).toBeGreaterThan(answered.sentAtMs);
  expect(seen).toEqual(Array.from({ length: 3 }, () => ({ key: "key-1", authorization: "Bearer swk_test" })));
  expect(transport.attempts).toBe(3);
});

test("a refusal is not tried again, and says which problem it is", async () => {
  const type = "https://stockwire.dev/problems/insufficient-stock";
  script = [
    { status: 409, body: { type, title: "There is not enough stock", detail: "5 requested, 3 available" } },
  ];
  const refused = await transport.send(order).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(ServiceProblem);
  expect(refused).toMatchObject({ status: 409, slug: "insufficient-stock" });
  expect(seen).toHaveLength(1);
});

test("an answer that does not fit the contract is a failure", async () => {
  script = [{ status: 201, body: { ok: "perhaps" } }];
  await expect(transport.send(order)).rejects.toThrow(/unexpected answer/);
});
