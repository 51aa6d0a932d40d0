import { afterEach, describe, expect, it } from "vitest";
import { eventually, Service } from "./service.ts";

const skus = 300;
const atOnce = 25;
const askedAtOnce = 100;

/** Open files for some 180 objects that are kept awake. */
const filesMax = 3_100;

interface Item {
  readonly sku: string;
  readonly status: number;
}

describe("a service that keeps more objects awake than it may have files open", () => {
  let service: Service | undefined;
  afterEach(() => service?.remove());

  it("says so, closes them from then on, and serves all of them", async () => {
    const started = await Service.start(0, { args: ["--keep-awake"], filesMax, onError: () => undefined });
    service = started;
    const { url } = started;
    const names = Array.from({ length: skus }, (_, index) => `SKU-${index}`);
    for (let first = 0; first < skus; first += atOnce) {
      const items = names
        .slice(first, first + atOnce)
        .map((sku) => ({ key: sku, sku, type: "count", onHand: 5, ifMatch: "*" }));
      // Nobody answers while it begins anew: what was not heard of is sent again with its keys.
      await eventually(async () => {
        const answer = await started.call("POST", "/v1/mutations", { items }).catch(() => undefined);
        const results = (answer?.body.items ?? []) as Item[];
        return results.length === atOnce && results.every(({ status }) => status === 200) ? true : undefined;
      });
    }
    await eventually(async () => (started.written.includes("descriptors.too_few") ? true : undefined));
    const available: number[] = [];
    for (let first = 0; first < skus; first += askedAtOnce) {
      const asked = { skus: names.slice(first, first + askedAtOnce) };
      const items = await eventually(async () => {
        const answer = await started.call("POST", "/v1/availability", asked).catch(() => undefined);
        return answer?.status === 200 ? (answer.body.items as { available: number }[]) : undefined;
      });
      available.push(...items.map((item) => item.available));
    }
    expect(started.url).toBe(url);
    expect(available).toEqual(names.map(() => 5));
    const sold = await started.call(
      "POST",
      "/v1/skus/SKU-0/adjustments",
      { delta: -1, reason: "sold" },
      { "idempotency-key": "sale" },
    );
    expect(sold.status).toBe(200);
    expect(await started.stop()).toBe(0);
  });
});
