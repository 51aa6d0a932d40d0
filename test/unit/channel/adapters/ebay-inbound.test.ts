import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { derToRaw } from "../../../../src/channel/adapters/ebay/signature.ts";
import type { ChannelFact, InboundRequest, OrderReport } from "../../../../src/channel/kit/inbound.ts";
import { greatest, noCounts } from "../../../../src/order/counts.ts";
import { EbayWorld } from "./ebay-world.ts";

const hourMs = 3_600_000;

function challenge(world: EbayWorld, query = "?challenge_code=a8628072-3d33"): InboundRequest {
  return { method: "GET", url: world.fake.endpointUrl + query, headers: {}, body: new Uint8Array() };
}

describe("eBay's challenge", () => {
  test("is answered with the digest of code, token and address", async () => {
    const world = new EbayWorld();
    const { verificationToken, endpointUrl } = world.fake;
    const digest = createHash("sha256")
      .update(`a8628072-3d33${verificationToken}${endpointUrl}`)
      .digest("hex");
    expect(await world.open().receive(challenge(world))).toEqual({
      outcome: "reply",
      status: 200,
      contentType: "application/json",
      body: JSON.stringify({ challengeResponse: digest }),
    });
  });

  test("says what to set first, if token or address are missing", async () => {
    const world = new EbayWorld();
    delete world.credentials["verificationToken"];
    const received = await world.open().receive(challenge(world));
    expect(received).toMatchObject({
      outcome: "malformed",
      detail: expect.stringContaining("verificationToken"),
    });
    expect(await world.open().receive(challenge(world, ""))).toMatchObject({ outcome: "malformed" });
  });
});

