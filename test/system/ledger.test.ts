import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Answer, eventually, Service } from "./service.ts";

let service: Service;

beforeAll(async () => {
  service = await Service.start();
});
afterAll(async () => {
  await service.remove();
});

const key = () => ({ "idempotency-key": crypto.randomUUID() });

function order(
  channel: string,
  orderId: string,
  ...lines: { sku: string; quantity: number }[]
): Promise<Answer> {
  const withIds = lines.map((line, index) => ({ lineId: String(index + 1), ...line }));
  return service.call("POST", "/v1/orders", { channel, orderId, lines: withIds }, key());
}

/** The items of a list once it has that many. */
function listed(path: string, count: number): Promise<Answer["body"]> {
  return eventually(async () => {
    const { body } = await service.call("GET", path);
    return body.items.length >= count ? body : undefined;
  });
}

describe("oversells", () => {
  it("appear for orders and counts that take too much, and are settled once", async () => {
    await service.count("OVER/1", 2);
    await order("web", "O-1", { sku: "OVER/1", quantity: 5 });
    await service.count("OVER/1", 1);
    const path = `/v1/oversells?sku=${encodeURIComponent("OVER/1")}`;
    const { items, openCount, openUnits } = await listed(path, 2);
    expect(items).toMatchObject([
      { cause: "count", units: 1, version: 3, state: "open" },
      { cause: "order", units: 3, version: 2, state: "open", channel: "web", orderId: "O-1", lineId: "1" },
    ]);
    expect({ openCount, openUnits }).toEqual({ openCount: 2, openUnits: 4 });

    const one = `/v1/oversells/${items[1].id}`;
    expect((await service.call("GET", one)).body).toEqual(items[1]);
    const body = { resolution: "restocked", note: "found three" };
    const resolved = await service.call("POST", `${one}/resolution`, body);
    expect(resolved.status).toBe(200);
    expect(resolved.body).toMatchObject({ ...items[1], ...body, state: "resolved", resolvedBy: "admin" });
    expect((await service.call("POST", `${one}/resolution`, body)).body).toEqual(resolved.body);
    const other = await service.call("POST", `${one}/resolution`, { resolution: "cancelled" });
    expect([other.status, other.body.resolution]).toEqual([409, "restocked"]);
    expect(other.body.type).toMatch(/\/problems\/oversell-resolved$/);

    const open = (await service.call("GET", `${path}&state=open`)).body;
    expect(open).toMatchObject({ items: [items[0]], openCount: 1, openUnits: 1 });
    const ofWeb = (await service.call("GET", `${path}&channel=web&state=resolved`)).body;
    expect(ofWeb).toMatchObject({ items: [{ id: items[1].id }], openCount: 0, openUnits: 0 });
  });

  it("that do not exist, bad resolutions and keys that may only read are refused", async () => {
    for (const path of ["/v1/oversells/ovs_none", "/v1/oversells/x%2Fy"]) {
      expect((await service.call("GET", path)).body).toMatchObject({ status: 404 });
    }
    const unknown = await service.call("POST", "/v1/oversells/ovs_none/resolution", {
      resolution: "cancelled",
    });
    expect(unknown.body.type).toMatch(/\/problems\/oversell-not-found$/);
    const bad = await service.call("POST", "/v1/oversells/ovs_none/resolution", { resolution: "forgotten" });
    expect(bad.body).toMatchObject({ status: 400, errors: [{ pointer: "/resolution" }] });
    const made = await service.call("POST", "/v1/keys", { name: "reader", scopes: ["stock:read"] });
    const auth = { authorization: `Bearer ${made.body.key}` };
    const body = { resolution: "cancelled" };
    expect((await service.call("POST", "/v1/oversells/ovs_none/resolution", body, auth)).status).toBe(403);
    expect((await service.call("GET", "/v1/oversells", undefined, auth)).status).toBe(200);
  });
});

