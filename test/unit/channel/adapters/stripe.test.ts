import { describe, expect, it } from "vitest";
import { stripe } from "../../../../src/channel/adapters/stripe/index.ts";
import type { InboundRequest, Received } from "../../../../src/channel/kit/inbound.ts";
import type { Answer, AvailabilityQuestion } from "../../../../src/channel/kit/question.ts";
import type { ChannelSettings } from "../../../../src/protocol/channel.ts";
import { MemoryVault } from "../../../fakes/memory-vault.ts";
import {
  account,
  expired,
  finalize,
  hookSecret,
  priceAvailability,
  signature,
  signed,
  type SignedHook,
  webhookSecret,
} from "../../../fakes/stripe/hooks.ts";

const nowMs = Date.parse("2026-11-26T09:00:00.500Z");
const credentials = { hookSecret, webhookSecret };

function channel(settings: ChannelSettings = {}, secrets: Readonly<Record<string, string>> = credentials) {
  return stripe.connect(settings).open({
    channel: "stripe",
    credentials: secrets,
    signingSecret: "whsec_AAAA",
    policy: { allowPrivateHosts: false },
    vault: new MemoryVault(),
    fetch: () => Promise.reject(new Error("nothing is asked of Stripe")),
    now: () => nowMs,
  });
}

function request({ headers, body }: SignedHook, method: "GET" | "POST" = "POST"): InboundRequest {
  const bytes = new Uint8Array(new TextEncoder().encode(body));
  return { method, url: "https://stock.example/v1/channels/stripe/inbound", headers, body: bytes };
}

const send = async (hook: object, settings?: ChannelSettings): Promise<Received> =>
  channel(settings).receive(request(await signed(hook, nowMs)));

const order = finalize("dcpe_9", "cs_1", [{ id: "li_1", sku_id: "TEE-BLK-M", quantity: 2 }]);

describe("a signature of Stripe's", () => {
  const withHeader = async (header: string | undefined, body = JSON.stringify(order)) =>
    channel().receive(request({ headers: header === undefined ? {} : { "stripe-signature": header }, body }));

  it("holds under either secret, also beside others while one is rolled", async () => {
    const body = JSON.stringify(order);
    for (const secret of [hookSecret, webhookSecret]) {
      expect((await withHeader(await signature(body, secret, nowMs))).outcome).toBe("question");
    }
    const [time, right] = (await signature(body, hookSecret, nowMs)).split(",");
    expect((await withHeader(`${time},v1=${"a".repeat(64)},${right}`)).outcome).toBe("question");
  });

  it.each([
    ["is missing", undefined],
    ["has no time", `v1=${"a".repeat(64)}`],
    ["has no signature", "t=1764147600"],
    ["is no hex", "t=1764147600,v1=zz"],
    ["is of another scheme", `t=1764147600,v0=${"a".repeat(64)}`],
    ["is empty", ""],
  ])("is refused if it %s", async (_, header) => {
    expect((await withHeader(header)).outcome).toBe("forged");
  });

  it("is refused under another secret, over another body, or with another time", async () => {
    const body = JSON.stringify(order);
    expect((await withHeader(await signature(body, "whsec_other", nowMs))).outcome).toBe("forged");
    const good = await signature(body, hookSecret, nowMs);
    expect((await withHeader(good, `${body} `)).outcome).toBe("forged");
    expect((await withHeader(good.replace(/t=\d+/, "t=1764147601"))).outcome).toBe("forged");
  });

  it("is refused if it is more than five minutes away, in both directions", async () => {
    for (const [apartMs, outcome] of [
      [-299_000, "question"],
      [-302_000, "forged"],
      [299_000, "question"],
      [302_000, "forged"],
    ] as const) {
      const received = await channel().receive(request(await signed(order, nowMs + apartMs)));
      expect(received.outcome).toBe(outcome);
    }
  });
});

