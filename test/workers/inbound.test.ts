import {
  applyD1Migrations,
  evictDurableObject,
  runDurableObjectAlarm,
  runInDurableObject,
} from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { eventually } from "./eventually.ts";
import { ChannelObject } from "../../src/channel/channel-object.ts";
import type { InboundRequest } from "../../src/channel/kit/inbound.ts";
import { OrderObject } from "../../src/order/order-object.ts";
import { SkuObject } from "../../src/sku/sku-object.ts";

const webhookSecret = "a-secret-of-the-shop";

beforeAll(() => applyD1Migrations(env.LEDGER, env.TEST_MIGRATIONS));

/** Nothing leaves the process: the shop cannot be reached, so that only what it tells counts here. */
beforeEach(() => {
  vi.spyOn(globalThis, "fetch").mockImplementation(async () => Response.json({}, { status: 503 }));
});
afterEach(() => {
  vi.restoreAllMocks();
});

async function connect(id: string) {
  const channel = env.CHANNEL.getByName(id);
  const consumer = { consumerKey: `ck_${"a".repeat(40)}`, consumerSecret: `cs_${"b".repeat(40)}` };
  const result = await channel.configure({
    kind: "woocommerce",
    settings: { url: "https://shop.example" },
    listings: "listed",
    credentials: { ...consumer, webhookSecret },
  });
  if (result.outcome === "refused") throw new Error(JSON.stringify(result.refusal));
  return channel;
}

/** What WooCommerce sends of a paid order of one line. */
async function sold(
  orderId: number,
  sku: string,
  quantity: number,
  signedWith = webhookSecret,
): Promise<InboundRequest> {
  const at = "2026-11-23T09:00:00";
  const order = {
    id: orderId,
    status: "processing",
    date_created_gmt: at,
    date_modified_gmt: at,
    line_items: [{ id: 1, product_id: 7, variation_id: 0, sku, name: sku, quantity, meta_data: [] }],
    refunds: [],
  };
  const body = new Uint8Array(new TextEncoder().encode(JSON.stringify(order)));
  const hmac = { name: "HMAC", hash: "SHA-256" };
  const secret = new TextEncoder().encode(signedWith);
  const key = await crypto.subtle.importKey("raw", secret, hmac, false, ["sign"]);
  const signature = btoa(String.fromCharCode(...new Uint8Array(await crypto.subtle.sign("HMAC", key, body))));
  return {
    method: "POST",
    url: "https://stock.example/v1/channels/woo/inbound",
    headers: { "x-wc-webhook-topic": "order.created", "x-wc-webhook-signature": signature },
    body,
  };
}

async function count(sku: string, onHand: number) {
  const mutation = { type: "count" as const, location: "default", onHand };
  await env.SKU.getByName(sku).mutate([{ key: crypto.randomUUID(), fingerprint: "", mutation }]);
}

const available = async (sku: string) => (await env.SKU.getByName(sku).read())?.available;

