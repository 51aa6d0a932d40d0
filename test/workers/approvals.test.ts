import {
  applyD1Migrations,
  evictDurableObject,
  runDurableObjectAlarm,
  runInDurableObject,
} from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { eventually } from "./eventually.ts";
import { answerTo } from "../../src/api/answer-question.ts";
import type { ApprovalRequest, Verdict } from "../../src/channel/approval/contract.ts";
import type { ApprovalQuestion } from "../../src/channel/kit/question.ts";
import { orderObjectName } from "../../src/order/address.ts";
import { OrderObject } from "../../src/order/order-object.ts";
import type { OrderReportFact } from "../../src/order/contract.ts";
import { SkuObject } from "../../src/sku/sku-object.ts";
import type { Mutation } from "../../src/stock/mutation.ts";

beforeAll(() => applyD1Migrations(env.LEDGER, env.TEST_MIGRATIONS));
afterEach(() => {
  vi.restoreAllMocks();
});

const channel = "stripe";
const minuteMs = 60_000;

async function mutate(sku: string, mutation: Mutation) {
  const [result] = await env.SKU.getByName(sku).mutate([{ mutation, fingerprint: "" }]);
  return result;
}
const count = (sku: string, onHand: number) => mutate(sku, { type: "count", location: "default", onHand });

/** Available, reserved and committed of a SKU. */
async function stock(sku: string): Promise<number[]> {
  const view = await env.SKU.getByName(sku).read();
  return view === undefined ? [] : [view.available, view.reserved, view.committed];
}

interface Cart {
  readonly order: string;
  readonly delivery?: string;
  readonly skus: Readonly<Record<string, number>>;
  readonly withinMs?: number;
}

function ask({ order, delivery = "evt_1", skus, withinMs = minuteMs }: Cart): ApprovalRequest {
  const lines = Object.entries(skus).map(([sku, quantity], index) => {
    return { lineId: `li_${index + 1}`, sku, item: sku, quantity };
  });
  return { channel, orderId: order, delivery, lines, decideByMs: Date.now() + withinMs };
}

/** An object of its own for each order, so that nobody else's orders wake it. */
const objectOf = (order: string) => env.APPROVAL.getByName(order);
const approve = async (cart: Cart): Promise<Verdict> => {
  const verdict = await objectOf(cart.order).approve(ask(cart));
  return JSON.parse(JSON.stringify(verdict));
};
const approved: Verdict = { outcome: "approved" };
const declined = (reason: RegExp) => ({ outcome: "declined", reason: expect.stringMatching(reason) });
/** Lets mutations of one type wait at one SKU, until it is opened. */
function gate(sku: string, type: Mutation["type"], when: "before" | "after" = "before") {
  const { promise, resolve } = Promise.withResolvers<void>();
  const seen = Promise.withResolvers<void>();
  // oxlint-disable-next-line typescript/unbound-method -- called with the object it is replaced on
  const real = SkuObject.prototype.mutate;
  const spy = vi.spyOn(SkuObject.prototype, "mutate").mockImplementation(async function (
    this: SkuObject,
    requests,
  ) {
    const isHere = requests.some(({ mutation }) => mutation.type === type);
    const isOf = isHere && (await this.read())?.sku === sku;
    if (isOf && when === "before") {
      seen.resolve();
      await promise;
    }
    const results = await real.call(this, requests);
    if (isOf && when === "after") {
      seen.resolve();
      await promise;
    }
    return results;
  });
  return { seen: seen.promise, open: resolve, spy };
}

