import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Service } from "./service.ts";

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
