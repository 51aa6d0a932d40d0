import {
  applyD1Migrations,
  createScheduledController,
  evictDurableObject,
  runInDurableObject,
} from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { eventually } from "./eventually.ts";
import worker from "../../src/worker.ts";
import { registerChannel } from "../../src/ledger/channels.ts";
import type { ChannelConfig } from "../../src/protocol/channel.ts";
import { Catalogue, productJson } from "../fakes/woocommerce/catalogue.ts";

/** The products of a WooCommerce shop, as far as they are read and written here; the whole shop needs Node. */
let catalogue: Catalogue;

beforeAll(() => applyD1Migrations(env.LEDGER, env.TEST_MIGRATIONS));

beforeEach(() => {
  catalogue = new Catalogue();
  vi.spyOn(globalThis, "fetch").mockImplementation(async (url, init) => {
    if (typeof url !== "string") throw new Error("expected a URL as text");
    return answer(new URL(url), init?.body);
  });
});

afterEach(() => {
  vi.restoreAllMocks();
});

function answer(url: URL, body: unknown): Response {
  if (url.pathname.endsWith("/products/batch")) {
    if (typeof body !== "string") throw new Error("expected a batch");
    const { update } = JSON.parse(body) as { update: { id: number; stock_quantity: number }[] };
    for (const { id, stock_quantity: stock } of update)
      Object.assign(catalogue.get(id), { stock, modifiedAtMs: Date.now() });
    return Response.json({ update: update.map(({ id }) => productJson(catalogue.get(id))) });
  }
  if (!url.pathname.endsWith("/products")) return Response.json([]);
  const include = url.searchParams.get("include")?.split(",").map(Number);
  const all = [...catalogue.products.values()];
  const found = all.filter(({ id }) => include === undefined || include.includes(id));
  return Response.json(found.map(productJson));
}

const config = {
  kind: "woocommerce",
  settings: { url: "https://shop.example" },
  listings: "listed",
  credentials: { consumerKey: `ck_${"a".repeat(40)}`, consumerSecret: `cs_${"b".repeat(40)}` },
} satisfies ChannelConfig;

async function connect(id: string, more: Partial<ChannelConfig> = {}) {
  const channel = env.CHANNEL.getByName(id);
  const result = await channel.configure({ ...config, ...more });
  if (result.outcome === "refused") throw new Error(JSON.stringify(result.refusal));
  return channel;
}

/** A SKU with stock, on the shop and listed. */
async function listed(id: string, sku: string, onHand: number): Promise<number> {
  const { id: product } = catalogue.add({ sku, stock: 0 }, Date.now());
  const count = { type: "count", location: "default", onHand } as const;
  await env.SKU.getByName(sku).mutate([{ mutation: count, fingerprint: "" }]);
  const stock = await env.SKU.getByName(sku).read();
  await env.CHANNEL.getByName(id).putListing(sku, { external: String(product) }, stock);
  await eventually(() => expect(catalogue.get(product).stock).toBe(onHand));
  await eventually(async () => expect(await statusOf(id)).toMatchObject({ due: 0 }));
  return product;
}

async function statusOf(id: string) {
  const result = await env.CHANNEL.getByName(id).status();
  if (result.outcome === "refused") throw new Error(result.refusal.code);
  return result.status;
}

/** The channel was told an hour ago, as far as it remembers, and the product was edited then or later. */
async function longAgo(id: string, product: number, stock: number, editedAgoMs = 1_800_000): Promise<void> {
  const channel = env.CHANNEL.getByName(id);
  await runInDurableObject(channel, (_, state) => {
    state.storage.sql.exec(
      "UPDATE listings SET listing = json_set(listing, '$.published.atMs', ?)",
      Date.now() - 3_600_000,
    );
  });
  Object.assign(catalogue.get(product), { stock, modifiedAtMs: Date.now() - editedAgoMs });
  await evictDurableObject(channel);
}

async function reconciled(id: string) {
  const channel = env.CHANNEL.getByName(id);
  const begun = await channel.reconcile();
  if (begun.outcome === "refused") throw new Error(JSON.stringify(begun.refusal));
  return eventually(async () => {
    const result = await channel.reconciliation(begun.run.id);
    if (result.outcome === "refused") throw new Error(result.refusal.code);
    expect(result.report.state).toBe("done");
    return result.report;
  });
}

