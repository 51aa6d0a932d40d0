import { applyD1Migrations, createExecutionContext, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { app } from "../../src/app.ts";
import { ChannelObject } from "../../src/channel/channel-object.ts";
import { SecretBox } from "../../src/channel/secrets/box.ts";
import { ChannelStore } from "../../src/channel/store.ts";
import { vaultPurpose } from "../../src/channel/secrets/vault.ts";

/** The service under other secrets: as it was set up, while the secret is being replaced, and once it is. */
const before = env;
const during = {
  ...env,
  STOCKWIRE_SECRETS_KEY: "new secret",
  STOCKWIRE_SECRETS_KEY_PREVIOUS: env.STOCKWIRE_SECRETS_KEY,
};
const after = { ...env, STOCKWIRE_SECRETS_KEY: "new secret" };
const lost = { ...env, STOCKWIRE_SECRETS_KEY: "another secret" };

beforeAll(() => applyD1Migrations(env.LEDGER, env.TEST_MIGRATIONS));

/** What the shop was sent: headers of each request. */
let sent: Headers[];
beforeEach(() => {
  sent = [];
  vi.spyOn(globalThis, "fetch").mockImplementation(async (_url, init) => {
    sent.push(new Headers(init?.headers));
    return new Response(null, { status: 204 });
  });
});
afterEach(() => {
  vi.restoreAllMocks();
});

async function connect(id: string) {
  const stub = env.CHANNEL.getByName(id);
  const result = await stub.configure({
    kind: "acp",
    settings: { url: "https://agent.example/v1", feedId: "f" },
    listings: "listed",
    credentials: { token: "the token of the feed" },
  });
  if (result.outcome === "refused") throw new Error(JSON.stringify(result.refusal));
  await runInDurableObject(stub, async (_, state) => {
    const box = new SecretBox({ current: env.STOCKWIRE_SECRETS_KEY });
    new ChannelStore(state.storage).writeVault("t", await box.seal("kept", vaultPurpose(id, "t")));
  });
  return stub;
}

type Stub = Awaited<ReturnType<typeof connect>>;

/** The channel as an object finds it that wakes under those secrets. */
const wokenUnder = <Result>(stub: Stub, secrets: Env, look: (channel: ChannelObject) => Promise<Result>) =>
  runInDurableObject(stub, async (_, state) => {
    const channel = new ChannelObject(state, secrets);
    // Whatever comes next waits until it has read itself.
    await state.blockConcurrencyWhile(async () => undefined);
    return look(channel);
  });

const stored = (stub: Stub) =>
  runInDurableObject(stub, (_, state) => {
    const store = new ChannelStore(state.storage);
    return { secrets: store.read("secrets"), vault: store.vault() };
  });

describe("a channel whose service has another secret", () => {
  it("seals its secrets anew when it wakes, if it is told the one before", async () => {
    const stub = await connect("rotated");
    await stub.renewSigningSecret(3_600);
    const ids = await new SecretBox({ current: "new secret", previous: env.STOCKWIRE_SECRETS_KEY }).keyIds();
    const seals = await wokenUnder(stub, during, (channel) => channel.seals());
    expect(seals).toEqual({ outcome: "found", keyIds: [ids.current] });
    const tested = await wokenUnder(stub, after, (channel) => channel.test());
    expect(tested).toMatchObject({ outcome: "tested" });
    expect(sent.at(-1)?.get("authorization")).toBe("Bearer the token of the feed");
    const { vault, secrets } = await stored(stub);
    expect(secrets?.retired).toHaveLength(1);
    const box = new SecretBox({ current: "new secret" });
    expect(await box.open(vault[0]?.sealed ?? "", vaultPurpose("rotated", "t"))).toBe("kept");
    // Once it is done, waking writes nothing.
    const now = await stored(stub);
    await wokenUnder(stub, during, (channel) => channel.seals());
    expect(await stored(stub)).toEqual(now);
  });

  it("says what to do if it is not told, loses nothing, and works once it is", async () => {
    const stub = await connect("unreadable");
    const secrets = await stored(stub);
    const log = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const result = await wokenUnder(stub, lost, (channel) => channel.test());
    expect(result).toMatchObject({
      result: {
        findings: [{ isOk: false, advice: expect.stringContaining("STOCKWIRE_SECRETS_KEY_PREVIOUS") }],
      },
    });
    expect(log.mock.calls.join()).toContain("set STOCKWIRE_SECRETS_KEY_PREVIOUS to that one");
    expect(sent).toEqual([]);
    expect(await stored(stub)).toEqual(secrets);
    await wokenUnder(stub, during, (channel) => channel.test());
    expect(sent.at(-1)?.get("authorization")).toBe("Bearer the token of the feed");
  });

  it("keeps what it could not open when it is configured anew", async () => {
    const stub = await connect("configured");
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    await wokenUnder(stub, lost, async (channel) => {
      const settings = { url: "https://agent.example/v1", feedId: "other" };
      const answer = await channel.configure({ kind: "acp", settings, listings: "listed" });
      expect(answer).toMatchObject({ outcome: "updated" });
    });
    await wokenUnder(stub, before, (channel) => channel.test());
    expect(sent.at(-1)?.get("authorization")).toBe("Bearer the token of the feed");
  });
});

describe("a channel whose secret is lost", () => {
  const webhook = {
    kind: "webhook",
    settings: { url: "https://shop.example/" },
    listings: "listed",
  } as const;
  const acp = {
    kind: "acp",
    settings: { url: "https://agent.example/v1", feedId: "f" },
    listings: "listed",
  } as const;
  const signatures = () => sent.at(-1)?.get("webhook-signature")?.split(" ").length;

  beforeEach(() => {
    vi.spyOn(console, "error").mockImplementation(() => undefined);
  });

  it("signs with a new one when asked to, also when it wakes again, and with the one before if that is found", async () => {
    const stub = env.CHANNEL.getByName("lost-webhook");
    await stub.configure(webhook);
    const silent = await wokenUnder(stub, lost, (channel) => channel.test());
    expect(silent).toMatchObject({
      result: { findings: [{ advice: expect.stringContaining("/signing-secret") }] },
    });
    await wokenUnder(stub, lost, async (channel) => {
      expect(await channel.renewSigningSecret(3_600)).toMatchObject({
        outcome: "done",
        channel: { signingSecret: expect.stringMatching(/^whsec_/) },
      });
      expect(await channel.test()).toMatchObject({ result: { ok: true } });
    });
    expect(signatures()).toBe(1);
    expect(await wokenUnder(stub, lost, (channel) => channel.test())).toMatchObject({ result: { ok: true } });
    expect(signatures()).toBe(1);
    const found = { ...lost, STOCKWIRE_SECRETS_KEY_PREVIOUS: env.STOCKWIRE_SECRETS_KEY };
    await wokenUnder(stub, found, (channel) => channel.test());
    expect(signatures()).toBe(2);
  });

  it("works again with new credentials; the answer has the signing secret that came with them", async () => {
    const stub = await connect("lost-acp");
    const credentials = { token: "another token" };
    await wokenUnder(stub, lost, async (channel) => {
      expect(await channel.configure({ ...acp, credentials })).toMatchObject({
        outcome: "updated",
        channel: { signingSecret: expect.stringMatching(/^whsec_/) },
      });
      await channel.test();
    });
    expect(sent.at(-1)?.get("authorization")).toBe("Bearer another token");
    sent = [];
    await wokenUnder(stub, lost, (channel) => channel.test());
    expect(sent.at(-1)?.get("authorization")).toBe("Bearer another token");
  });

  it("keeps the new signing secret when new credentials follow it", async () => {
    const stub = await connect("lost-both");
    await wokenUnder(stub, lost, async (channel) => {
      expect(await channel.renewSigningSecret(0)).toMatchObject({ outcome: "done" });
      await channel.test();
      expect(sent).toEqual([]);
    });
    const { secrets } = await stored(stub);
    await wokenUnder(stub, lost, async (channel) => {
      const answer = await channel.configure({ ...acp, credentials: { token: "another token" } });
      expect(answer).toMatchObject({ outcome: "updated" });
      expect(answer).not.toHaveProperty("channel.signingSecret");
      await channel.test();
    });
    expect((await stored(stub)).secrets?.signingSecret).toBe(secrets?.signingSecret);
    expect(sent.at(-1)?.get("authorization")).toBe("Bearer another token");
  });
});

interface Asked {
  readonly status: number;
  readonly headers: Headers;
  // oxlint-disable-next-line typescript/no-explicit-any -- answers of several routes
  readonly body: any;
}

async function ask(
  secrets: Env,
  method: string,
  path: string,
  body?: object,
  more: object = {},
): Promise<Asked> {
  const request = new Request(`https://stock.example${path}`, {
    method,
    headers: {
      authorization: `Bearer ${env.STOCKWIRE_ADMIN_KEY}`,
      ...(body !== undefined && { "content-type": "application/json" }),
      ...more,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const response = await app.fetch(request, secrets, createExecutionContext());
  return { status: response.status, headers: response.headers, body: await response.json() };
}

async function stocked(...skus: string[]): Promise<void> {
  for (const sku of skus) {
    const mutation = { type: "count", location: "default", onHand: 10 } as const;
    await env.SKU.getByName(sku).mutate([{ mutation, fingerprint: "" }]);
  }
}

const available = async (sku: string) => (await env.SKU.getByName(sku).read())?.available;

describe("what was made under the secret before", () => {
  it("is what a retry gets of a reservation of several SKUs, also of one that was refused", async () => {
    await stocked("R1", "R2");
    const hold = (secrets: Env, key: string, quantity: number) => {
      const lines = ["R1", "R2"].map((sku) => ({ sku, quantity }));
      return ask(secrets, "POST", "/v1/reservations", { lines, ttlSeconds: 600 }, { "idempotency-key": key });
    };
    const first = await hold(before, "several", 2);
    const again = await hold(during, "several", 2);
    expect([first.status, again.status]).toEqual([201, 201]);
    expect(again.body.id).toBe(first.body.id);
    expect(again.headers.get("idempotent-replayed")).toBe("true");
    expect((await hold(before, "refused", 99)).status).toBe(409);
    expect((await hold(during, "refused", 99)).headers.get("idempotent-replayed")).toBe("true");
    expect(await available("R1")).toBe(8);
    const path = `/v1/reservations/${first.body.id}`;
    const released = await ask(after, "DELETE", path, undefined, { "idempotency-key": "over" });
    expect(released.status).toBe(200);
    expect(await available("R2")).toBe(10);
  });

  it("counts once in an agent's allowance, and is the agent's own", async () => {
    await stocked("R3", "R4");
    const { body: agent } = await ask(before, "POST", "/v1/keys", { name: "agent", scopes: ["stock:hold"] });
    const asAgent = { authorization: `Bearer ${agent.key}` };
    const { body: caller } = await ask(before, "GET", "/v1/keys/current", undefined, asAgent);
    const { ownerNameOf } = await import("../../src/allowance/address.ts");
    const allowance = env.ALLOWANCE.getByName(await ownerNameOf(caller.id));
    const hold = (secrets: Env, ...skus: string[]) => {
      const lines = skus.map((sku) => ({ sku, quantity: 1 }));
      const headers = { ...asAgent, "idempotency-key": skus.join() };
      return ask(secrets, "POST", "/v1/reservations", { lines, ttlSeconds: 60 }, headers);
    };
    for (const skus of [["R3"], ["R3", "R4"]]) {
      const first = await hold(before, ...skus);
      const again = await hold(during, ...skus);
      expect(again.body.id).toBe(first.body.id);
      const { status } = await ask(after, "GET", `/v1/reservations/${first.body.id}`, undefined, asAgent);
      expect(status).toBe(200);
    }
    expect(await allowance.use()).toMatchObject({ holds: 2, units: 3 });
    expect([await available("R3"), await available("R4")]).toEqual([8, 9]);
  });

  it("is a ticket that watches until it is over", async () => {
    // One for each: who was let in is remembered for a few seconds.
    const statusOf = async (secrets: Env, ttlSeconds: number) => {
      const { body } = await ask(before, "POST", "/v1/tickets", { ttlSeconds });
      const path = `/v1/skus/R1/live?ticket=${body.ticket}`;
      return (await ask(secrets, "GET", path, undefined, { authorization: "" })).status;
    };
    expect(await statusOf(during, 100)).toBe(426);
    expect(await statusOf(lost, 200)).toBe(401);
  });
});

it("the service says which channels still need the secret before", async () => {
  await stocked("R5");
  const body = { kind: "webhook", settings: { url: "https://shop.example/" }, listings: "listed" };
  expect((await ask(before, "PUT", "/v1/channels/waiting", body)).status).toBe(201);
  const { body: done } = await ask(before, "GET", "/v1/secrets-key");
  expect(done).toEqual({ keyId: expect.stringMatching(/^[0-9a-f]{8}$/), isDone: true, waiting: [] });
  // The objects of this test are awake under the secret before, whatever the route is told.
  const { body: open } = await ask(during, "GET", "/v1/secrets-key");
  expect(open).toMatchObject({ previousKeyId: done.keyId, isDone: false });
  expect(open.waiting).toContainEqual({ channel: "waiting", keyIds: [done.keyId] });
});