describe("a hook", () => {
  it("for an approval says which order, which lines and since when it waits", async () => {
    expect(await send(order)).toEqual({
      outcome: "question",
      question: {
        type: "approval",
        delivery: "dcpe_9",
        orderId: "cs_1",
        lines: [{ lineId: "li_1", item: "TEE-BLK-M", quantity: 2 }],
        signedAtMs: Math.floor(nowMs / 1_000) * 1_000,
      },
    });
  });

  it("for an approval as Stripe's page has it: named by its own id, its lines by theirs", async () => {
    const { data, ...hook } = finalize("evt_1", undefined, []);
    const line_items_details = [{ id: "TEE", unit_amount: 1999, quantity: 1, name: "Tee" }];
    const { line_item_details: _, ...rest } = data;
    expect(await send({ ...hook, data: { ...rest, line_items_details } })).toMatchObject({
      question: { delivery: "evt_1", orderId: "evt_1", lines: [{ lineId: "TEE", item: "TEE", quantity: 1 }] },
    });
  });

  it("for price and availability names one product", async () => {
    expect(await send(priceAvailability("TEE"))).toEqual({
      outcome: "question",
      question: { type: "availability", item: "TEE", account },
    });
  });

  it("of a checkout that expired gives its order up; other events say nothing", async () => {
    const event = await signed(expired("cs_1"), nowMs, webhookSecret);
    expect(await channel().receive(request(event))).toEqual({
      outcome: "question",
      question: { type: "abandoned", orderId: "cs_1" },
    });
    expect(await send({ ...expired("cs_1"), type: "checkout.session.completed" })).toMatchObject({
      outcome: "ignored",
    });
  });

  it.each([
    ["no lines", finalize("e", "cs", [])],
    ["a line without an id", { ...order, data: { line_item_details: [{ sku_id: "A", quantity: 1 }] } }],
    ["half a unit", finalize("e", "cs", [{ id: "l", sku_id: "A", quantity: 0.5 }])],
    ["nothing of a unit", finalize("e", "cs", [{ id: "l", sku_id: "A", quantity: 0 }])],
    ["less than nothing", finalize("e", "cs", [{ id: "l", sku_id: "A", quantity: -1 }])],
    [
      "two lines of one id",
      finalize("e", "cs", [
        { id: "l", sku_id: "A", quantity: 1 },
        { id: "l", sku_id: "B", quantity: 1 },
      ]),
    ],
    ["no data", { id: "e", type: "v1.delegated_checkout.finalize_checkout", livemode: true }],
    ["no type", { id: "e", livemode: true }],
    ["no product", { ...priceAvailability("A"), data: {} }],
    ["a list", []],
  ])("with %s is malformed", async (_, hook) => {
    expect((await send(hook)).outcome).toBe("malformed");
  });

  it("of a sandbox or of another account is refused, unless the channel is for it", async () => {
    const test = { ...order, livemode: false };
    expect(await send(test)).toMatchObject({ outcome: "malformed", detail: /livemode false/ });
    expect((await send(test, { livemode: false })).outcome).toBe("question");
    expect((await send(order, { livemode: false })).outcome).toBe("malformed");
    expect((await send(order, { account: "acct_other" })).outcome).toBe("malformed");
    expect((await send(order, { account })).outcome).toBe("question");
  });
});

describe("an answer to Stripe", () => {
  const question: AvailabilityQuestion = { type: "availability", item: "TEE", account };
  const known = (more: object): Answer => ({
    type: "availability",
    question,
    outcome: "known",
    quantity: 3,
    isBackorder: false,
    asOf: "2026-11-26T09:00:00.999Z",
    ...more,
  });
  const asOf = Date.parse("2026-11-26T09:00:00Z") / 1_000;
  const of = { sku_id: "TEE", merchant_id: account };

  it("about a product says how many there are and when that was so, never newer", () => {
    expect(stripe.reply(known({}))).toEqual({
      ...of,
      availability: { status: "in_stock", quantity: 3 },
      as_of: asOf,
    });
    expect(stripe.reply(known({ price: { amount: 1999, currency: "EUR" } }))).toMatchObject({
      price: { unit_amount: 1999, currency: "eur" },
    });
  });

  it("about a product that is gone says whether it may be ordered all the same", () => {
    expect(stripe.reply(known({ quantity: 0 }))).toMatchObject({
      availability: { status: "out_of_stock", quantity: 0 },
    });
    expect(stripe.reply(known({ quantity: 0, isBackorder: true }))).toMatchObject({
      availability: { status: "backorder" },
    });
    expect(stripe.reply({ type: "availability", question, outcome: "unknown" })).toEqual({
      ...of,
      deleted: true,
    });
  });

  it("about an order is approved, or declined with a reason of bounded length", () => {
    expect(stripe.reply({ type: "approval", outcome: "approved" })).toEqual({
      manual_approval_details: { type: "approved" },
    });
    expect(stripe.reply({ type: "approval", outcome: "declined", reason: "gone" })).toEqual({
      manual_approval_details: { type: "declined", declined: { reason: "gone" } },
    });
    const long = stripe.reply({ type: "approval", outcome: "declined", reason: "x".repeat(9_999) });
    expect(JSON.stringify(long).length).toBeLessThan(600);
  });
});

it("a channel says whether checkouts that are not paid give their units back", async () => {
  expect((await channel().check()).map(({ isOk }) => isOk)).toEqual([true, true]);
  expect((await channel({}, { hookSecret }).check()).map(({ isOk }) => isOk)).toEqual([true, false]);
});