describe("ChannelObject, comparing", () => {
  it("tells the channel our number again where somebody typed another one", async () => {
    await connect("edited");
    const product = await listed("edited", "EDITED", 5);
    await longAgo("edited", product, 9);
    const report = await reconciled("edited");
    expect(report).toMatchObject({
      counts: { edited_there: 1 },
      entries: [{ sku: "EDITED", ours: 5, theirs: 9, action: "published_again" }],
    });
    await eventually(() => expect(catalogue.get(product).stock).toBe(5));
    expect(await statusOf("edited")).toMatchObject({
      drift: { policy: "stockwire", open: 1 },
      lastReconciliation: { id: report.id, state: "done" },
      abilities: { canRead: true },
    });
  });

  it("corrects the stock to the channel's number, in the ledger under the run's name, where that one counts", async () => {
    await connect("theirs", { drift: "channel" });
    const product = await listed("theirs", "THEIRS", 5);
    await longAgo("theirs", product, 9);
    const report = await reconciled("theirs");
    expect(report.entries).toMatchObject([{ action: "corrected", theirs: 9 }]);
    const stock = await env.SKU.getByName("THEIRS").read();
    expect(stock).toMatchObject({ available: 9, version: 2 });
    const rows = await runInDurableObject(env.SKU.getByName("THEIRS"), (_, state) =>
      state.storage.sql.exec<{ event: string }>("SELECT event FROM ledger ORDER BY version").toArray(),
    );
    expect(JSON.parse(rows.at(-1)?.event ?? "{}")).toMatchObject({
      type: "adjusted",
      delta: 4,
      reason: "correction",
      reference: `reconcile/theirs/${report.id}`,
    });
  });

  it("does not correct a stock that has moved on since it was told", async () => {
    await connect("moved", { drift: "channel" });
    const product = await listed("moved", "MOVED", 5);
    await longAgo("moved", product, 9);
    const sold = { type: "adjust", location: "default", delta: -1, reason: "sold" } as const;
    await env.SKU.getByName("MOVED").mutate([{ mutation: sold, fingerprint: "", isHandedOver: true }]);
    const report = await reconciled("moved");
    expect(report.entries).toMatchObject([
      { action: "none", reason: expect.stringMatching(/changed meanwhile/) },
    ]);
    expect(await env.SKU.getByName("MOVED").read()).toMatchObject({ available: 4 });
  });

  it("begins by schedule for every channel that can be read, each in its own minute", async () => {
    await connect("hourly");
    await env.CHANNEL.getByName("only-told").configure({
      kind: "webhook",
      settings: { url: "https://shop.example/stock" },
      listings: "listed",
    });
    await registerChannel(env.LEDGER, "hourly", "woocommerce", 0);
    await registerChannel(env.LEDGER, "only-told", "webhook", 0);
    const scheduledTime = Date.now();
    await worker.scheduled(createScheduledController({ scheduledTime }), env);
    const drift = await env.CHANNEL.getByName("hourly").drift();
    if (drift.outcome === "refused") throw new Error(drift.refusal.code);
    const [run] = drift.drift.runs;
    expect(run).toMatchObject({ startedBy: "schedule" });
    const startMs = Date.parse(run?.startAt ?? "") - scheduledTime;
    expect(startMs).toBeGreaterThanOrEqual(0);
    expect(startMs).toBeLessThan(3_600_000);
    const other = await env.CHANNEL.getByName("only-told").drift();
    expect(other).toMatchObject({ drift: { runs: [] } });
  });

  it("refuses what a kind of channel cannot say, with what to do instead", async () => {
    const channel = env.CHANNEL.getByName("mute");
    const settings = { url: "https://shop.example/stock" };
    await channel.configure({ kind: "webhook", settings, listings: "listed" });
    for (const result of [await channel.reconcile(), await channel.importListings(false)]) {
      expect(result).toMatchObject({
        outcome: "refused",
        refusal: { code: "channel-cannot-be-read", detail: expect.stringMatching(/GET .*listings/) },
      });
    }
  });

  it("forgets runs with the channel", async () => {
    const channel = await connect("gone");
    await reconciled("gone");
    await channel.remove();
    expect(await channel.drift()).toMatchObject({ refusal: { code: "channel-not-found" } });
    await connect("gone");
    expect(await channel.drift()).toMatchObject({ drift: { runs: [] } });
  });
});
