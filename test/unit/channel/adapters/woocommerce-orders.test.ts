import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { OrderReport } from "../../../../src/channel/kit/inbound.ts";
import { contradictionOf, countsOf, type LineCounts } from "../../../../src/order/counts.ts";
import { grown } from "../../../../src/order/state-report.ts";
import type { FakeOrder } from "../../../fakes/woocommerce/orders.ts";
import { WooWorld } from "./woocommerce-world.ts";

const counts = (more: Partial<LineCounts>): LineCounts => ({
  ordered: 0,
  cancelled: 0,
  fulfilled: 0,
  restocked: 0,
  writtenOff: 0,
  ...more,
});

/** What is known of orders after their reports, as an order's object keeps it. */
class Known {
  readonly lines = new Map<string, Record<string, LineCounts>>();
  readonly #asOf = new Map<string, string>();

  take({ orderId, stateAsOf = "", lines }: OrderReport): void {
    if (stateAsOf < (this.#asOf.get(orderId) ?? "")) return;
    this.#asOf.set(orderId, stateAsOf);
    const known = this.lines.get(orderId) ?? {};
    const told = lines.map((line) => ({ lineId: line.lineId, ...countsOf(line) }));
    const next = grown(known, told, (lineId) => ({ lineId, ...counts({}) }));
    for (const line of next) {
      expect(contradictionOf(line)).toBeUndefined();
      for (const [name, count] of Object.entries(countsOf(known[line.lineId] ?? counts({})))) {
        expect(line[name as keyof LineCounts], `${name} never falls`).toBeGreaterThanOrEqual(count);
      }
    }
    const entries = next.filter(({ ordered }) => ordered > 0).map((line) => [line.lineId, countsOf(line)]);
    this.lines.set(orderId, { ...known, ...(Object.fromEntries(entries) as Record<string, LineCounts>) });
  }

  /** Units that are not for sale because of all orders. */
  get taken(): number {
    const all = [...this.lines.values()].flatMap((lines) => Object.values(lines));
    return all.reduce((sum, { ordered, cancelled, restocked }) => sum + ordered - cancelled - restocked, 0);
  }
}

/** An order of 3 mugs, and a way to see what is known of its line. */
async function sold(status = "processing") {
  const world = new WooWorld();
  await world.hook("order.created", "order.updated");
  const mug = world.shop.product("MUG", 10);
  const order = await world.shop.sell([{ id: mug.id, quantity: 3 }], status);
  const lineId = order.lines[0]?.id ?? 0;
  const line = () => {
    const known = new Known();
    for (const report of world.reports) known.take(report);
    return known.lines.get(String(order.id))?.[String(lineId)];
  };
  const later = () => {
    world.nowMs += 1_000;
  };
  const lookUp = () => lookUpAll(world, order);
  return { world, shop: world.shop, mug, order, lineId, line, later, lookUp };
}

describe("a WooCommerce order", () => {
  test("says what it is of, when it was placed, and since when it is so", async () => {
    const { world, mug, order, lineId } = await sold();
    expect(world.reports).toEqual([
      {
        type: "order",
        orderId: String(order.id),
        occurredAt: "2026-11-23T09:00:00.000Z",
        stateAsOf: "2026-11-23T09:00:00.000Z",
        lines: [
          {
            lineId: String(lineId),
            external: { productId: String(mug.id) },
            sku: "MUG",
            title: "An item",
            ...counts({ ordered: 3 }),
          },
        ],
      },
    ]);
  });

  test("names variations", async () => {
    const { world, shop } = await sold();
    const tee = shop.product("TEE", 0, { type: "variable" });
    const small = shop.product("TEE-S", 5, { parentId: tee.id });
    await shop.sell([{ id: small.id, quantity: 1 }]);
    expect(world.reports.at(-1)?.lines[0]).toMatchObject({
      external: { productId: String(tee.id), variationId: String(small.id) },
      sku: "TEE-S",
    });
  });

  test.each(["processing", "on-hold"])("takes stock when %s", async (status) => {
    const { line } = await sold(status);
    expect(line()).toEqual(counts({ ordered: 3 }));
  });

  test.each(["pending", "checkout-draft", "failed", "quote-request"])(
    "takes none when %s",
    async (status) => {
      const { line, mug } = await sold(status);
      expect(line()).toBeUndefined();
      expect(mug.stock).toBe(10);
    },
  );

  test("has left when completed", async () => {
    const { shop, order, line, later } = await sold();
    later();
    await shop.setStatus(order, "completed");
    expect(line()).toEqual(counts({ ordered: 3, fulfilled: 3 }));
  });

  test("gives back what it took when cancelled, and takes it again when it is reopened, however often", async () => {
    const { shop, order, line, later, mug } = await sold();
    for (const [status, expected] of [
      ["cancelled", counts({ ordered: 3, cancelled: 3 })],
      ["processing", counts({ ordered: 6, cancelled: 3 })],
      ["pending", counts({ ordered: 6, cancelled: 6 })],
      ["on-hold", counts({ ordered: 9, cancelled: 6 })],
      ["completed", counts({ ordered: 9, cancelled: 6, fulfilled: 3 })],
      // Shipped, and cancelled all the same: it came back.
      ["cancelled", counts({ ordered: 9, cancelled: 6, fulfilled: 3, restocked: 3 })],
    ] as const) {
      later();
      await shop.setStatus(order, status);
      expect([status, line()]).toEqual([status, expected]);
    }
    expect(mug.stock).toBe(10);
  });

  test("paid after it was cancelled for not being paid, is sold", async () => {
    const { shop, order, line, later } = await sold("pending");
    later();
    await shop.setStatus(order, "cancelled");
    expect(line()).toBeUndefined();
    later();
    await shop.setStatus(order, "processing");
    expect(line()).toEqual(counts({ ordered: 3 }));
  });

  test("keeps its units when the payment fails, as WooCommerce does, until it is cancelled", async () => {
    const { shop, order, line, later, mug } = await sold("on-hold");
    later();
    await shop.setStatus(order, "failed");
    expect([line(), mug.stock]).toEqual([counts({ ordered: 3 }), 7]);
    later();
    await shop.setStatus(order, "cancelled");
    expect([line(), mug.stock]).toEqual([counts({ ordered: 3, cancelled: 3 }), 10]);
  });

  test("keeps its units in a status of a plugin that follows a paid one", async () => {
    const { shop, order, line, later } = await sold();
    later();
    await shop.setStatus(order, "awaiting-pickup");
    expect(line()).toEqual(counts({ ordered: 3 }));
  });

  test("has left in a status that the settings call shipped", async () => {
    const world = new WooWorld({ shippedStatuses: ["delivered"], soldStatuses: ["packed"] });
    await world.hook("order.created", "order.updated");
    const mug = world.shop.product("MUG", 10);
    const order = await world.shop.sell([{ id: mug.id, quantity: 3 }]);
    await world.shop.setStatus(order, "packed");
    await world.shop.setStatus(order, "delivered");
    expect(world.reports.map(({ lines }) => lines[0]?.fulfilled)).toEqual([0, 0, 3]);
  });

  test("follows edits of its quantity, up and down, and the removal of a line", async () => {
    const { shop, order, lineId, line, later, mug } = await sold("on-hold");
    for (const [quantity, expected] of [
      [5, counts({ ordered: 5 })],
      [2, counts({ ordered: 5, cancelled: 3 })],
      [3, counts({ ordered: 6, cancelled: 3 })],
      [0, counts({ ordered: 6, cancelled: 6 })],
    ] as const) {
      later();
      await shop.editQuantity(order, lineId, quantity);
      expect([quantity, line()]).toEqual([quantity, expected]);
    }
    expect(mug.stock).toBe(10);
  });

  describe("with refunds", () => {
    test("put back before they left: cancelled", async () => {
      const { shop, order, lineId, line, later, lookUp, mug } = await sold();
      later();
      await shop.refund(order, new Map([[lineId, 1]]), true);
      expect(line()).toEqual(counts({ ordered: 3, cancelled: 1 }));
      await lookUp();
      later();
      await shop.setStatus(order, "completed");
      expect([line(), mug.stock]).toEqual([counts({ ordered: 3, cancelled: 1, fulfilled: 2 }), 8]);
    });

    test("put back after they left: restocked", async () => {
      const { shop, order, lineId, line, later, mug } = await sold();
      later();
      await shop.setStatus(order, "completed");
      later();
      await shop.refund(order, new Map([[lineId, 2]]), true);
      expect([line(), mug.stock]).toEqual([counts({ ordered: 3, fulfilled: 3, restocked: 2 }), 9]);
    });

    test("not put back: gone once they are looked up, shipped or not", async () => {
      for (const status of ["processing", "completed"]) {
        const { world, shop, order, lineId, line, later, lookUp, mug } = await sold();
        later();
        await shop.setStatus(order, status);
        await shop.refund(order, new Map([[lineId, 1]]), false);
        expect(world.facts.at(-1)).toEqual({ type: "order-hint", orderId: String(order.id) });
        await lookUp();
        expect(mug.stock).toBe(7);
        expect(line()).toEqual(counts({ ordered: 3, fulfilled: status === "completed" ? 3 : 1 }));
        // WooCommerce gives them back with the rest if the order is cancelled.
        later();
        await shop.setStatus(order, "cancelled");
        expect([mug.stock, (line()?.cancelled ?? 0) + (line()?.restocked ?? 0)]).toEqual([10, 3]);
      }
    });

    test("of the whole order by its status: WooCommerce puts nothing back, so nothing is for sale again", async () => {
      const { shop, order, line, later, mug } = await sold();
      later();
      await shop.setStatus(order, "refunded");
      expect([line(), mug.stock]).toEqual([counts({ ordered: 3, fulfilled: 3 }), 7]);
    });

    test("put back in part and cancelled then: everything is back, once", async () => {
      const { shop, order, lineId, line, later, mug } = await sold();
      later();
      await shop.refund(order, new Map([[lineId, 1]]), true);
      later();
      await shop.setStatus(order, "cancelled");
      expect([line(), mug.stock]).toEqual([counts({ ordered: 3, cancelled: 3 }), 10]);
    });
  });

  test("in the bin says nothing: WooCommerce leaves its stock as it is", async () => {
    const { world, shop, order, later } = await sold();
    later();
    await shop.setStatus(order, "trash");
    expect(world.received.at(-1)).toMatchObject({ outcome: "ignored" });
  });

  test("that was delivered out of order and again counts as its newest state", async () => {
    const { world, shop, order, later, line } = await sold();
    later();
    await shop.setStatus(order, "cancelled");
    later();
    await shop.setStatus(order, "processing");
    const [first, second, third] = world.reports;
    if (first === undefined || second === undefined || third === undefined) throw new Error("three reports");
    expect(line()).toEqual(counts({ ordered: 6, cancelled: 3 }));
    for (const reports of [
      [third, first, second],
      [second, first, third, second],
      [first, third, third, first],
    ]) {
      const known = new Known();
      for (const report of reports) known.take(report);
      expect(known.taken).toBe(3);
    }
  });
});

const step = fc.oneof(
  fc.record({
    what: fc.constant("status" as const),
    status: fc.constantFrom(
      "pending",
      "processing",
      "on-hold",
      "completed",
      "cancelled",
      "failed",
      "refunded",
    ),
  }),
  fc.record({
    what: fc.constant("refund" as const),
    units: fc.integer({ min: 1, max: 3 }),
    isRestocked: fc.boolean(),
  }),
  fc.record({ what: fc.constant("edit" as const), units: fc.integer({ min: 1, max: 5 }) }),
  fc.record({ what: fc.constant("look-up" as const) }),
);

test("whatever happens to an order, and whatever webhooks are lost, what is known holds the shop's stock to account", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(step, fc.constantFrom(0, 1, 2), fc.boolean())), async (steps) => {
      const world = new WooWorld();
      await world.hook("order.created", "order.updated");
      const mug = world.shop.product("MUG", 100);
      const order = await world.shop.sell([{ id: mug.id, quantity: 3 }], "pending");
      const lineId = order.lines[0]?.id ?? 0;
      const known = new Known();
      let told = 0;
      for (const [{ what, ...more }, copies, isLate] of steps) {
        if (isLate) world.nowMs += 1_000;
        await apply(world, order, lineId, { what, ...more } as Step);
        for (const report of world.reports.slice(told))
          for (let n = 0; n < copies; n += 1) known.take(report);
        told = world.reports.length;
      }
      // What polling reads in the end.
      await lookUpAll(world, order);
      for (const report of world.reports.slice(told)) known.take(report);
      expect(known.taken).toBe(100 - (mug.stock ?? 0));
    }),
    { numRuns: 300 },
  );
});

type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

async function lookUpAll(world: WooWorld, { id }: FakeOrder): Promise<void> {
  world.received.push({ outcome: "facts", facts: await world.channel.lookUp([String(id)]) });
}

/** As the admin page allows it: editing only what can be edited, refunding no more than there is. */
async function apply(world: WooWorld, order: FakeOrder, lineId: number, what: Step): Promise<void> {
  const [line] = order.lines;
  const refunded = order.refunds.flatMap(({ lines }) => lines).reduce((sum, { units }) => sum + units, 0);
  switch (what.what) {
    case "status":
      // Nobody gives back money that never came.
      if (what.status === "refunded" && !["processing", "completed"].includes(order.status)) return undefined;
      return world.shop.setStatus(order, what.status);
    case "look-up":
      return lookUpAll(world, order);
    case "refund": {
      const canRefund = ["processing", "completed"].includes(order.status);
      if (!canRefund || refunded + what.units > (line?.quantity ?? 0)) return undefined;
      return world.shop.refund(order, new Map([[lineId, what.units]]), what.isRestocked);
    }
    case "edit":
      if (order.status !== "on-hold" || refunded > 0) return undefined;
      return world.shop.editQuantity(order, lineId, what.units);
  }
}
