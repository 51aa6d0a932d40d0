import { afterAll, beforeAll, expect, it } from "vitest";
import { fuzz } from "../fuzz/fuzz.ts";
import { adminKey, Service } from "./service.ts";

let service: Service;

beforeAll(async () => {
  const env = { ADDRESS_RATE_LIMIT: "unlimited", FAILURE_RATE_LIMIT: "unlimited" };
  service = await Service.start(0, { env });
});
afterAll(() => service.remove());

it("answers whatever it is asked, without an error of its own, and changes nothing that it refuses", async () => {
  const report = await fuzz({ url: service.url, key: adminKey, requests: 1_500, seed: 1 });
  expect(report.faults).toEqual([]);
  // It must have got somewhere to mean anything.
  expect(report.sent).toBeGreaterThanOrEqual(1_500);
  expect(report.routes).toBeGreaterThan(50);
  expect(report.refusalsChecked).toBeGreaterThan(200);
});