describe("an approval", () => {
  it("sells the units as the order's, and says how many there are when it declines", async () => {
    await count("A-ONE", 3);
    expect(await approve({ order: "a-1", skus: { "A-ONE": 2 } })).toEqual(approved);
    expect(await stock("A-ONE")).toEqual([1, 0, 2]);
    expect(await approve({ order: "a-2", skus: { "A-ONE": 2 } })).toEqual(
      declined(/2 of A-ONE requested, 1 available/),
    );
    expect(await stock("A-ONE")).toEqual([1, 0, 2]);
  });

  it("takes all lines or none, and names every line that is short", async () => {
    await Promise.all([count("A-L1", 5), count("A-L2", 1), count("A-L3", 0)]);
    const cart = { "A-L1": 1, "A-L2": 2, "A-L3": 1 };
    const verdict = await approve({ order: "a-3", skus: cart });
    expect(verdict).toEqual(declined(/2 of A-L2 requested, 1 available; 1 of A-L3 requested, 0 available/));
    expect(await stock("A-L1")).toEqual([5, 0, 0]);
    expect(await approve({ order: "a-4", skus: { "A-L1": 2, "A-L2": 1 } })).toEqual(approved);
    expect([await stock("A-L1"), await stock("A-L2")]).toEqual([
      [3, 0, 2],
      [0, 0, 1],
    ]);
  });

  it("of a kit takes its components, alone and beside others", async () => {
    await Promise.all([count("A-BOLT", 5), count("A-NUT", 2)]);
    const components = [
      { sku: "A-BOLT", quantity: 2 },
      { sku: "A-NUT", quantity: 1 },
    ];
    await mutate("A-KIT", { type: "create", components });
    expect(await approve({ order: "a-5", skus: { "A-KIT": 1 } })).toEqual(approved);
    expect([await stock("A-BOLT"), await stock("A-NUT")]).toEqual([
      [3, 0, 2],
      [1, 0, 1],
    ]);
    expect(await approve({ order: "a-6", skus: { "A-KIT": 1, "A-NUT": 1 } })).toEqual(declined(/A-NUT/));
    expect(await approve({ order: "a-7", skus: { "A-KIT": 1, "A-BOLT": 1 } })).toEqual(approved);
    expect([await stock("A-BOLT"), await stock("A-NUT")]).toEqual([
      [0, 0, 5],
      [0, 0, 2],
    ]);
    expect(await objectOf("a-5").abandon(channel, "a-5")).toBe(true);
    expect([await stock("A-BOLT"), await stock("A-NUT")]).toEqual([
      [2, 0, 3],
      [1, 0, 1],
    ]);
  });

  it("with two lines of one SKU knows each of them", async () => {
    await count("A-TWICE", 9);
    const lines = [1, 2].map((quantity) => {
      return { lineId: `li_${quantity}`, sku: "A-TWICE", item: "A-TWICE", quantity };
    });
    const request = { ...ask({ order: "a-twice", skus: {} }), lines };
    expect(await objectOf("a-twice").approve(request)).toMatchObject(approved);
    expect(await stock("A-TWICE")).toEqual([6, 0, 3]);
    const order = env.ORDER.getByName(orderObjectName(channel, "a-twice"));
    const change = { type: "cancel" as const, channel, orderId: "a-twice", fingerprint: "", actor: "shop" };
    await order.change({ ...change, key: "1", lines: [{ lineId: "li_2" }] });
    expect(await stock("A-TWICE")).toEqual([8, 0, 1]);
    expect(await objectOf("a-twice").abandon(channel, "a-twice")).toBe(true);
    expect(await stock("A-TWICE")).toEqual([9, 0, 0]);
  });

  it("of an unknown SKU is declined", async () => {
    expect(await approve({ order: "a-8", skus: { "A-NOBODY": 1 } })).toEqual(
      declined(/not sold here: A-NOBODY/),
    );
    await count("A-KNOWN", 1);
    const both = await approve({ order: "a-9", skus: { "A-KNOWN": 1, "A-NOBODY": 1 } });
    expect(both).toEqual(declined(/not sold here: A-NOBODY/));
    expect(await stock("A-KNOWN")).toEqual([1, 0, 0]);
  });
});

