import { applyD1Migrations, createExecutionContext, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { eventually } from "./eventually.ts";
import { app } from "../../src/app.ts";
import { limits } from "../../src/protocol/limits.ts";

beforeAll(async () => {
  await applyD1Migrations(env.LEDGER, env.TEST_MIGRATIONS);
  const mutation = { type: "count", location: "default", onHand: 3 } as const;
  await env.SKU.getByName("limited").mutate([{ mutation, fingerprint: "" }]);
});

const paths = ["/v1/live", "/v1/skus/limited/live"] as const;

/** As a client opens it; what it says of itself beside its key is nobody's word. */
async function open(path: string, more: object = {}, service: Env = env): Promise<Response> {
  const headers = {
    authorization: `Bearer ${env.STOCKWIRE_ADMIN_KEY}`,
    upgrade: "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    "stockwire-caller": "somebody-else",
    ...more,
  };
  return app.fetch(
    new Request(`https://stock.example${path}`, { headers }),
    service,
    createExecutionContext(),
  );
}

async function connected(path: string) {
  const { webSocket: socket } = await open(path);
  if (socket === null) throw new Error("no socket");
  const messages: { type: string; problem?: { type: string; detail: string } }[] = [];
  const closes: number[] = [];
  socket.addEventListener("message", ({ data }) => {
    messages.push(JSON.parse(String(data)));
  });
  socket.addEventListener("close", ({ code }) => {
    closes.push(code);
  });
  socket.accept();
  const problems = () => messages.flatMap(({ problem }) => (problem === undefined ? [] : [problem]));
  return {
    socket,
    problems,
    closed: () => eventually(() => expect(closes).toHaveLength(1)).then(() => closes[0]),
  };
}

describe.each(paths)("a socket on %s", (path) => {
  it("is told what is wrong with a message that is too long, and closed", async () => {
    const { socket, problems, closed } = await connected(path);
    socket.send("x".repeat(limits.liveMessageLengthMax + 1));
    expect(await closed()).toBe(1009);
    expect(problems().at(-1)?.type).toMatch(/payload-too-large$/);
  });

  it("is told that it says too much, and closed", async () => {
    const { socket, problems, closed } = await connected(path);
    for (let index = 0; index < limits.liveMessagesBurst + 200; index += 1) socket.send("{}");
    expect(await closed()).toBe(1008);
    expect(problems().at(-1)).toMatchObject({ type: expect.stringMatching(/quota-exceeded$/) });
  });
});

it("whose a socket is, is what its key says, and an object that is full is told as a problem", async () => {
  await connected("/v1/skus/limited/live");
  const hasSocketOf = (caller: string) =>
    runInDurableObject(env.SKU.getByName("limited"), (_, state) => state.getWebSockets(caller).length > 0);
  expect(await hasSocketOf("admin")).toBe(true);
  expect(await hasSocketOf("somebody-else")).toBe(false);

  const full = { ...env, SKU: fullOf(env.SKU), FEED: fullOf(env.FEED) } as Env;
  for (const [path, more] of [
    [paths[0], {}],
    [paths[1], {}],
    ["/v1/live?sku=limited", { upgrade: "", accept: "text/event-stream" }],
  ] as const) {
    const answer = await open(path, more, full);
    expect({ path, status: answer.status }).toEqual({ path, status: 429 });
    expect(answer.headers.get("retry-after")).toBe("30");
    expect(await answer.json()).toMatchObject({ type: expect.stringMatching(/quota-exceeded$/) });
  }
});

/** Objects that have no place for another socket. */
function fullOf(namespace: object): object {
  return { ...namespace, getByName: () => ({ fetch: async () => new Response(null, { status: 429 }) }) };
}
