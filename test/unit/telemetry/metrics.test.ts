import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { exposition, labelled } from "../../../src/telemetry/exposition.ts";
import { Counter, gauge, Histogram } from "../../../src/telemetry/instruments.ts";
import { log } from "../../../src/telemetry/log.ts";
import { isolateFamilies, noteSockets } from "../../../src/telemetry/metrics.ts";
import { Waiting } from "../../../src/telemetry/waiting.ts";
import { parseExposition, valueOf } from "./parse-exposition.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

describe("the exposition format", () => {
  it("is written as a scraper reads it", () => {
    const requests = new Counter("http_requests_total", "Requests", ["route", "status"]);
    requests.add({ route: "/v1/skus/{sku}", status: "200" }, 2);
    requests.add({ route: "/v1/skus/{sku}", status: "404" });
    expect(exposition([requests.family()])).toBe(
      [
        "# HELP http_requests_total Requests",
        "# TYPE http_requests_total counter",
        'http_requests_total{route="/v1/skus/{sku}",status="200"} 2',
        'http_requests_total{route="/v1/skus/{sku}",status="404"} 1',
        "",
      ].join("\n"),
    );
  });

  it("brings any label back as it was", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.double({ noNaN: true, min: -1e300 }), (text, value) => {
        const families = parseExposition(exposition([gauge("g", "a\nb\\", [{ labels: { text }, value }])]));
        expect(families.get("g")?.samples).toEqual([{ name: "g", labels: { text }, value: value + 0 }]);
      }),
    );
  });

  it("has all values of a metric together, whoever brings them", () => {
    const of = (channel: string) => labelled([gauge("due", "Due", [{ labels: {}, value: 1 }])], { channel });
    const families = parseExposition(exposition([...of("a"), gauge("other", "Other", []), ...of("b")]));
    expect(families.get("due")?.samples.map(({ labels }) => labels["channel"])).toEqual(["a", "b"]);
  });
});

describe("a histogram", () => {
  it("puts each value into all buckets it fits into", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 20, noNaN: true })), (values) => {
        const histogram = new Histogram("seconds", "Seconds", ["channel"], [0.1, 1, 10]);
        for (const value of values) histogram.observe({ channel: "a" }, value);
        const families = parseExposition(exposition([histogram.family()]));
        for (const bound of [0.1, 1, 10]) {
          const expected = values.filter((value) => value <= bound).length;
          expect(valueOf(families, "seconds_bucket", { le: String(bound) })).toBe(expected);
        }
        expect(valueOf(families, "seconds_count")).toBe(values.length);
        expect(valueOf(families, "seconds_sum")).toBeCloseTo(values.reduce((sum, value) => sum + value, 0));
      }),
    );
  });

  it("can be asked for one channel alone", () => {
    const histogram = new Histogram("seconds", "Seconds", ["channel"], [1]);
    histogram.observe({ channel: "a" }, 0.5);
    histogram.observe({ channel: "b" }, 0.5);
    const families = parseExposition(exposition([histogram.family({ channel: "b" })]));
    expect(families.get("seconds")?.samples.every(({ labels }) => labels["channel"] === "b")).toBe(true);
    expect(valueOf(families, "seconds_count")).toBe(1);
  });
});

describe("what waits", () => {
  it("is counted, and its age is that of the oldest", () => {
    const waiting = new Waiting();
    expect(waiting.summary(0)).toEqual({ count: 0, oldestMs: 0 });
    waiting.note("A", 1_000, 1_000);
    waiting.note("B", 3_000, 3_000);
    expect(waiting.summary(5_000)).toEqual({ count: 2, oldestMs: 4_000 });
    waiting.note("A", undefined, 5_000);
    expect(waiting.summary(5_000)).toEqual({ count: 1, oldestMs: 2_000 });
  });

  it("is forgotten when nobody has spoken of it for long: it goes on elsewhere", () => {
    const waiting = new Waiting();
    waiting.note("A", 0, 0);
    waiting.note("B", 0, 600_000);
    expect(waiting.summary(901_000)).toEqual({ count: 1, oldestMs: 901_000 });
  });
});

describe("an isolate", () => {
  it("answers for itself, by a name of its own", () => {
    vi.spyOn(console, "warn").mockImplementation(() => undefined);
    noteSockets("sku", "A", 3);
    noteSockets("sku", "B", 2);
    noteSockets("sku", "A", 1);
    noteSockets("sku", "B", 0);
    log("outbox.send_failed");
    const families = parseExposition(exposition(isolateFamilies(1_000)));
    const isolates = [...families.values()].flatMap(({ samples }) =>
      samples.map(({ labels }) => labels["isolate"]),
    );
    expect(new Set(isolates).size).toBe(1);
    expect(isolates[0]).toMatch(/^[0-9a-f]{8}$/);
    expect(valueOf(families, "stockwire_sockets", { kind: "sku" })).toBe(1);
    expect(valueOf(families, "stockwire_log_events_total", { event: "outbox.send_failed" })).toBe(1);
  });
});