describe("a question that comes again", () => {
  it("is answered as before, whatever the stock is now, at once and after an eviction", async () => {
    await count("R-ONE", 1);
    const yes = { order: "r-1", skus: { "R-ONE": 1 } };
    const no = { order: "r-2", skus: { "R-ONE": 1 } };
    expect(await approve(yes)).toEqual(approved);
    const refused = await approve(no);
    expect(refused).toEqual(declined(/0 available/));
    await count("R-ONE", 9);
    for (const order of ["r-1", "r-2"]) await evictDurableObject(objectOf(order));
    expect(await approve(yes)).toEqual(approved);
    expect(await approve(no)).toEqual(refused);
    expect(await stock("R-ONE")).toEqual([8, 0, 1]);
  });

  it("many times at once takes the units once", async () => {
    await Promise.all([count("R-MANY", 5), count("R-MORE", 5)]);
    const carts = [{ "R-MANY": 1 }, { "R-MANY": 1, "R-MORE": 1 }];
    for (const [index, skus] of carts.entries()) {
      const verdicts = await Promise.all(
        Array.from({ length: 20 }, () => approve({ order: `r-many-${index}`, skus })),
      );
      expect(verdicts).toEqual(verdicts.map(() => approved));
    }
    expect([await stock("R-MANY"), await stock("R-MORE")]).toEqual([
      [3, 0, 2],
      [4, 0, 1],
    ]);
  });

  it("with other lines is declined, and changes nothing", async () => {
    await count("R-OTHER", 5);
    expect(await approve({ order: "r-3", skus: { "R-OTHER": 1 } })).toEqual(approved);
    expect(await approve({ order: "r-3", skus: { "R-OTHER": 2 } })).toEqual(declined(/other lines/));
    expect(await stock("R-OTHER")).toEqual([4, 0, 1]);
  });

  it("as a new question about the same cart takes nothing more; about another cart, that instead", async () => {
    await count("R-CART", 5);
    const cart = { order: "r-4", skus: { "R-CART": 1 } };
    expect(await approve(cart)).toEqual(approved);
    expect(await approve({ ...cart, delivery: "evt_2" })).toEqual(approved);
    expect(await stock("R-CART")).toEqual([4, 0, 1]);
    expect(await approve({ order: "r-4", delivery: "evt_3", skus: { "R-CART": 5 } })).toEqual(approved);
    expect(await stock("R-CART")).toEqual([0, 0, 5]);
    expect(await approve({ order: "r-4", delivery: "evt_4", skus: { "R-CART": 6 } })).toEqual(
      declined(/5 available/),
    );
    expect(await stock("R-CART")).toEqual([5, 0, 0]);
  });

  it("after its units were cancelled takes them anew", async () => {
    await count("R-GONE", 1);
    const cart = { order: "r-5", skus: { "R-GONE": 1 } };
    expect(await approve(cart)).toEqual(approved);
    await mutate("R-GONE", { type: "cancel", channel, orderId: "r-5" });
    expect(await stock("R-GONE")).toEqual([1, 0, 0]);
    expect(await approve({ ...cart, delivery: "evt_2" })).toEqual(approved);
    expect(await stock("R-GONE")).toEqual([0, 0, 1]);
  });
});

