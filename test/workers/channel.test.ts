import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { Webhook } from "standardwebhooks";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { eventually } from "./eventually.ts";
import type { StockChange } from "../../src/channel/contract.ts";
import type { ChannelConfig } from "../../src/protocol/channel.ts";

/**
 * The receiver stands in for `fetch`: the requests are those the object makes inside workerd, and nothing leaves the
 * process. Real HTTP between processes is what the system tests are for.
 */
interface Request {
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}

let received: Request[] = [];
let answer: () => Promise<Response> = async () => new Response("ok");

beforeEach(() => {
  received = [];
  answer = async () => new Response("ok");
  vi.spyOn(globalThis, "fetch").mockImplementation(async (url, init) => {
    const headers = Object.fromEntries(new Headers(init?.headers));
    if (typeof url !== "string" || typeof init?.body !== "string")
      throw new Error("expected URL and body as text");
    received.push({ url, headers, body: init.body });
    return answer();
  });
});

afterEach(() => {
  vi.restoreAllMocks();
});

const config: ChannelConfig = {
  kind: "webhook",
  settings: { url: "https://shop.example/stock" },
  listings: "all",
};

function change(sku: string, version: number, available: number): StockChange {
  const level = { onHand: available, committed: 0, reserved: 0, unavailable: 0, incoming: 0 };
  const locations = [{ location: "default", ...level, available }];
  const status = available > 0 ? "in_stock" : "out_of_stock";
  const asOf = new Date().toISOString();
  return {
    stock: { sku, status, available, ...level, safetyStock: 0, locations, epoch: "k3v9", version, asOf },
  };
}

async function connect(id: string, more: Partial<ChannelConfig> = {}) {
  const channel = env.CHANNEL.getByName(id);
  const result = await channel.configure({ ...config, ...more });
  if (result.outcome === "refused") throw new Error(JSON.stringify(result.refusal));
  return { channel, signingSecret: result.channel.signingSecret ?? "" };
}

function quantities(): number[] {
  return received.map(({ body }) => (JSON.parse(body) as { data: { quantity: number } }).data.quantity);
}

async function statusOf(id: string) {
  const result = await env.CHANNEL.getByName(id).status();
  if (result.outcome === "refused") throw new Error(result.refusal.code);
  return result.status;
}