it("lists order lines whose SKU nobody knows", async () => {
  await service.count("MATCHED", 5);
  await order("shop", "U-1", { sku: "MATCHED", quantity: 1 }, { sku: "NOBODY KNOWS", quantity: 2 });
  const { items } = await listed("/v1/unmatched?channel=shop", 1);
  expect(items).toEqual([
    {
      channel: "shop",
      orderId: "U-1",
      lineId: "2",
      sku: "NOBODY KNOWS",
      quantity: 2,
      receivedAt: expect.stringMatching(/Z$/),
    },
  ]);
});

/** Takes one at random. */
function any<Item>(...items: Item[]): Item {
  const item = items[Math.floor(Math.random() * items.length)];
  if (item === undefined) throw new Error("nothing to choose from");
  return item;
}

/** A buyer or clerk who does something at random to a SKU for a while; answers every view that was answered. */
async function busy(sku: string, untilMs: number): Promise<Answer["body"][]> {
  const path = `/v1/skus/${encodeURIComponent(sku)}`;
  const seen: Answer["body"][] = [];
  const held: string[] = [];
  const see = ({ body }: Answer) => {
    if (body.event !== undefined && body.stock !== undefined) seen.push(body.stock);
  };
  const orders: string[] = [];
  const location = () => any("default", "north");
  while (Date.now() < untilMs) {
    await any(
      async () =>
        see(
          await service.call(
            "POST",
            `${path}/adjustments`,
            { delta: any(1, 5, -1), reason: "correction", location: location() },
            key(),
          ),
        ),
      async () => {
        const url = `${path}/levels/${location()}`;
        see(await service.call("PUT", url, { onHand: any(3, 10, 20) }, { ...key(), "if-match": "*" }));
      },
      async () => {
        const body = { lines: [{ sku, quantity: any(1, 2) }], ttlSeconds: any(1, 60), channel: "web" };
        const answer = await service.call("POST", "/v1/reservations", body, key());
        see(answer);
        if (answer.status === 201) held.push(answer.body.id);
      },
      async () => {
        const id = held.pop();
        if (id !== undefined) see(await service.call("DELETE", `/v1/reservations/${id}`, undefined, key()));
      },
      async () => {
        const id = held.pop();
        const body = { channel: "web", orderId: crypto.randomUUID() };
        if (id !== undefined) see(await service.call("POST", `/v1/reservations/${id}/commit`, body, key()));
      },
      async () => {
        const orderId = crypto.randomUUID();
        await order("shop", orderId, { sku, quantity: any(1, 4) });
        orders.push(orderId);
      },
      async () => {
        const id = orders.pop();
        if (id !== undefined)
          await service.call("POST", `/v1/orders/shop/${id}/${any("cancel", "fulfil")}`, {}, key());
      },
    )();
  }
  return seen;
}

function withoutAsOf({ asOf: _asOf, ...view }: Answer["body"]): Answer["body"] {
  return view;
}