describe("a crash", () => {
  /** The question is cut off at the step, and the object is gone with all it knew. */
  async function cutOff(cart: Cart, sku: string, type: Mutation["type"], when: "before" | "after") {
    const { seen, open, spy } = gate(sku, type, when);
    const asked = approve(cart).catch(() => undefined);
    await seen;
    const crash = runInDurableObject(objectOf(cart.order), (_, state) => state.abort("crash"));
    await crash.catch(() => undefined);
    open();
    spy.mockRestore();
    await asked;
  }

  const cases = [
    ["before units are held", "reserve", "before"],
    ["after units are held", "reserve", "after"],
    ["before they are sold", "commit", "before"],
    ["after they are sold", "commit", "after"],
  ] as const;

  it.each(cases)(
    "%s: the question that comes again is approved, and takes them once",
    async (_, type, when) => {
      const sku = `C-AGAIN-${type}-${when}`;
      await count(sku, 1);
      const cart = { order: `c-again-${type}-${when}`, skus: { [sku]: 1 } };
      await cutOff(cart, sku, type, when);
      expect(await approve(cart)).toEqual(approved);
      expect(await approve(cart)).toEqual(approved);
      expect(await stock(sku)).toEqual([0, 0, 1]);
    },
  );

  it.each(cases)("%s: if nobody asks again, nothing stays held or sold", async (_, type, when) => {
    const sku = `C-NEVER-${type}-${when}`;
    await count(sku, 1);
    const cart = { order: `c-never-${type}-${when}`, skus: { [sku]: 1 } };
    await cutOff(cart, sku, type, when);
    vi.useFakeTimers({ now: Date.now() + minuteMs, toFake: ["Date"] });
    try {
      await runDurableObjectAlarm(objectOf(cart.order));
      expect(await stock(sku)).toEqual([1, 0, 0]);
    } finally {
      vi.useRealTimers();
    }
  });

  it.each(cases)("%s, of several SKUs: if nobody asks again, nothing stays", async (_, type, when) => {
    const [first, last] = [`C-3-${type}-${when}`, `C-4-${type}-${when}`];
    await Promise.all([count(first, 1), count(last, 1)]);
    const cart = { order: `c-left-${type}-${when}`, skus: { [first]: 1, [last]: 1 } };
    await cutOff(cart, last, type, when);
    vi.useFakeTimers({ now: Date.now() + minuteMs, toFake: ["Date"] });
    try {
      await runDurableObjectAlarm(objectOf(cart.order));
      expect([await stock(first), await stock(last)]).toEqual([
        [1, 0, 0],
        [1, 0, 0],
      ]);
    } finally {
      vi.useRealTimers();
    }
  });

  it.each(cases)("%s, of several SKUs: nothing stays, or all is approved", async (_, type, when) => {
    const [first, last] = [`C-1-${type}-${when}`, `C-2-${type}-${when}`];
    await Promise.all([count(first, 1), count(last, 1)]);
    const cart = { order: `c-several-${type}-${when}`, skus: { [first]: 1, [last]: 1 } };
    await cutOff(cart, last, type, when);
    expect(await approve(cart)).toEqual(approved);
    expect([await stock(first), await stock(last)]).toEqual([
      [0, 0, 1],
      [0, 0, 1],
    ]);
    await objectOf(cart.order).abandon(channel, cart.order);
    expect([await stock(first), await stock(last)]).toEqual([
      [1, 0, 0],
      [1, 0, 0],
    ]);
  });
});