describe("eBay's notifications", () => {
  test("a signed order notification is a hint, known again by its notification id", async () => {
    const world = new EbayWorld();
    const data = { order: { orderId: "11-1", lineItems: [{ lineItemId: "1" }] } };
    const channel = world.open();
    const first = await channel.receive(world.fake.notification(data, { id: "n-7" }));
    world.nowMs += 60_000;
    const again = await channel.receive(world.fake.notification(data, { id: "n-7", attempt: 2 }));
    expect(first).toEqual({
      outcome: "facts",
      dedupeKey: "n-7",
      facts: [{ type: "order-hint", orderId: "11-1" }],
    });
    expect(again).toEqual(first);
  });

  test.each<[string, (world: EbayWorld, request: InboundRequest) => InboundRequest]>([
    ["no signature", (_, request) => ({ ...request, headers: {} })],
    ["no base64", (_, request) => ({ ...request, headers: { "x-ebay-signature": "%%%" } })],
    ["no JSON", (_, request) => ({ ...request, headers: { "x-ebay-signature": btoa("hello") } })],
    ["another algorithm", (_, request) => altered(request, { alg: "hmac" })],
    ["a signature that is no DER", (_, request) => altered(request, { signature: btoa("hello") })],
    ["a key that leads elsewhere", (_, request) => altered(request, { kid: "../../sell/account" })],
    ["an unknown key", (_, request) => altered(request, { kid: "11111111-0000" })],
    ["an altered body", (_, request) => ({ ...request, body: changed(request.body) })],
    [
      "another's signature",
      (_, request) => ({ ...request, headers: new EbayWorld().fake.notification({}).headers }),
    ],
    [
      "a copy of the day before yesterday",
      (world) =>
        world.fake.notification(
          { orderId: "1" },
          { publishDate: new Date(world.nowMs - 25 * hourMs).toISOString() },
        ),
    ],
    [
      "one of tomorrow",
      (world) =>
        world.fake.notification(
          { orderId: "1" },
          { publishDate: new Date(world.nowMs + hourMs).toISOString() },
        ),
    ],
  ])("%s is forged", async (_, change) => {
    const world = new EbayWorld();
    const request = change(world, world.fake.notification({ orderId: "11-1" }));
    expect(await world.open().receive(request)).toMatchObject({ outcome: "forged" });
  });

  test("whitespace counts: the signature is over the bytes that came", async () => {
    const world = new EbayWorld();
    const spaced = world.fake.delivery(
      `{ "metadata": { "topic": "ORDER_CONFIRMATION" }, "notification": ${JSON.stringify({ notificationId: "n", publishDate: new Date(world.nowMs).toISOString(), data: { orderId: "11-1" } })} }\n`,
    );
    expect(await world.open().receive(spaced)).toMatchObject({ outcome: "facts" });
  });

  test.each(["SHA1", "SHA256"] as const)(
    "keys of digest %s and of the larger curve are understood",
    async (digest) => {
      const world = new EbayWorld();
      world.fake.signer.rotate(digest, "P-384");
      for (let count = 0; count < 20; count += 1) {
        const request = world.fake.notification({ orderId: `11-${count}` });
        expect(await world.open().receive(request)).toMatchObject({ outcome: "facts" });
      }
    },
  );

  test("the digest is the key's, whatever the unsigned header says", async () => {
    const world = new EbayWorld();
    const request = altered(world.fake.notification({ orderId: "11-1" }), { digest: "SHA256" });
    expect(await world.open().receive(request)).toMatchObject({ outcome: "facts" });
  });

  test("the public key is fetched once an hour, also across restarts, and anew when eBay rotates it", async () => {
    const world = new EbayWorld();
    const channel = world.open();
    const fetches = () => world.fake.requests.filter((request) => request.includes("public_key")).length;
    const receive = (on = channel) => on.receive(world.fake.notification({ orderId: "11-1" }));
    await Promise.all([receive(), receive(), receive()]);
    await receive(world.open());
    expect(fetches()).toBe(1);
    world.fake.signer.rotate();
    expect(await receive()).toMatchObject({ outcome: "facts" });
    expect(fetches()).toBe(2);
    world.nowMs += hourMs;
    await receive();
    expect(fetches()).toBe(3);
    // eBay is out, but the key is known.
    world.nowMs += hourMs;
    world.fake.outage = 503;
    expect(await receive()).toMatchObject({ outcome: "facts" });
  });

  test("invented key ids cannot make us call eBay without end", async () => {
    const world = new EbayWorld();
    const channel = world.open();
    const request = world.fake.notification({ orderId: "11-1" });
    await channel.receive(request);
    for (let count = 0; count < 100; count += 1)
      await channel.receive(altered(request, { kid: `invented-${count}` }));
    expect(world.fake.requests.filter((one) => one.includes("public_key"))).toHaveLength(10);
    // What eBay itself sends is still understood.
    expect(await channel.receive(world.fake.notification({ orderId: "11-2" }))).toMatchObject({
      outcome: "facts",
    });
  });

  test("topics without an order are ignored, an order confirmation without one is malformed", async () => {
    const world = new EbayWorld();
    const channel = world.open();
    const deletion = world.fake.notification(
      { username: "x", userId: "y" },
      { topic: "MARKETPLACE_ACCOUNT_DELETION" },
    );
    expect(await channel.receive(deletion)).toMatchObject({ outcome: "ignored" });
    expect(await channel.receive(world.fake.notification({ username: "x" }))).toMatchObject({
      outcome: "malformed",
    });
    expect(await channel.receive(world.fake.delivery("[]"))).toMatchObject({ outcome: "malformed" });
  });

  test("DER is taken strictly: a changed shape is no signature", () => {
    const good = Uint8Array.from([0x30, 0x07, 0x02, 0x02, 0x00, 0x81, 0x02, 0x01, 0x05]);
    const raw = derToRaw(good, 32);
    expect([raw?.[31], raw?.[63], raw?.length]).toEqual([0x81, 5, 64]);
    const bad = [
      [0x31, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x05],
      [0x30, 0x05, 0x02, 0x01, 0x01, 0x02, 0x01, 0x05],
      [0x30, 0x06, 0x02, 0x01, 0x81, 0x02, 0x01, 0x05],
      [0x30, 0x07, 0x02, 0x02, 0x00, 0x01, 0x02, 0x01, 0x05],
      [0x30, 0x06, 0x02, 0x01, 0x01, 0x03, 0x01, 0x05],
      [0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x02, 0x05],
      [0x30, 0x08, 0x02, 0x01, 0x01, 0x02, 0x01, 0x05, 0x02, 0x00],
      [],
    ];
    for (const bytes of bad) expect(derToRaw(Uint8Array.from(bytes), 32)).toBeUndefined();
  });
});