describe("a delivery", () => {
  it("is answered although its SKU hangs, and others are applied meanwhile", async () => {
    const channel = await connect("hanging");
    await count("HANGS", 5);
    await count("RUNS", 5);
    const gate = Promise.withResolvers<void>();
    // oxlint-disable-next-line typescript/unbound-method -- called with the object it is replaced on
    const tell = SkuObject.prototype.mutateAndHandOver;
    vi.spyOn(SkuObject.prototype, "mutateAndHandOver").mockImplementation(async function (
      this: SkuObject,
      requests,
    ) {
      const [first] = requests;
      if (first?.mutation.type === "report" && first.mutation.orderId === "1") await gate.promise;
      return tell.call(this, requests);
    });
    expect(await channel.receive(await sold(1, "HANGS", 2))).toEqual({ outcome: "kept", accepted: 1 });
    expect(await channel.receive(await sold(2, "RUNS", 2))).toEqual({ outcome: "kept", accepted: 1 });
    await eventually(async () => expect(await available("RUNS")).toBe(3));
    expect(await available("HANGS")).toBe(5);
    expect(await channel.facts({ limit: 9 })).toMatchObject({ items: [{ fact: { orderId: "1" } }] });
    gate.resolve();
    await eventually(async () => expect(await available("HANGS")).toBe(3));
    await eventually(async () => expect(await channel.facts({ limit: 9 })).toMatchObject({ items: [] }));
  });

  it("that was accepted is applied after an eviction, by the alarm alone", async () => {
    const channel = await connect("evicted-inbox");
    await count("KEPT", 5);
    const report = vi.spyOn(OrderObject.prototype, "report").mockRejectedValue(new Error("overloaded"));
    expect(await channel.receive(await sold(3, "KEPT", 1))).toEqual({ outcome: "kept", accepted: 1 });
    await eventually(() => expect(report).toHaveBeenCalled());
    await evictDurableObject(channel);
    report.mockRestore();
    expect(await available("KEPT")).toBe(5);
    expect(await runDurableObjectAlarm(channel)).toBe(true);
    await eventually(async () => expect(await available("KEPT")).toBe(4));
  });

  it("costs two rows to keep and one to take away, and nothing when it comes again", async () => {
    const channel = await connect("thrifty-inbox");
    await count("CHEAP", 5);
    await channel.receive(await sold(4, "CHEAP", 1));
    await eventually(async () => expect(await channel.facts({ limit: 9 })).toMatchObject({ items: [] }));
    const requests = [await sold(5, "CHEAP", 1), await sold(5, "CHEAP", 1)];
    const written = await runInDurableObject(channel, async (object, state) => {
      const rows: string[] = [];
      const sql = Object.getPrototypeOf(state.storage.sql) as SqlStorage;
      const exec = vi.spyOn(sql, "exec");
      for (const request of requests) await object.receive(request);
      await eventually(async () => expect(await object.facts({ limit: 9 })).toMatchObject({ items: [] }));
      for (const [index, { type, value }] of exec.mock.results.entries()) {
        const table = /(?:INTO|FROM|UPDATE) (inbox|deliveries)/.exec(
          String(exec.mock.calls[index]?.[0]),
        )?.[1];
        if (type === "return" && table !== undefined && value.rowsWritten > 0) {
          rows.push(`${table} ${value.rowsWritten}`);
        }
      }
      exec.mockRestore();
      return rows;
    });
    expect(written).toEqual(["deliveries 1", "inbox 1", "inbox 1"]);
  });
});

describe("an order", () => {
  const told = (sku: string, counts: object) => {
    const none = { ordered: 0, cancelled: 0, fulfilled: 0, restocked: 0, writtenOff: 0 };
    return [{ lineId: "1", sku, name: sku, ...none, ...counts }];
  };
  const levels = async (sku: string) => {
    const view = await env.SKU.getByName(sku).read();
    return view && [view.onHand, view.committed];
  };

  it("that callers of the API and its channel both tell is one order", async () => {
    await count("BOTH", 10);
    const order = env.ORDER.getByName("web/1");
    const of = { channel: "web", orderId: "both", actor: "key" };
    const placed = { ...of, lines: [{ lineId: "1", sku: "BOTH", quantity: 3 }] };
    expect(await order.place(placed)).toMatchObject({ replayed: false });
    const report = { ...of, id: "r1", lines: told("BOTH", { ordered: 4, fulfilled: 1 }) };
    const first = await order.report(report);
    expect(first).toMatchObject({ skus: [{ sku: "BOTH", units: 4 }], refused: [], unmatched: [] });
    expect(await order.report(report)).toEqual(first);
    expect(await levels("BOTH")).toEqual([9, 3]);
    expect(await order.place(placed)).toMatchObject({ outcome: "recorded", replayed: true });
    const other = { ...of, lines: [{ lineId: "1", sku: "BOTH", quantity: 9 }] };
    expect(await order.place(other)).toMatchObject({ outcome: "conflict" });
    const cancel = {
      ...of,
      type: "cancel" as const,
      key: "k1",
      fingerprint: "",
      lines: [{ lineId: "1", quantity: 1 }],
    };
    expect(await order.change(cancel)).toMatchObject({ outcome: "changed" });
    // The channel tells the same cancellation: it is not a second one.
    await order.report({ ...of, id: "r2", lines: told("BOTH", { ordered: 4, fulfilled: 1, cancelled: 1 }) });
    expect(await levels("BOTH")).toEqual([9, 2]);
  });

  it("whose cancellation was told before it is cancelled once", async () => {
    await count("EARLY", 10);
    const order = env.ORDER.getByName("web/2");
    const of = { channel: "web", orderId: "early", actor: "key" };
    const cancel = {
      ...of,
      type: "cancel" as const,
      key: "k2",
      fingerprint: "",
      lines: [{ lineId: "1", quantity: 1 }],
    };
    expect(await order.change(cancel)).toEqual({ outcome: "waiting" });
    await order.report({ ...of, id: "r1", lines: told("EARLY", { ordered: 3, cancelled: 1 }) });
    expect(await levels("EARLY")).toEqual([10, 2]);
  });

  it("that a caller tells again with the right SKU is matched by that", async () => {
    await count("RIGHT", 10);
    const order = env.ORDER.getByName("web/3");
    const of = { channel: "web", orderId: "wrong", actor: "key" };
    const first = await order.report({ ...of, id: "r1", lines: told("WRONG", { ordered: 2, fulfilled: 1 }) });
    expect(first.unmatched).toEqual(["1"]);
    const rows = () =>
      env.LEDGER.prepare("SELECT sku, quantity FROM unmatched_lines WHERE order_id = 'wrong'").all();
    expect((await rows()).results).toEqual([{ sku: "WRONG", quantity: 2 }]);
    const placed = { ...of, lines: [{ lineId: "1", sku: "RIGHT", quantity: 2 }] };
    expect(await order.place(placed)).toMatchObject({ lines: [{ sku: "RIGHT", status: "accepted" }] });
    expect(await levels("RIGHT")).toEqual([9, 1]);
    expect((await rows()).results).toEqual([]);
  });
});