describe("a deadline", () => {
  it.each(["reserve", "commit"] as const)(
    "that passes at a slow SKU (%s) is declined by then, and what comes of it goes back",
    async (type) => {
      const sku = `D-SLOW-${type}`;
      await count(sku, 1);
      const { seen, open } = gate(sku, type, "after");
      const cart = { order: `d-slow-${type}`, skus: { [sku]: 1 }, withinMs: 200 };
      const asked = approve(cart);
      await seen;
      // Answered although the SKU still has not.
      expect(await asked).toEqual(declined(/in time/));
      open();
      await eventually(async () => expect(await stock(sku)).toEqual([1, 0, 0]));
      expect(await approve({ ...cart, withinMs: minuteMs })).toEqual(declined(/in time/));
      expect(await approve({ ...cart, delivery: "evt_2", withinMs: minuteMs })).toEqual(approved);
      expect(await stock(sku)).toEqual([0, 0, 1]);
    },
  );

  it("that has passed before the question is looked at touches no SKU", async () => {
    await count("D-OVER", 1);
    const mutations = vi.spyOn(SkuObject.prototype, "mutate");
    expect(await approve({ order: "d-over", skus: { "D-OVER": 1 }, withinMs: -1 })).toEqual(
      declined(/in time/),
    );
    expect(mutations).not.toHaveBeenCalled();
  });

  it("that passes on the way back takes the approval back", async () => {
    await count("D-BACK", 1);
    const question: ApprovalQuestion = {
      type: "approval",
      delivery: "evt_1",
      orderId: "d-back",
      lines: [{ lineId: "li_1", item: "D-BACK", quantity: 1 }],
      signedAtMs: Date.now(),
    };
    // The answer is there, and then the clock of whoever must give it says that it is too late.
    const work: Promise<unknown>[] = [];
    let looks = 0;
    const answer = await answerTo(
      { type: "approval", question, skus: ["D-BACK"] },
      {
        env,
        channel,
        arrivedAtMs: Date.now(),
        now: () => Date.now() + (looks++ === 0 ? 0 : minuteMs),
        waitUntil: (task) => work.push(task),
      },
    );
    expect(answer).toMatchObject({ type: "approval", outcome: "declined" });
    await Promise.all(work);
    expect(work).toHaveLength(1);
    expect(await stock("D-BACK")).toEqual([1, 0, 0]);
  });

  it("does not leave units held when they could not be given back at once", async () => {
    await count("D-BROKEN", 1);
    const cart = { order: "d-broken", skus: { "D-BROKEN": 1 } };
    vi.spyOn(OrderObject.prototype, "approve").mockRejectedValue(new Error("overloaded"));
    const disown = vi.spyOn(OrderObject.prototype, "disown").mockRejectedValue(new Error("overloaded"));
    expect(await approve(cart)).toEqual(declined(/in time/));
    disown.mockRestore();
    vi.useFakeTimers({ now: Date.now() + minuteMs, toFake: ["Date"] });
    try {
      await runDurableObjectAlarm(objectOf("d-broken"));
      expect(await stock("D-BROKEN")).toEqual([1, 0, 0]);
    } finally {
      vi.useRealTimers();
    }
    const left = await runInDurableObject(objectOf("d-broken"), (_, state) =>
      state.storage.sql.exec<{ content: string }>("SELECT content FROM approvals").one(),
    );
    expect(JSON.parse(left.content)).not.toHaveProperty("current");
  });
});