describe("orders of eBay", () => {
  test("a hint is looked up: what was ordered, by eBay's SKU", async () => {
    const world = new EbayWorld();
    world.offer("A", 10);
    const order = world.fake.sell("A", 2);
    expect(await world.open().lookUp([order.orderId, "unknown"])).toEqual([
      {
        type: "order",
        orderId: order.orderId,
        occurredAt: "2026-11-24T09:00:00.000Z",
        lines: [
          {
            lineId: "1001",
            external: { sku: "A" },
            sku: "A",
            title: "Title of A",
            ordered: 2,
            cancelled: 0,
            fulfilled: 0,
            restocked: 0,
            writtenOff: 0,
          },
        ],
      },
    ]);
  });

  test("more than fifty hints are looked up in parts", async () => {
    const world = new EbayWorld();
    const ids = Array.from({ length: 70 }, () => world.fake.sell("A", 1).orderId);
    // The fake tells 50 orders on a page and refuses more than 50 ids.
    expect(await world.open().lookUp(ids)).toHaveLength(70);
  });

  test.each<
    [
      string,
      { cancelState?: string; status?: "NOT_STARTED" | "IN_PROGRESS" | "FULFILLED"; payment?: string },
      object,
    ]
  >([
    ["new", {}, { ordered: 3, cancelled: 0, fulfilled: 0 }],
    ["cancellation asked for", { cancelState: "IN_PROGRESS" }, { ordered: 3, cancelled: 0, fulfilled: 0 }],
    ["cancelled", { cancelState: "CANCELED" }, { ordered: 3, cancelled: 3, fulfilled: 0 }],
    ["shipped", { status: "FULFILLED" }, { ordered: 3, cancelled: 0, fulfilled: 3 }],
    ["partly shipped", { status: "IN_PROGRESS" }, { ordered: 3, cancelled: 0, fulfilled: 0 }],
    [
      "cancelled after it was shipped",
      { cancelState: "CANCELED", status: "FULFILLED" },
      { ordered: 3, cancelled: 0, fulfilled: 3 },
    ],
    [
      "cancelled while partly shipped",
      { cancelState: "CANCELED", status: "IN_PROGRESS" },
      { ordered: 3, cancelled: 0, fulfilled: 0 },
    ],
    ["partly refunded", { payment: "PARTIALLY_REFUNDED" }, { ordered: 3, cancelled: 0, fulfilled: 0 }],
    [
      "refunded and shipped",
      { payment: "FULLY_REFUNDED", status: "FULFILLED" },
      { ordered: 3, cancelled: 0, fulfilled: 3, restocked: 0 },
    ],
  ])("%s", async (_, { cancelState, status, payment }, counts) => {
    const world = new EbayWorld();
    const order = world.fake.sell("A", 3);
    world.fake.change(order, ({ lineItems, cancelStatus }) => {
      if (cancelState !== undefined) cancelStatus.cancelState = cancelState;
      if (payment !== undefined) order.orderPaymentStatus = payment;
      for (const line of lineItems) {
        if (status !== undefined) line.lineItemFulfillmentStatus = status;
        if (payment !== undefined)
          line.refunds = [{ refundId: "r-1", amount: { value: "5.00", currency: "USD" } }];
      }
    });
    expect(await world.open().lookUp([order.orderId])).toMatchObject([{ lines: [counts] }]);
  });

  test("told twice and in any order, the greatest counts are the last state", async () => {
    const world = new EbayWorld();
    const order = world.fake.sell("A", 3);
    const channel = world.open();
    const told: OrderReport[] = [];
    const look = async () =>
      told.push(...(await channel.lookUp([order.orderId])).filter((fact) => fact.type === "order"));
    await look();
    world.fake.change(order, ({ lineItems }) =>
      lineItems.forEach((line) => (line.lineItemFulfillmentStatus = "IN_PROGRESS")),
    );
    await look();
    world.fake.change(order, ({ lineItems }) =>
      lineItems.forEach((line) => (line.lineItemFulfillmentStatus = "FULFILLED")),
    );
    await look();
    const shuffled = [told[2], told[0], told[2], told[1]].flatMap((report) => report?.lines ?? []);
    expect(shuffled.reduce(greatest, noCounts)).toMatchObject({ ordered: 3, cancelled: 0, fulfilled: 3 });
  });

  test("what the seller does not ship is left out: gift cards, eBay's own fulfilment, other marketplaces", async () => {
    const world = new EbayWorld();
    world.settings = { ...world.settings, marketplaceId: "EBAY_US" };
    const gift = world.fake.sell("GIFT", 1, { giftDetails: { recipientEmail: "x" } });
    const british = world.fake.sell("A", 1, { listingMarketplaceId: "EBAY_GB" });
    const fulfilled = world.fake.sell("A", 1);
    fulfilled.program = { fulfillmentProgram: { fulfilledBy: "EBAY" } };
    const ids = [gift, british, fulfilled].map(({ orderId }) => orderId);
    expect(await world.open().lookUp(ids)).toEqual([]);
  });

  test("a line without an SKU is named by its item and variation", async () => {
    const world = new EbayWorld();
    const order = world.fake.sell("X", 1, { legacyItemId: "110", legacyVariationId: "5" });
    for (const line of order.lineItems) Object.assign(line, { sku: undefined });
    expect(await world.open().lookUp([order.orderId])).toMatchObject([
      { lines: [{ external: { listingId: "110", variationId: "5" } }] },
    ]);
  });
});