describe("a webhook secret that is replaced", () => {
  const consumer = { consumerKey: `ck_${"a".repeat(40)}`, consumerSecret: `cs_${"b".repeat(40)}` };
  const replaced = (id: string, secret: string, overlapSeconds?: number) =>
    env.CHANNEL.getByName(id).configure({
      kind: "woocommerce",
      settings: { url: "https://shop.example" },
      listings: "listed",
      credentials: { ...consumer, webhookSecret: secret },
      ...(overlapSeconds !== undefined && { overlapSeconds }),
    });
  const outcome = async (id: string, orderId: number, secret: string) =>
    (await env.CHANNEL.getByName(id).receive(await sold(orderId, "NOBODYS", 1, secret))).outcome;

  it("is good beside the new one while they overlap, over restarts too", async () => {
    await connect("overlapping");
    await replaced("overlapping", "a-second-secret-of-the-shop", 600);
    expect(await outcome("overlapping", 1, "a-second-secret-of-the-shop")).toBe("kept");
    expect(await outcome("overlapping", 2, webhookSecret)).toBe("kept");
    expect(await outcome("overlapping", 3, "a-secret-of-somebody-else")).toBe("forged");
    await evictDurableObject(env.CHANNEL.getByName("overlapping"));
    expect(await outcome("overlapping", 4, webhookSecret)).toBe("kept");
    // Replaced again, and the first is still good until its own time is over.
    await replaced("overlapping", "a-third-secret-of-the-shop", 600);
    for (const secret of [webhookSecret, "a-second-secret-of-the-shop", "a-third-secret-of-the-shop"])
      expect(await outcome("overlapping", 5, secret)).toBe("kept");
  });

  it("is over at once without an overlap, and when the overlap is over", async () => {
    await connect("hard");
    await replaced("hard", "a-second-secret-of-the-shop");
    expect(await outcome("hard", 1, webhookSecret)).toBe("forged");
    await replaced("hard", "a-third-secret-of-the-shop", 600);
    expect(await outcome("hard", 2, "a-second-secret-of-the-shop")).toBe("kept");
    await runInDurableObject(env.CHANNEL.getByName("hard"), async (_, state) => {
      const now = Date.now();
      vi.spyOn(Date, "now").mockReturnValue(now + 601_000);
      expect(await outcomeHere(state)).toBe("forged");
    });
  });

  /** Asked of an object that is loaded anew, at the time that the test has set. */
  async function outcomeHere(state: DurableObjectState): Promise<string> {
    const channel = new ChannelObject(state, env);
    await state.blockConcurrencyWhile(async () => undefined);
    const request = await sold(3, "NOBODYS", 1, "a-second-secret-of-the-shop");
    return (await channel.receive(request)).outcome;
  }
});
