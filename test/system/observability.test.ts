import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ChannelReceiver } from "../../src/cli/channel-receiver.ts";
import { parseExposition, valueOf } from "../unit/telemetry/parse-exposition.ts";
import { adminKey, eventually, Service } from "./service.ts";

let service: Service;

beforeAll(async () => {
  service = await Service.start();
});
afterAll(async () => {
  await service.remove();
});

describe("the leakage calculator", () => {
  const shop = {
    dailyOrders: 500,
    syncIntervalMinutes: 15,
    averageOrderValue: 1500,
    oversellRate: 0.02,
    customerLifetimeValue: 8000,
    churnRate: 0.3,
    currency: "INR",
  };
  const ask = (body: string, type = "application/json") =>
    fetch(`${service.url}/v1/leakage`, { method: "POST", headers: { "content-type": type }, body });

  it("answers the reference case to anybody, on any page", async () => {
    const answer = await ask(JSON.stringify(shop));
    expect(answer.status).toBe(200);
    expect(answer.headers.get("access-control-allow-origin")).toBe("*");
    expect(await answer.json()).toMatchObject({
      dailyLeakage: 37_440,
      dailyLeakageUnrounded: 39_000,
      yearlyLeakage: 13_665_600,
      oversellsPerDay: 9.6,
      lossPerOversell: 3_900,
    });
  });

  it("says which field is at fault", async () => {
    const answer = await ask(JSON.stringify({ ...shop, oversellRate: 2 }));
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({
      errors: [{ pointer: "/oversellRate", detail: expect.stringContaining("0.02 for 2 %") }],
    });
    expect((await ask("{", "application/json")).status).toBe(400);
    expect((await ask("a=1", "application/x-www-form-urlencoded")).status).toBe(415);
  });

  it("is the only thing under /v1 that needs no key", async () => {
    expect((await fetch(`${service.url}/v1/skus`)).status).toBe(401);
    expect((await fetch(`${service.url}/v1/leakage`)).status).toBe(405);
  });
});