describe("asking eBay for orders", () => {
  /** All there is to hear now, and where to go on. */
  async function hear(
    world: EbayWorld,
    from: string | undefined,
  ): Promise<{ facts: ChannelFact[]; cursor: string }> {
    const facts: ChannelFact[] = [];
    let cursor = from;
    for (;;) {
      const polled = await world.open().poll(cursor);
      facts.push(...polled.facts);
      cursor = polled.cursor;
      if (!polled.hasMore) return { facts, cursor };
    }
  }

  test("begins now, then hears of each change once, although it asks with an overlap", async () => {
    const world = new EbayWorld();
    world.fake.sell("OLD", 1);
    world.nowMs += 3 * hourMs;
    let { facts, cursor } = await hear(world, undefined);
    expect(facts).toEqual([]);
    const order = world.fake.sell("A", 2);
    world.nowMs += 60_000;
    ({ facts, cursor } = await hear(world, cursor));
    expect(facts).toMatchObject([{ orderId: order.orderId, lines: [{ ordered: 2, fulfilled: 0 }] }]);
    world.nowMs += 60_000;
    ({ facts, cursor } = await hear(world, cursor));
    expect(facts).toEqual([]);
    world.fake.change(order, ({ cancelStatus }) => (cancelStatus.cancelState = "CANCELED"));
    ({ facts } = await hear(world, cursor));
    expect(facts).toMatchObject([{ orderId: order.orderId, lines: [{ ordered: 2, cancelled: 2 }] }]);
  });

  test("an order that eBay shows minutes late is heard of all the same", async () => {
    const world = new EbayWorld();
    let { cursor } = await hear(world, undefined);
    world.nowMs += 60_000;
    const late = world.fake.sell("A", 1);
    world.fake.orders.hidden.add(late.orderId);
    for (let minute = 0; minute < 3; minute += 1) {
      world.nowMs += 60_000;
      ({ cursor } = await hear(world, cursor));
    }
    world.fake.orders.hidden.clear();
    expect((await hear(world, cursor)).facts).toMatchObject([{ orderId: late.orderId }]);
  });

  test("hundreds of orders are paged through, and none is missed when orders change meanwhile", async () => {
    const world = new EbayWorld();
    const { cursor: start } = await hear(world, undefined);
    const orders = Array.from({ length: 350 }, () => {
      world.nowMs += 1_000;
      return world.fake.sell("A", 1);
    });
    const heardIds = new Set<string>();
    let cursor = start;
    let hasMore = true;
    let pages = 0;
    while (hasMore) {
      const polled = await world.open().poll(cursor);
      for (const fact of polled.facts) if (fact.type === "order") heardIds.add(fact.orderId);
      ({ cursor, hasMore } = polled);
      pages += 1;
      world.nowMs += 1_000;
      for (const order of orders.slice(0, 40)) world.fake.change(order, () => undefined);
    }
    expect(pages).toBe(4);
    expect(heardIds.size).toBe(350);
  });

  test("the link to the next page leads nowhere but to eBay", async () => {
    const world = new EbayWorld();
    world.offer("A", 1);
    const { fetch } = world.fake;
    const asked: string[] = [];
    Object.assign(world.fake, {
      fetch: async (url: string, init: RequestInit) => {
        asked.push(url);
        if (!url.includes("/order")) return fetch(url, init);
        return Response.json({ orders: [], next: "https://evil.example/steal?limit=1&offset=1" });
      },
    });
    const { cursor } = await world.open().poll(undefined);
    await world.open().poll(cursor);
    expect(asked.every((url) => url.startsWith("https://api.ebay.com/"))).toBe(true);
    expect(asked.at(-1)).toBe("https://api.ebay.com/sell/fulfillment/v1/order?limit=1&offset=1");
  });
});

function altered(request: InboundRequest, change: object): InboundRequest {
  const header = JSON.parse(atob(request.headers["x-ebay-signature"] ?? "")) as object;
  return { ...request, headers: { "x-ebay-signature": btoa(JSON.stringify({ ...header, ...change })) } };
}

function changed(body: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(new TextDecoder().decode(body).replace("11-1", "11-2"));
}