describe("after a busy time", () => {
  const skus = ["BUSY", "BUSY/2 ü"];
  const answered: Answer["body"][] = [];
  const audit = (sku: string) => service.call("GET", `/v1/skus/${encodeURIComponent(sku)}/audit`);

  beforeAll(async () => {
    for (const sku of skus) answered.push((await service.count(sku, 10)).body.stock);
    const untilMs = Date.now() + 6_000;
    const watched = async () => {
      while (Date.now() < untilMs) {
        const { body } = await audit(any(...skus));
        expect(body).toMatchObject({ matches: true, behind: 0, differences: [] });
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
    };
    const seen = await Promise.all([
      watched(),
      ...skus.flatMap((sku) => [busy(sku, untilMs), busy(sku, untilMs)]),
    ]);
    answered.push(...seen.flatMap((views) => views ?? []));
  });

  it("the ledger adds up to the live stock", async () => {
    for (const sku of skus) {
      const { status, body } = await audit(sku);
      expect(status).toBe(200);
      expect(body).toMatchObject({ sku, matches: true, isDense: true, behind: 0, differences: [] });
      expect(body.ledgerVersion).toBe(body.liveVersion);
      expect(body.entries).toBe(body.liveVersion);
      expect(withoutAsOf(body.ledger)).toEqual(withoutAsOf(body.live));
      expect(body.entries).toBeGreaterThan(20);
    }
  });

  it("the stock at a past version or time is what was answered then", async () => {
    expect(answered.length).toBeGreaterThan(40);
    for (let each = 0; each < 40; each += 1) {
      const view = any(...answered);
      const path = `/v1/skus/${encodeURIComponent(view.sku)}/history`;
      const byVersion = (await service.call("GET", `${path}?version=${view.version}&epoch=${view.epoch}`))
        .body;
      expect(withoutAsOf(byVersion)).toEqual(withoutAsOf(view));
      const byTime = (await service.call("GET", `${path}?at=${byVersion.asOf}`)).body;
      // Others may have changed it within the same millisecond.
      expect(byTime.version).toBeGreaterThanOrEqual(view.version);
      expect(byTime.asOf).toBe(byVersion.asOf);
    }
  });
});

describe("the past and the audit of a SKU", () => {
  it("say what is wrong with a question", async () => {
    const first = (await service.count("PAST", 3)).body.stock;
    await eventually(async () => {
      const { status } = await service.call("GET", "/v1/skus/PAST/history?version=1");
      return status === 200 ? true : undefined;
    });
    const ask = async (query: string) => {
      const { status, body } = await service.call("GET", `/v1/skus/PAST/history${query}`);
      return [status, String(body.type).replace(/^.*\//, "")];
    };
    expect(await ask("")).toEqual([400, "invalid-request"]);
    expect(await ask(`?version=1&at=${first.asOf}`)).toEqual([400, "invalid-request"]);
    expect(await ask(`?epoch=${first.epoch}&at=${first.asOf}`)).toEqual([400, "invalid-request"]);
    expect(await ask("?at=yesterday")).toEqual([400, "invalid-request"]);
    expect(await ask("?version=0")).toEqual([400, "invalid-request"]);
    expect(await ask("?at=2020-01-01T00:00:00Z")).toEqual([404, "sku-not-found"]);
    expect(await ask("?version=1&epoch=zzz")).toEqual([404, "sku-not-found"]);
    expect(await ask("?version=9")).toEqual([404, "version-not-found"]);
    expect((await service.call("GET", "/v1/skus/NO-SUCH/history?version=1")).status).toBe(404);
    expect((await service.call("GET", "/v1/skus/NO-SUCH/audit")).status).toBe(404);
  });

  it("cover a SKU that was retired, and its next life", async () => {
    const before = (await service.count("LIVES", 3)).body.stock;
    await service.count("LIVES", 0);
    const retired = await service.call("DELETE", "/v1/skus/LIVES", undefined, key());
    expect(retired.status).toBe(200);
    // The ledger is a moment behind.
    const audited = async (entries: number) => {
      const { body } = await service.call("GET", "/v1/skus/LIVES/audit");
      return body.behind === 0 && body.entries === entries ? body : undefined;
    };
    const gone = await eventually(() => audited(3));
    expect(gone).toMatchObject({ matches: true, ledger: { retired: true } });
    expect(gone).not.toHaveProperty("live");
    const { items } = (await service.call("GET", "/v1/skus?query=lives")).body;
    expect(items).toEqual([]);

    await service.count("LIVES", 8);
    expect(await eventually(() => audited(1))).toMatchObject({ matches: true });
    const past = await service.call("GET", `/v1/skus/LIVES/history?version=1&epoch=${before.epoch}`);
    expect(withoutAsOf(past.body)).toEqual(withoutAsOf(before));
    const now = await service.call("GET", "/v1/skus/LIVES/history?version=1");
    expect(now.body).toMatchObject({ onHand: 8 });
  });
});
