import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Agent, agentKey } from "./agent.ts";
import { eventually, pool, Service } from "./service.ts";

const agentsWanting = 50;

/** Many agents, few units. Takes about 20 s, mostly the start of the service and the wait for an expiry. */
describe("holds of agents", () => {
  let service: Service;
  let agents: Agent[];

  beforeAll(async () => {
    service = await Service.start();
    agents = await Promise.all(
      Array.from({ length: agentsWanting }, async () => Agent.connect(service.url, await agentKey(service))),
    );
  });
  afterAll(async () => {
    await Promise.all(agents.map((agent) => agent.close()));
    await service.remove();
  });

  const stockOf = async (sku: string) => (await service.call("GET", `/v1/skus/${sku}`)).body;

  it("give the last 10 units to exactly 10 of 50, tell the others how many there are, and leave nothing behind", async () => {
    const sku = "LAST-10";
    await service.count(sku, 10);
    const lines = [{ sku, quantity: 1 }];
    const told = await Promise.all(agents.map((agent) => agent.act("hold_stock", { lines, ttl_seconds: 8 })));
    const won = told.flatMap(({ output }, index) => {
      const agent = agents[index];
      return output === undefined || agent === undefined
        ? []
        : [{ agent, id: output.reservation_id as string }];
    });
    expect(won).toHaveLength(10);
    const lost = told.flatMap(({ error }) => (error === undefined ? [] : [error]));
    expect(lost).toHaveLength(40);
    for (const error of lost) {
      expect(error).toMatchObject({
        code: "insufficient-stock",
        stock: [{ sku, available: 0, source: "object" }],
      });
    }
    expect(await stockOf(sku)).toMatchObject({ available: 0, reserved: 10 });

    // Each hold ends in one of three ways.
    await Promise.all(
      won.map(({ agent, id }, index) => {
        const reservation = { reservation_id: id };
        if (index < 4) return agent.act("commit_hold", reservation);
        if (index < 7) return agent.act("release_hold", reservation);
        return agent.act("extend_hold", { ...reservation, ttl_seconds: 1 });
      }),
    );
    const after = await eventually(async () => {
      const stock = await stockOf(sku);
      return stock.reserved === 0 ? stock : undefined;
    });
    expect(after).toMatchObject({ onHand: 10, committed: 4, available: 6, reserved: 0 });
    const late = await Promise.all(
      won.map(({ agent, id }) => agent.act("commit_hold", { reservation_id: id })),
    );
    const ends = late.map(({ output, error }) => String(error?.code ?? output.status));
    const expected = ["committed", "reservation-ended", "reservation-expired"];
    expect(expected.map((end) => ends.filter((other) => other === end).length)).toEqual([4, 3, 3]);
  });

  it("are counted for each key, and are free again when they end, whoever ends them", async () => {
    const sku = "PLENTY";
    await service.count(sku, 1_000);
    const [agent] = agents;
    if (agent === undefined) throw new Error("no agent");
    const hold = (quantity: number, ttlSeconds = 600) =>
      agent.act("hold_stock", { lines: [{ sku, quantity }], ttl_seconds: ttlSeconds });

    const first = await hold(15);
    const over = await hold(6);
    expect(over.error).toMatchObject({
      code: "allowance-exceeded",
      retryable: true,
      details: { cap: "units", limit: 20, used: 15, requested: 6 },
    });
    expect((await hold(1, 901)).error.details).toMatchObject({ cap: "ttlSeconds", limit: 900 });
    await agent.act("release_hold", { reservation_id: first.output.reservation_id });

    const ids: string[] = [];
    await pool(30, 30, async () => {
      const { output } = await hold(2);
      if (output !== undefined) ids.push(output.reservation_id);
    });
    expect(ids).toHaveLength(10);
    expect((await stockOf(sku)).reserved).toBe(20);
    // The shop ends what an agent holds, one by one or in bulk: that counts against the agent no more.
    const [sold, released, ...rest] = ids;
    const path = `/v1/reservations/${sold}/commit`;
    expect((await service.call("POST", path, {}, { "idempotency-key": "shop-1" })).status).toBe(200);
    const release = { key: "shop-2", sku, type: "release", reservationId: released };
    expect((await service.call("POST", "/v1/mutations", { items: [release] })).body.items[0].status).toBe(
      200,
    );
    for (const again of [await hold(2), await hold(2)]) {
      expect(again.error).toBeUndefined();
      rest.push(again.output.reservation_id);
    }
    expect((await hold(1)).error).toMatchObject({ code: "allowance-exceeded" });
    for (const id of rest) await agent.act("release_hold", { reservation_id: id });

    const refused = await agent.act("hold_stock", { lines: [{ sku: "NO-SUCH", quantity: 20 }] });
    expect(refused.error.code).toBe("sku-not-found");
    const all = await hold(20, 1);
    expect(all.error).toBeUndefined();
    const afterExpiry = await eventually(async () => {
      const next = await hold(20, 1);
      return next.output;
    }, 60_000);
    expect(afterExpiry.status).toBe("active");
  });
});