describe("ChannelObject", () => {
  it("publishes a change at once, signed with the secret that was shown once", async () => {
    const { channel, signingSecret } = await connect("signed");
    expect(await channel.submit([change("A", 1, 5)])).toEqual({ outcome: "accepted", due: 1 });
    await eventually(() => expect(received).toHaveLength(1));
    const event = new Webhook(signingSecret).verify(received[0]?.body ?? "", received[0]?.headers ?? {});
    expect(event).toMatchObject({ subject: "A", data: { channel: "signed", quantity: 5, version: 1 } });
    await eventually(async () =>
      expect(await statusOf("signed")).toMatchObject({ due: 0, breaker: "closed" }),
    );
    expect(await statusOf("signed")).toMatchObject({
      lag: { samples: 1 },
      lastSuccessAt: expect.any(String),
    });
    const again = await channel.configure(config);
    expect(again).toMatchObject({ outcome: "updated", needsBackfill: false });
    expect(JSON.stringify(again)).not.toContain("whsec_");
  });

  it("keeps what is due through an eviction and sends only the newest of it", async () => {
    const { channel } = await connect("evicted");
    answer = () => Promise.reject(new Error("unreachable"));
    await channel.submit([change("A", 1, 5)]);
    await eventually(() => expect(received).toHaveLength(1));
    await channel.submit([change("A", 2, 3)]);
    expect(await runInDurableObject(channel, (_, state) => state.storage.getAlarm())).not.toBeNull();
    await evictDurableObject(channel);
    received = [];
    answer = async () => new Response("ok");
    expect(await runDurableObjectAlarm(channel)).toBe(true);
    await eventually(() => expect(quantities()).toEqual([3]));
    await eventually(async () => expect((await statusOf("evicted")).due).toBe(0));
  });

  it("remembers after an eviction how long the last publication of each listing took, and counts none twice", async () => {
    const { channel } = await connect("lag");
    const lagMsOf = async () => {
      const result = await channel.lag();
      return result.outcome === "found" ? result.samples.map(({ lagMs }) => lagMs) : [];
    };
    const tell = async (sku: string, version: number) => {
      const told = received.length;
      await channel.submit([
        { ...change(sku, version, version), recordedAtMs: Date.now() - 1_000 * version },
      ]);
      await eventually(async () => {
        expect(received.length).toBe(told + 1);
        expect((await statusOf("lag")).due).toBe(0);
      });
    };
    await tell("A", 1);
    await tell("A", 2);
    await tell("B", 3);
    const [, ...last] = await lagMsOf();
    expect(last).toHaveLength(2);
    await evictDurableObject(channel);
    expect(await lagMsOf()).toEqual(last);
    await tell("A", 4);
    const after = await lagMsOf();
    expect(after.slice(0, 2)).toEqual(last);
    expect(after).toHaveLength(3);
    expect(await statusOf("lag")).toMatchObject({ lag: { samples: 3 } });
  });

  it("stores no secret that can be read, and still signs after an eviction", async () => {
    const { channel, signingSecret } = await connect("sealed", {
      credentials: { token: "super-secret-token" },
    });
    const stored = await runInDurableObject(channel, (_, state) =>
      JSON.stringify(state.storage.sql.exec("SELECT * FROM channel").toArray()),
    );
    expect(stored).toContain("secrets");
    expect(stored).not.toContain(signingSecret.slice("whsec_".length));
    expect(stored).not.toContain("super-secret-token");
    await evictDurableObject(channel);
    await channel.submit([change("A", 1, 5)]);
    await eventually(() => expect(received).toHaveLength(1));
    expect(
      new Webhook(signingSecret).verify(received[0]?.body ?? "", received[0]?.headers ?? {}),
    ).toBeDefined();
  });

  it("writes one row when a change is submitted and one when it is published", async () => {
    const { channel } = await connect("thrifty");
    await channel.submit([change("A", 1, 9), change("B", 1, 9)]);
    await eventually(async () => expect((await statusOf("thrifty")).due).toBe(0));

    const written = await runInDurableObject(channel, async (object, state) => {
      const rows: number[] = [];
      const exec = vi.spyOn(Object.getPrototypeOf(state.storage.sql) as SqlStorage, "exec");
      await object.submit([change("A", 2, 8), change("B", 2, 8)]);
      await eventually(async () => {
        const result = await object.status();
        expect(result).toMatchObject({ status: { due: 0 } });
      });
      for (const { type, value } of exec.mock.results) {
        if (type === "return" && value.rowsWritten > 0) rows.push(value.rowsWritten);
      }
      exec.mockRestore();
      return rows;
    });
    // Both listings in one statement on submit; publications that end together share one, else there are two of one row.
    expect(written[0]).toBe(2);
    expect(written.slice(1).reduce((total, rows) => total + rows, 0)).toBe(2);
  });

  it("parks what the channel refuses, with its words, and tries again by hand", async () => {
    const { channel } = await connect("picky");
    answer = async () => new Response("no such variant", { status: 422 });
    await channel.submit([change("A", 1, 5)]);
    await eventually(async () => expect(await statusOf("picky")).toMatchObject({ failed: 1, due: 0 }));
    expect(await channel.listings({ state: "failed", limit: 10 })).toMatchObject({
      items: [{ sku: "A", failure: { detail: "HTTP 422: no such variant" } }],
    });
    answer = async () => new Response("ok");
    expect(await channel.retry("A")).toEqual({ outcome: "accepted", due: 1 });
    await eventually(async () => expect(await statusOf("picky")).toMatchObject({ failed: 0, due: 0 }));
  });

  it("pauses when the channel is gone, and sends everything once resumed", async () => {
    const { channel } = await connect("gone");
    answer = async () => new Response("closed for good", { status: 410 });
    await channel.submit([change("A", 1, 5)]);
    await eventually(async () =>
      expect(await statusOf("gone")).toMatchObject({
        state: "paused",
        pausedBecause: "HTTP 410: closed for good",
      }),
    );
    await channel.submit([change("B", 1, 7)]);
    await evictDurableObject(channel);
    answer = async () => new Response("ok");
    received = [];
    expect(await channel.resume()).toMatchObject({ outcome: "done", channel: { state: "running" } });
    await eventually(() => expect(quantities().sort((a, b) => a - b)).toEqual([5, 7]));
  });

  it("publishes again what another rule or another URL changes", async () => {
    const { channel } = await connect("changing");
    await channel.submit([change("A", 1, 10), change("B", 1, 2)]);
    await eventually(async () => expect((await statusOf("changing")).due).toBe(0));
    received = [];
    await channel.configure({ ...config, rule: { cap: 4 } });
    await eventually(async () => expect((await statusOf("changing")).due).toBe(0));
    expect(quantities()).toEqual([4]);
    received = [];
    await channel.configure({
      ...config,
      rule: { cap: 4 },
      settings: { url: "https://other.example/stock" },
    });
    await eventually(() => expect(quantities().sort((a, b) => a - b)).toEqual([2, 4]));
    expect(received.map(({ url }) => url)).toEqual([
      "https://other.example/stock",
      "https://other.example/stock",
    ]);
  });

  it("lists pages, defines and removes listings on a channel that shows only those", async () => {
    const { channel } = await connect("listed", { listings: "listed" });
    expect(await channel.submit([change("A", 1, 5)])).toEqual({ outcome: "accepted", due: 0 });
    const { stock } = change("A", 1, 5);
    expect(await channel.putListing("A", { external: "a-1", rule: { buffer: 1 } }, stock)).toMatchObject({
      outcome: "created",
      listing: { sku: "A", state: "due", external: "a-1", wanted: { quantity: 4 } },
    });
    expect(await channel.putListing("B", {})).toMatchObject({
      outcome: "created",
      listing: { state: "unstocked" },
    });
    expect(await channel.putListing("B", {})).toMatchObject({ outcome: "updated" });
    expect(await channel.listings({ limit: 1 })).toMatchObject({ items: [{ sku: "A" }], nextAfter: "A" });
    expect(await channel.listings({ limit: 1, after: "A" })).toMatchObject({ items: [{ sku: "B" }] });
    expect(await channel.removeListing("B")).toEqual({ outcome: "removed" });
    expect(await channel.removeListing("B")).toMatchObject({ refusal: { code: "listing-not-found" } });
  });

  it("refuses what it cannot do, as a value", async () => {
    const channel = env.CHANNEL.getByName("refusing");
    const unknown = { refusal: { code: "channel-not-found" } };
    expect(await channel.submit([change("A", 1, 5)])).toMatchObject(unknown);
    expect(await channel.status()).toMatchObject(unknown);
    expect(await channel.configure({ ...config, kind: "teletext" })).toMatchObject({
      refusal: { code: "kind-unknown" },
    });
    expect(
      await channel.configure({ ...config, settings: { url: "https://u:p@shop.example" } }),
    ).toMatchObject({
      refusal: { code: "invalid", issues: [{ pointer: "/settings/url" }] },
    });
    expect(await runInDurableObject(channel, (_, state) => state.storage.sql.databaseSize)).toBeLessThan(
      5_000,
    );
  });

  it("forgets everything when it is removed, and begins anew when it is connected again", async () => {
    const { channel, signingSecret } = await connect("removed");
    await channel.submit([change("A", 1, 5)]);
    await eventually(() => expect(received).toHaveLength(1));
    expect(await channel.remove()).toEqual({ outcome: "removed" });
    expect(await channel.status()).toMatchObject({ refusal: { code: "channel-not-found" } });
    expect(await runInDurableObject(channel, (_, state) => state.storage.getAlarm())).toBeNull();
    const again = await connect("removed");
    expect(again.signingSecret).not.toBe(signingSecret);
    await channel.submit([change("A", 1, 5)]);
    await eventually(() => expect(received).toHaveLength(2));
  });
});
