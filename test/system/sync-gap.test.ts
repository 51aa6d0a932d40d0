import { expect, test } from "vitest";
import { runStockwire } from "../../src/cli/sync-gap/stockwire-run.ts";
import { toolClient } from "../../src/cli/tool-client.ts";
import { withEmbeddedService } from "../../src/cli/with-service.ts";
import { generateStream } from "../../src/lab/order-stream.ts";

// Takes about 8 s, most of it the start of a service of its own.
test("the lab sells a day for real, and in the end everybody agrees on what is left", async () => {
  const stream = generateStream({ seed: 5, skus: 12, orders: 30, hours: 12, channels: 2, soldOutShare: 0.3 });
  const steps = new Set<string>();
  const run = await withEmbeddedService((service) =>
    runStockwire(stream, {
      client: toolClient(service),
      seconds: 3,
      onProgress: (step) => void steps.add(step),
    }),
  );
  expect(run.mismatches).toBe(0);
  expect([...steps]).toEqual(["opening SKUs", "orders", "checking"]);
  const { sales, latency, visibility, callsPerHour, how } = run.result;
  expect(how).toBe("measured");
  const wanted = stream.orders.flatMap(({ lines }) => lines).reduce((sum, { quantity }) => sum + quantity, 0);
  const there = [...stream.opening.values()].reduce((sum, units) => sum + units, 0);
  expect(sales.soldUnits).toBeGreaterThan(0);
  expect(sales.soldUnits).toBeLessThanOrEqual(wanted);
  expect(sales.soldUnits - sales.oversoldUnits).toBeLessThanOrEqual(there);
  expect(latency.count).toBeGreaterThan(0);
  expect(visibility).toBeGreaterThan(0);
  expect(callsPerHour).toBeGreaterThan(0);
  expect(run.reads.count).toBe(3);
  expect(run.sent.numbers).toBeGreaterThan(0);
});