describe("/metrics", () => {
  const key = (text: string = crypto.randomUUID()) => ({ "idempotency-key": text });

  async function scrape(token = adminKey) {
    const answer = await fetch(`${service.url}/metrics`, { headers: { authorization: `Bearer ${token}` } });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    const families = parseExposition(await answer.text());
    return (name: string, labels: Record<string, string> = {}) =>
      families.has(name.replace(/_(?:bucket|sum|count)$/, "")) || families.has(name)
        ? valueOf(families, name, labels)
        : 0;
  }

  const makeKey = async (...scopes: string[]): Promise<string> =>
    (await service.call("POST", "/v1/keys", { name: "scraper", scopes })).body.key;

  it("are for a key that may read them, and that key may do nothing else", async () => {
    const statusFor = async (path: string, token?: string) =>
      (
        await fetch(
          service.url + path,
          token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } },
        )
      ).status;
    expect(await statusFor("/metrics")).toBe(401);
    expect(await statusFor("/metrics", await makeKey("stock:read"))).toBe(403);
    const scraper = await makeKey("metrics:read");
    expect(await statusFor("/metrics", scraper)).toBe(200);
    for (const path of ["/v1/skus", "/v1/channels", "/v1/keys"])
      expect(await statusFor(path, scraper)).toBe(403);
  });

  it("count mutations by what became of them, oversells, and requests by route and status", async () => {
    const before = await scrape();
    await service.count("M-1", 5);
    const adjust = { delta: 1, reason: "found" };
    const sameKey = key();
    await service.call("POST", "/v1/skus/M-1/adjustments", adjust, sameKey);
    await service.call("POST", "/v1/skus/M-1/adjustments", adjust, sameKey);
    const hold = { lines: [{ sku: "M-1", quantity: 99 }], ttlSeconds: 60 };
    expect((await service.call("POST", "/v1/reservations", hold, key())).status).toBe(409);
    const line = (lineId: string, sku: string, quantity: number) => ({ lineId, sku, quantity });
    const lines = [line("1", "M-1", 9), line("2", "M-NOBODY", 1)];
    await service.call("POST", "/v1/orders", { channel: "web", orderId: "M-1", lines });
    await service.call("GET", "/v1/skus/M-1");
    await service.call("GET", "/v1/skus/M-2");
    await service.call("GET", "/v1/nothing/here");

    // What D1 has to say comes with the queue.
    const after = await eventually(async () => {
      const now = await scrape();
      return now("stockwire_oversells_open") > before("stockwire_oversells_open") ? now : undefined;
    });
    const grown = (name: string, labels: Record<string, string>) =>
      after(name, labels) - before(name, labels);
    const mutations = (type: string, outcome: string) =>
      grown("stockwire_mutations_total", { type, outcome });
    expect(mutations("count", "done")).toBe(1);
    expect(mutations("adjust", "done")).toBe(1);
    expect(mutations("adjust", "replayed")).toBe(1);
    expect(mutations("reserve", "refused")).toBe(1);
    expect(grown("stockwire_refusals_total", { type: "reserve", problem: "insufficient-stock" })).toBe(1);
    expect(grown("stockwire_oversells_total", { cause: "order" })).toBe(1);
    expect(grown("stockwire_oversold_units_total", { cause: "order" })).toBe(3);
    expect(grown("stockwire_oversold_units_open", {})).toBe(3);
    expect(grown("stockwire_unmatched_lines", {})).toBe(1);
    expect(grown("stockwire_log_events_total", { event: "oversell.recorded" })).toBe(1);

    const requests = (method: string, route: string, status: string) =>
      grown("stockwire_http_requests_total", { method, route, status });
    expect(requests("POST", "/v1/skus/{sku}/adjustments", "200")).toBe(2);
    expect(requests("POST", "/v1/reservations", "409")).toBe(1);
    expect(requests("GET", "/v1/skus/{sku}", "200")).toBe(1);
    expect(requests("GET", "/v1/skus/{sku}", "404")).toBe(1);
    expect(requests("GET", "none", "404")).toBe(1);
    const route = "/v1/skus/{sku}/adjustments";
    expect(grown("stockwire_http_request_duration_seconds_count", { route })).toBe(2);
  });

  it("count what each channel was told, how fast, and how it is doing", async () => {
    const receiver = await ChannelReceiver.start({ id: "m-good" });
    try {
      const settings = { url: receiver.url };
      const connected = await service.call("PUT", "/v1/channels/m-good", {
        kind: "webhook",
        settings,
        listings: "listed",
      });
      receiver.useSecret(connected.body.signingSecret);
      const nobody = { url: "http://127.0.0.1:9/stock" };
      await service.call("PUT", "/v1/channels/m-bad", {
        kind: "webhook",
        settings: nobody,
        listings: "listed",
      });
      for (const channel of ["m-good", "m-bad"])
        await service.call("PUT", `/v1/channels/${channel}/listings/M-3`, {});
      for (const onHand of [5, 6, 7]) {
        await service.count("M-3", onHand);
        await eventually(async () => receiver.shown.quantity("M-3") === onHand || undefined);
      }
      const now = await eventually(async () => {
        const seen = await scrape();
        const isOpen = seen("stockwire_channel_breaker", { channel: "m-bad", state: "open" }) === 1;
        const isTold = seen("stockwire_publications_total", { channel: "m-good" }) === 3;
        return isOpen && isTold && seen("stockwire_outbox_skus") === 0 ? seen : undefined;
      });
      const good = { channel: "m-good" };
      const bad = { channel: "m-bad" };
      expect(now("stockwire_publications_total", { ...good, outcome: "ok" })).toBe(receiver.counts.changes);
      expect(now("stockwire_propagation_seconds_count", good)).toBe(3);
      expect(now("stockwire_propagation_seconds_bucket", { ...good, le: "+Inf" })).toBe(3);
      expect(now("stockwire_propagation_seconds_sum", good)).toBeGreaterThan(0);
      expect(now("stockwire_channel_breaker", { ...good, state: "closed" })).toBe(1);
      expect(now("stockwire_channel_due", good)).toBe(0);
      expect(now("stockwire_channel_due", bad)).toBe(1);
      expect(now("stockwire_channel_due_oldest_seconds", bad)).toBeGreaterThan(0);
      expect(now("stockwire_propagation_seconds_count", bad)).toBe(0);
      expect(now("stockwire_publications_total", { ...bad, outcome: "retry" })).toBeGreaterThanOrEqual(5);
      expect(now("stockwire_channel_up", bad)).toBe(1);
      expect(now("stockwire_log_events_total", { event: "channel.breaker_opened" })).toBe(1);
      expect(now("stockwire_outbox_oldest_seconds")).toBe(0);
      expect(now("stockwire_queue_events_total", { outcome: "processed" })).toBeGreaterThanOrEqual(3);
    } finally {
      for (const id of ["m-good", "m-bad"]) await service.call("DELETE", `/v1/channels/${id}`);
      await receiver.stop();
    }
  });

  it("count open sockets, and no longer once they are closed", async () => {
    await service.count("M-4", 1);
    const headers = { authorization: `Bearer ${adminKey}` };
    const address = service.url.replace("http", "ws");
    const open = async (path: string) => {
      const socket = new WebSocket(address + path, { headers } as unknown as string[]);
      await once(socket, "open");
      return socket;
    };
    const watching = [await open("/v1/skus/M-4/live"), await open("/v1/skus/M-4/live")];
    const feed = await open("/v1/live");
    const countsAre = (sku: number, feeds: number) =>
      eventually(async () => {
        const now = await scrape();
        const isSo =
          now("stockwire_sockets", { kind: "sku" }) === sku &&
          now("stockwire_sockets", { kind: "feed" }) === feeds;
        return isSo || undefined;
      });
    await countsAre(2, 1);
    watching[0]?.close();
    await countsAre(1, 1);
    watching[1]?.close();
    feed.close();
    await countsAre(0, 0);
  });
});
