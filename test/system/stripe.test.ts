import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  account,
  expired,
  finalize,
  hookSecret,
  type HookLine,
  priceAvailability,
  type SignedHook,
  signed,
  webhookSecret,
} from "../fakes/stripe/hooks.ts";
import { type Answer, pool, Service } from "./service.ts";

let service: Service;
let slowestMs = 0;

beforeAll(async () => {
  service = await Service.start();
  await connect("stripe", "all", { account });
  await connect("stripe-listed", "listed", {});
});
afterAll(async () => {
  await service.remove();
});

async function connect(id: string, listings: string, settings: object) {
  const connected = await service.call("PUT", `/v1/channels/${id}`, {
    kind: "stripe",
    settings,
    listings,
    credentials: { hookSecret, webhookSecret },
    rule: { buffer: 1 },
  });
  expect(connected.status).toBe(201);
  expect(JSON.stringify(connected.body)).not.toContain(hookSecret);
}

/** As Stripe does: no key of ours, only its signature. */
async function post({ headers, body }: SignedHook, channel = "stripe"): Promise<Answer> {
  const startMs = performance.now();
  const url = `${service.url}/v1/channels/${channel}/inbound`;
  const response = await fetch(url, { method: "POST", headers, body });
  const answer = { status: response.status, headers: response.headers, body: await response.json() };
  slowestMs = Math.max(slowestMs, performance.now() - startMs);
  return answer;
}
const hook = async (payload: object, channel?: string, secret?: string) =>
  post(await signed(payload, Date.now(), secret), channel);

const lines = (skus: Readonly<Record<string, number>>): HookLine[] =>
  Object.entries(skus).map(([sku, quantity], index) => ({ id: `li_${index + 1}`, sku_id: sku, quantity }));
const approval = (session: string, skus: Readonly<Record<string, number>>, delivery = `evt_${session}`) =>
  finalize(delivery, session, lines(skus));
const stock = async (sku: string) => (await service.call("GET", `/v1/skus/${sku}`)).body;
const approved = { manual_approval_details: { type: "approved" } };

