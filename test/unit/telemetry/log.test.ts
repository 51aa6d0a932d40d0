import { afterEach, describe, expect, it, vi } from "vitest";
import { newKey } from "../../../src/http/key-format.ts";
import { log, logEvents } from "../../../src/telemetry/log.ts";
import { redact } from "../../../src/telemetry/redact.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

function linesOf(level: "info" | "warn" | "error"): string[] {
  const lines: string[] = [];
  vi.spyOn(console, level).mockImplementation((line: string) => void lines.push(line));
  return lines;
}

describe("a log line", () => {
  it("is one line of JSON with a stable name, at the level of its event", () => {
    const lines = linesOf("error");
    log("events.retried", { messages: 3 }, { error: new Error("D1 is\nbusy") });
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toContain("\n");
    expect(JSON.parse(lines[0] ?? "")).toEqual({
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      level: "error",
      event: "events.retried",
      message: logEvents["events.retried"][1],
      messages: 3,
      error: "Error: D1 is\nbusy",
      stack: expect.stringContaining("log.test.ts"),
    });
  });

  it("has none of the secrets that an error message may bring along", () => {
    const lines = linesOf("warn");
    const key = newKey();
    log("follower.dropped", { feed: `feed ${key}` }, { error: new Error(`refused Bearer ${key}`) });
    expect(lines.join("")).not.toContain(key);
    expect(lines.join("")).toContain("[secret]");
  });

  it.each([
    ["authorization: Bearer abcdefgh12345678", "authorization: Bearer [secret]"],
    ["Basic dXNlcjpwYXNzd29yZA==", "Basic [secret]"],
    ["signed with whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "signed with [secret]"],
    ["X-Shopify-Access-Token: shpat_0123456789abcdef", "X-Shopify-Access-Token: [secret]"],
    ["https://shop:hunter2@shop.example/x", "https://[secret]@shop.example/x"],
    ["GET /wc?consumer_key=ck_123&page=2", "GET /wc?consumer_key=[secret]&page=2"],
    ["/v1/live?ticket=eyJhbGciOi.eyJzdWIi.c2ln", "/v1/live?ticket=[secret]"],
    ['{"access_token":"abc","expires_in":60}', '{"access_token":"[secret]","expires_in":60}'],
    ["the token eyJhbGciOi.eyJzdWIi.c2lnbmF0 is over", "the token [secret] is over"],
  ])("shows %j as %j", (text, clean) => {
    expect(redact(text)).toBe(clean);
  });

  it("leaves everything else as it is", () => {
    for (const text of [
      "SKU TEE-BLK-M: 3 requested, 2 available",
      "https://shop.example/stock?page=2&sku=KEY-RING",
      "the token bucket is empty",
      "rsv_TEE.12.nonce",
    ])
      expect(redact(text)).toBe(text);
  });
});
