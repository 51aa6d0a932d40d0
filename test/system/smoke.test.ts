import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { smokeTest } from "../../src/deploy/smoke.ts";
import { adminKey, Service } from "./service.ts";

let service: Service;

beforeAll(async () => {
  service = await Service.start();
});
afterAll(async () => {
  await service.remove();
});

const effects = { fetch, sleep, now: () => Date.now() };

it("the smoke test passes a service that lives, as often as it is run, and leaves nothing on sale", async () => {
  await smokeTest(service.url, adminKey, effects);
  await smokeTest(service.url, adminKey, effects);
  expect((await service.call("GET", "/v1/skus/SMOKE-TEST")).status).toBe(404);
});

it("the smoke test fails a service that does not know the key", async () => {
  await expect(smokeTest(service.url, "swk_unknown", effects)).rejects.toThrow("401");
});