describe("an order that was approved and is told later", () => {
  const orders = (order: string) => env.ORDER.getByName(orderObjectName(channel, order));
  const report = (order: string, lineId: string, sku: string, counts: object): OrderReportFact => {
    const none = { ordered: 0, cancelled: 0, fulfilled: 0, restocked: 0, writtenOff: 0 };
    const line = { lineId, sku, name: sku, ...none, ...counts };
    return { id: `${order}-${JSON.stringify(counts)}`, channel, orderId: order, lines: [line], actor: "c" };
  };

  it("counts once: by Stripe's own line id, by another one, and as a report", async () => {
    await count("O-ONCE", 9);
    const fact = { channel, actor: "shop" };
    for (const [index, lineId] of ["li_1", "1"].entries()) {
      const order = `o-${index}`;
      expect(await approve({ order, skus: { "O-ONCE": 1 } })).toEqual(approved);
      const lines = [{ lineId, sku: "O-ONCE", quantity: 1 }];
      const placed = { ...fact, orderId: order, lines };
      for (let time = 0; time < 2; time += 1) {
        expect(await orders(order).place(placed)).toMatchObject({
          outcome: "recorded",
          replayed: true,
          lines: [{ lineId, status: "accepted" }],
        });
      }
      await orders(order).report(report(order, lineId, "O-ONCE", { ordered: 1, fulfilled: 1 }));
    }
    const view = await env.SKU.getByName("O-ONCE").read();
    expect([view?.onHand, view?.committed, view?.available]).toEqual([7, 0, 7]);
  });

  it("as a kit counts once too, and its parts leave with it", async () => {
    await count("O-PART", 9);
    await mutate("O-KIT", { type: "create", components: [{ sku: "O-PART", quantity: 2 }] });
    expect(await approve({ order: "o-kit", skus: { "O-KIT": 1 } })).toEqual(approved);
    const told = {
      channel,
      actor: "shop",
      orderId: "o-kit",
      lines: [{ lineId: "7", sku: "O-KIT", quantity: 1 }],
    };
    const order = orders("o-kit");
    expect(await order.place(told)).toMatchObject({ outcome: "recorded", replayed: true });
    expect(await stock("O-PART")).toEqual([7, 0, 2]);
    const change = {
      type: "fulfil" as const,
      channel,
      orderId: "o-kit",
      key: "f",
      fingerprint: "",
      actor: "shop",
    };
    expect(await order.change({ ...change, lines: [{ lineId: "7" }] })).toMatchObject({ outcome: "changed" });
    expect(await stock("O-PART")).toEqual([7, 0, 0]);
  });

  it("is cancelled like any other, whole or by line", async () => {
    await count("O-CANCEL", 9);
    expect(await approve({ order: "o-cancel", skus: { "O-CANCEL": 3 } })).toEqual(approved);
    const change = { type: "cancel" as const, channel, orderId: "o-cancel", fingerprint: "", actor: "shop" };
    const order = orders("o-cancel");
    await order.change({ ...change, key: "1", lines: [{ lineId: "li_1", quantity: 1 }] });
    expect(await stock("O-CANCEL")).toEqual([7, 0, 2]);
    await order.change({ ...change, key: "2" });
    expect(await stock("O-CANCEL")).toEqual([9, 0, 0]);
  });

  it("counts if its approval was taken back, since it was sold all the same", async () => {
    await count("O-BACK", 5);
    const cart = { order: "o-back", skus: { "O-BACK": 1 } };
    expect(await approve(cart)).toEqual(approved);
    await objectOf("o-back").withdraw(ask(cart));
    expect(await stock("O-BACK")).toEqual([5, 0, 0]);
    const placed = {
      channel,
      actor: "shop",
      orderId: "o-back",
      lines: [{ lineId: "li_1", sku: "O-BACK", quantity: 1 }],
    };
    expect(await orders("o-back").place(placed)).toMatchObject({ replayed: false });
    expect(await stock("O-BACK")).toEqual([4, 0, 1]);
  });

  it("that is not paid in the end gives its units back, once", async () => {
    await count("O-LEFT", 2);
    expect(await approve({ order: "o-left", skus: { "O-LEFT": 2 } })).toEqual(approved);
    expect(await objectOf("o-left").abandon(channel, "o-left")).toBe(true);
    expect(await objectOf("o-left").abandon(channel, "o-left")).toBe(false);
    expect(await objectOf("o-never").abandon(channel, "o-never")).toBe(false);
    expect(await stock("O-LEFT")).toEqual([2, 0, 0]);
  });
});

describe("what is kept of an order", () => {
  it("costs two rows to decline, and is forgotten in time", async () => {
    await Promise.all([count("K-ROWS", 0), approve({ order: "k-rows", skus: { "K-FIRST": 1 } })]);
    const object = objectOf("k-rows");
    const written = await runInDurableObject(object, async (instance, state) => {
      const exec = vi.spyOn(Object.getPrototypeOf(state.storage.sql) as SqlStorage, "exec");
      await instance.approve(ask({ order: "k-rows", delivery: "evt_2", skus: { "K-ROWS": 1 } }));
      await instance.approve(ask({ order: "k-rows", delivery: "evt_2", skus: { "K-ROWS": 1 } }));
      const rows = exec.mock.results.map(({ type, value }, index) =>
        type === "return" && String(exec.mock.calls[index]?.[0]).includes("INTO approvals")
          ? value.rowsWritten
          : 0,
      );
      exec.mockRestore();
      return rows.reduce((total: number, each: number) => total + each, 0);
    });
    expect(written).toBe(2);
    vi.useFakeTimers({ now: Date.now() + 31 * 24 * 60 * minuteMs, toFake: ["Date"] });
    try {
      await runDurableObjectAlarm(object);
    } finally {
      vi.useRealTimers();
    }
    const left = await runInDurableObject(object, (_, state) =>
      state.storage.sql.exec("SELECT order_id FROM approvals").toArray(),
    );
    expect(left).toEqual([]);
  });
});