describe("the order approval hook", () => {
  it("approves 7 of 2,000 orders for the last 7 units, and answers each the same again", async () => {
    const units = 7;
    await service.count("LAST-7", units);
    const answers = new Map<string, unknown>();
    let givenUp = 0;
    slowestMs = 0;
    await pool(2_000, 100, async (index) => {
      // A machine too slow to answer in time declines; then an agent asks anew.
      for (let time = 0; ; time += 1) {
        const delivery = `evt_${index}_${time}`;
        const { status, body } = await hook(approval(`cs_${index}`, { "LAST-7": 1 }, delivery));
        expect(status).toBe(200);
        answers.set(`${index} ${delivery}`, body);
        if (!JSON.stringify(body).includes("in time")) return;
        givenUp += 1;
      }
    });
    console.log(
      `slowest of 2,000 approvals over 100 connections: ${Math.round(slowestMs)} ms, late: ${givenUp}`,
    );
    const all = [...answers.entries()];
    const yes = all.filter(([, body]) => JSON.stringify(body) === JSON.stringify(approved));
    const no = all.filter(([, body]) => JSON.stringify(body).includes("1 of LAST-7 requested, 0 available"));
    expect(yes).toHaveLength(units);
    expect(no).toHaveLength(2_000 - units);
    const view = await stock("LAST-7");
    expect([view.available, view.reserved, view.committed]).toEqual([0, 0, units]);

    await service.kill();
    await service.start();
    await service.count("LAST-7", 1_000);
    await pool(60, 20, async (index) => {
      const [key, body] = (index < units ? yes[index] : no[index]) ?? ["", {}];
      const [order, delivery] = key.split(" ");
      expect((await hook(approval(`cs_${order}`, { "LAST-7": 1 }, delivery))).body).toEqual(body);
    });
    expect((await stock("LAST-7")).committed).toBe(units);
  });

  it("takes kits by their parts, and several lines together or not at all", async () => {
    await Promise.all([service.count("WHEEL", 4), service.count("FRAME", 3)]);
    const components = [
      { sku: "WHEEL", quantity: 2 },
      { sku: "FRAME", quantity: 1 },
    ];
    const key = { "idempotency-key": crypto.randomUUID() };
    expect((await service.call("PUT", "/v1/skus/BIKE", { components }, key)).status).toBe(201);
    expect((await hook(approval("cs_kit", { BIKE: 1 }))).body).toEqual(approved);
    const both = await hook(approval("cs_both", { BIKE: 1, WHEEL: 1 }));
    expect(both.body.manual_approval_details).toMatchObject({
      type: "declined",
      declined: { reason: expect.stringMatching(/WHEEL requested, 2 available/) },
    });
    expect((await stock("WHEEL")).available).toBe(2);
    expect((await stock("FRAME")).available).toBe(2);
  });

  it("declines what it does not know, with the reason", async () => {
    const unknown = await hook(approval("cs_unknown", { "NO-SUCH": 1 }));
    expect(unknown.body).toEqual({
      manual_approval_details: { type: "declined", declined: { reason: "not sold here: NO-SUCH" } },
    });
    await service.count("NOT-LISTED", 5);
    expect((await hook(approval("cs_listed", { "NOT-LISTED": 1 }), "stripe-listed")).body).toMatchObject({
      manual_approval_details: { type: "declined" },
    });
    const listing = { external: "prod-1" };
    await service.call("PUT", "/v1/channels/stripe-listed/listings/NOT-LISTED", listing);
    expect((await hook(approval("cs_listed", { "prod-1": 6 }), "stripe-listed")).body).toMatchObject({
      manual_approval_details: { declined: { reason: "out of stock: 6 of prod-1 requested, 5 available" } },
    });
    expect((await hook(approval("cs_listed", { "prod-1": 5 }, "evt_2"), "stripe-listed")).body).toEqual(
      approved,
    );
    expect((await stock("NOT-LISTED")).available).toBe(0);
  });

  it("refuses what is unsigned, forged, malformed, stale or a sandbox's, and changes nothing", async () => {
    await service.count("UNTOUCHED", 5);
    const order = approval("cs_forged", { UNTOUCHED: 1 });
    const good = await signed(order, Date.now());
    expect((await post({ ...good, headers: { "content-type": "application/json" } })).status).toBe(401);
    expect((await hook(order, "stripe", "whsec_somebody")).status).toBe(401);
    expect((await post({ ...good, body: good.body.replace('"quantity":1', '"quantity":2') })).status).toBe(
      401,
    );
    expect((await post(await signed(order, Date.now() - 600_000))).status).toBe(401);
    expect((await hook({ ...order, data: {} })).status).toBe(400);
    expect((await hook({ ...order, livemode: false })).status).toBe(400);
    expect((await hook({ ...order, context: "acct_other" })).status).toBe(400);
    expect((await hook(order, "no-such-channel")).status).toBe(404);
    const view = await stock("UNTOUCHED");
    expect([view.available, view.version]).toEqual([5, 1]);
  });

  it("counts a sale once that the shop tells too, and gives back what was never paid", async () => {
    await service.count("PAID", 5);
    expect((await hook(approval("cs_paid", { PAID: 2 }))).body).toEqual(approved);
    const told = { channel: "stripe", orderId: "cs_paid", lines: [{ sku: "PAID", quantity: 2 }] };
    const key = { "idempotency-key": crypto.randomUUID() };
    expect((await service.call("POST", "/v1/orders", told, key)).body.lines[0].status).toBe("accepted");
    expect((await stock("PAID")).committed).toBe(2);
    expect((await hook(approval("cs_unpaid", { PAID: 3 }))).body).toEqual(approved);
    const event = expired("cs_unpaid");
    for (let time = 0; time < 2; time += 1) {
      expect((await hook(event, "stripe", webhookSecret)).body).toEqual({ accepted: 1 });
    }
    const view = await stock("PAID");
    expect([view.available, view.committed]).toEqual([3, 2]);
  });
});

describe("the product price and availability hook", () => {
  it("says what may be sold now, and as of when", async () => {
    await service.count("TEE", 5);
    const priced = { price: { amount: 1999, currency: "EUR" } };
    const key = { "idempotency-key": crypto.randomUUID() };
    await service.call("PUT", "/v1/skus/TEE", priced, key);
    const before = Math.floor(Date.now() / 1_000);
    const { status, body } = await hook(priceAvailability("TEE"));
    expect(status).toBe(200);
    // One unit is kept back from this channel by its publication rule.
    expect(body).toEqual({
      sku_id: "TEE",
      merchant_id: account,
      availability: { status: "in_stock", quantity: 4 },
      price: { unit_amount: 1999, currency: "eur" },
      as_of: expect.any(Number),
    });
    expect(body.as_of).toBeGreaterThanOrEqual(before);
    expect(body.as_of).toBeLessThanOrEqual(Math.floor(Date.now() / 1_000));
    expect((await hook(approval("cs_tee", { TEE: 4 }))).body).toEqual(approved);
    expect((await hook(priceAvailability("TEE"))).body.availability).toEqual({
      status: "out_of_stock",
      quantity: 0,
    });
  });

  it("says that a product is not sold here", async () => {
    const deleted = { sku_id: "NO-SUCH", merchant_id: account, deleted: true };
    expect((await hook(priceAvailability("NO-SUCH"))).body).toEqual(deleted);
    expect((await hook(priceAvailability("TEE"), "stripe-listed")).body).toMatchObject({ deleted: true });
  });
});
