import fc from "fast-check";
import { Webhook } from "standardwebhooks";
import { describe, expect, test } from "vitest";
import type { Publication } from "../../../../src/channel/kit/adapter.ts";
import { judgeAnswer } from "../../../../src/channel/kit/answer.ts";
import { eventId } from "../../../../src/channel/adapters/webhook/event.ts";
import { webhook } from "../../../../src/channel/adapters/webhook/index.ts";
import { newSigningSecret, SecretBox } from "../../../../src/channel/secrets/box.ts";
import { refuseUrl } from "../../../../src/channel/kit/url-guard.ts";

const strict = { allowPrivateHosts: false };
const lenient = { allowPrivateHosts: true };

function publication(more: Partial<Publication> = {}): Publication {
  return {
    channel: "web-shop",
    sku: "TEE-BLK-M",
    quantity: 10,
    available: 12,
    status: "in_stock",
    epoch: "k3v9",
    version: 42,
    asOf: "2026-11-23T09:00:00.123Z",
    revision: 0,
    ...more,
  };
}

function bodyOf(init: RequestInit): string {
  if (typeof init.body !== "string") throw new Error("expected a text body");
  return init.body;
}

interface Received {
  readonly url: string;
  readonly init: RequestInit;
  readonly headers: Record<string, string>;
  readonly body: string;
}

function connect(
  settings: { url: string; batch?: number },
  answer: () => Promise<Response> = async () => new Response("ok"),
) {
  const received: Received[] = [];
  const signingSecret = newSigningSecret();
  const channel = webhook.connect(settings).open({
    channel: "web-shop",
    credentials: {},
    vault: { read: async () => undefined, write: async () => undefined },
    signingSecret,
    policy: strict,
    now: () => Date.now(),
    fetch: (url, init) => {
      const headers = Object.fromEntries(new Headers(init.headers));
      received.push({ url, init, headers, body: bodyOf(init) });
      return answer();
    },
  });
  const publish = (publications: Publication[]) => channel.publish(publications);
  return { publish, received, verifier: new Webhook(signingSecret) };
}

describe("webhook request", () => {
  test("one publication is one CloudEvent, signed so that any Standard Webhooks library verifies it", async () => {
    const { publish, received, verifier } = connect({ url: "https://shop.example/stock" });
    expect(await publish([publication({ external: "v-1" })])).toEqual([{ outcome: "ok" }]);
    const [request] = received;
    expect(request).toMatchObject({
      url: "https://shop.example/stock",
      headers: { "content-type": "application/cloudevents+json", "webhook-id": "TEE-BLK-M:k3v9:42" },
      init: { method: "POST", redirect: "manual" },
    });
    expect(verifier.verify(request?.body ?? "", request?.headers ?? {})).toEqual({
      specversion: "1.0",
      id: "TEE-BLK-M:k3v9:42",
      source: "/v1/channels/web-shop",
      type: "stockwire.channel.stock.v1",
      subject: "TEE-BLK-M",
      time: "2026-11-23T09:00:00.123Z",
      datacontenttype: "application/json",
      data: {
        channel: "web-shop",
        sku: "TEE-BLK-M",
        external: "v-1",
        quantity: 10,
        available: 12,
        status: "in_stock",
        epoch: "k3v9",
        version: 42,
        asOf: "2026-11-23T09:00:00.123Z",
      },
    });
  });

  test("a channel with `batch` gets arrays, even of one, under an id that repeats with its content", async () => {
    const { publish, received, verifier } = connect({ url: "https://shop.example/stock", batch: 10 });
    await publish([publication()]);
    await publish([publication()]);
    await publish([publication(), publication({ sku: "B" })]);
    const [one, again, two] = received;
    expect(one?.headers["content-type"]).toBe("application/cloudevents-batch+json");
    expect(verifier.verify(one?.body ?? "", one?.headers ?? {})).toHaveLength(1);
    expect(verifier.verify(two?.body ?? "", two?.headers ?? {})).toHaveLength(2);
    expect(again?.headers["webhook-id"]).toBe(one?.headers["webhook-id"]);
    expect(two?.headers["webhook-id"]).not.toBe(one?.headers["webhook-id"]);
  });

  test("an id never holds a dot and never stands for two contents", () => {
    const ids = [
      publication({ sku: "a.b/c d" }),
      publication({ sku: "a:b", epoch: "c", version: 1 }),
      publication({ sku: "a", epoch: "b", version: 1, revision: 1 }),
      publication({ sku: "a", epoch: "b", version: 1 }),
      publication({ sku: "ä" }),
    ].map(eventId);
    expect(ids[0]).toBe("a%2Eb%2Fc%20d:k3v9:42");
    expect(ids.join("")).not.toContain(".");
    expect(new Set(ids).size).toBe(ids.length);
  });

  test("a request that finds nobody is tried again", async () => {
    const { publish } = connect({ url: "https://shop.example/stock" }, () =>
      Promise.reject(new Error("refused")),
    );
    expect(await publish([publication()])).toEqual([{ outcome: "retry", detail: "request failed: refused" }]);
  });

  test("a URL that the policy forbids by now is not called", async () => {
    const { publish, received } = connect({ url: "http://localhost/stock" });
    expect(await publish([publication()])).toMatchObject([{ outcome: "retry" }]);
    expect(received).toEqual([]);
  });

  test("the words of a failure are short and harmless, and an endless body is left", async () => {
    let isCancelled = false;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new TextEncoder().encode("no\u001b[31m\r\nway ".repeat(50))),
      cancel: () => {
        isCancelled = true;
      },
    });
    const { publish } = connect(
      { url: "https://shop.example/stock" },
      async () => new Response(endless, { status: 422 }),
    );
    const [result] = await publish([publication()]);
    const detail = result?.outcome === "rejected" ? result.detail : "";
    expect(detail).toMatch(/^HTTP 422: no \[31m way no/);
    expect(detail.length).toBeLessThanOrEqual(1_100);
    expect(detail).not.toMatch(/\p{Cc}/u);
    expect(isCancelled).toBe(true);
  });
});

test.each([
  [200, "ok"],
  [204, "ok"],
  [301, "rejected"],
  [307, "rejected"],
  [400, "rejected"],
  [401, "rejected"],
  [404, "rejected"],
  [408, "retry"],
  [410, "gone"],
  [422, "rejected"],
  [429, "retry"],
  [500, "retry"],
  [503, "retry"],
])("HTTP %i means %s", (status, outcome) => {
  expect(judgeAnswer(status, null, "", 0).outcome).toBe(outcome);
});

test("Retry-After counts on 429 and 503", () => {
  expect(judgeAnswer(429, "7", "slow down", 0)).toEqual({
    outcome: "retry",
    detail: "HTTP 429: slow down",
    retryAfterMs: 7_000,
  });
  expect(judgeAnswer(503, "7", "", 0)).toMatchObject({ retryAfterMs: 7_000 });
  expect(judgeAnswer(500, "7", "", 0)).not.toHaveProperty("retryAfterMs");
});

describe("URL guard", () => {
  test.each([
    "http://shop.example/",
    "ftp://shop.example/",
    "https://user:pass@shop.example/",
    "https://user@shop.example/",
    "https://localhost/",
    "https://LOCALHOST./",
    "https://api.localhost/",
    "https://127.0.0.1/",
    "https://127.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0177.0.0.1/",
    "https://10.0.0.8/",
    "https://100.64.0.1/",
    "https://169.254.169.254/latest/meta-data",
    "https://8.8.8.8/",
    "https://8.8.8.8./",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[fd00::1]/",
    "https://[fe80::1]/",
    "https://[2606:4700::1111]/",
    "https://metadata.google.internal/",
    "https://metadata/",
    "https://intranet/",
    "https://printer.local/",
    "https://nas.home.arpa/",
    "https://１２７.0.0.1/",
    "https://ⓛocalhost/",
    `https://shop.example/${"a".repeat(3_000)}`,
    "shop.example",
    "",
  ])("refuses %s", (url) => {
    expect(refuseUrl(url, strict)).toEqual(expect.any(String));
  });

  test.each([
    "https://shop.example/hook?x=1",
    "https://shop.example:8443/",
    "https://münchen.example/",
    "https://a.b-c.example./",
  ])("permits %s", (url) => {
    expect(refuseUrl(url, strict)).toBeUndefined();
  });

  test.each(["https://shop.example:22/", "https://shop.example:6379/", "https://shop.example:80/"])(
    "refuses the port of %s",
    (url) => {
      expect(refuseUrl(url, strict)).toEqual(expect.any(String));
    },
  );

  test.each([
    "https://.&/",
    "https://a..example/",
    "https://a.b&c/",
    "https://shop.-_1/",
    "https://shop.1-2/",
  ])("refuses %s, which is no name of the public DNS", (url) => {
    expect(refuseUrl(url, strict)).toEqual(expect.any(String));
  });

  test("refuses every IPv4 address, however it is written", () => {
    const part = fc.integer({ min: 0, max: 255 });
    const base = fc.constantFrom(8, 10, 16);
    fc.assert(
      fc.property(
        part,
        part,
        part,
        part,
        fc.array(base, { minLength: 4, maxLength: 4 }),
        fc.nat({ max: 3 }),
        (a, b, c, d, bases, form) => {
          const parts = [a, b, c, d];
          const written = (value: number, index: number) => {
            const radix = bases[index] ?? 10;
            return { 8: "0", 10: "", 16: "0x" }[radix] + value.toString(radix);
          };
          // One number may stand for the last two, three or four parts (WHATWG URL, IPv4 parser).
          const whole = parts.slice(form).reduce((sum, value) => sum * 256 + value, 0);
          const host = [...parts.slice(0, form), whole].map(written).join(".");
          expect(refuseUrl(`https://${host}/`, strict)).toEqual(expect.any(String));
          expect(refuseUrl(`https://[::ffff:${parts.join(".")}]/`, strict)).toEqual(expect.any(String));
        },
      ),
    );
  });

  test("refuses every IPv6 address and every user name, whatever surrounds them", () => {
    fc.assert(
      fc.property(fc.ipV6(), fc.webPath(), (address, path) => {
        expect(refuseUrl(`https://[${address}]${path}`, strict)).toEqual(expect.any(String));
      }),
    );
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z0-9]{1,8}$/), fc.domain(), (user, host) => {
        expect(refuseUrl(`https://${user}@${host}/`, strict)).toEqual(expect.any(String));
        expect(refuseUrl(`https://${user}:x@${host}/`, lenient)).toEqual(expect.any(String));
      }),
    );
  });

  test("what it lets through is https, to a name, on a port for the public", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.webUrl({ withQueryParameters: true, withFragments: true }),
          fc.string().map((text) => `https://${text}`),
        ),
        (text) => {
          if (refuseUrl(text, strict) !== undefined) return;
          const url = new URL(text);
          expect(url.protocol).toBe("https:");
          expect(["", "443", "8443"]).toContain(url.port);
          expect(url.hostname).toMatch(/[a-z]/i);
          expect(url.username + url.password).toBe("");
        },
      ),
    );
  });

  test("private hosts and http are for those who allow them, user names for nobody", () => {
    expect(refuseUrl("http://127.0.0.1:8080/hook", lenient)).toBeUndefined();
    expect(refuseUrl("http://user@127.0.0.1/", lenient)).toEqual(expect.any(String));
    expect(refuseUrl("file:///etc/passwd", lenient)).toEqual(expect.any(String));
  });

  test("settings say which field is at fault", () => {
    expect(webhook.checkSettings({ url: "http://localhost/" }, strict)).toMatchObject([
      { pointer: "/settings/url" },
    ]);
    expect(webhook.checkSettings({ url: "https://shop.example/", batch: 500 }, strict)).toMatchObject([
      { pointer: "/settings/batch" },
    ]);
    expect(webhook.checkSettings({ url: "https://shop.example/", extra: true }, strict)).toHaveLength(1);
    expect(webhook.checkSettings({ url: "https://shop.example/", batch: 50 }, strict)).toEqual([]);
  });
});

describe("secrets", () => {
  test("a sealed text opens with the same secret and purpose only, and looks different each time", async () => {
    const box = new SecretBox({ current: "service secret" });
    const sealed = await box.seal("whsec_x", "channel a signing");
    expect(sealed).not.toContain("whsec");
    expect(await box.seal("whsec_x", "channel a signing")).not.toBe(sealed);
    expect(await box.open(sealed, "channel a signing")).toBe("whsec_x");
    await expect(box.open(sealed, "channel b signing")).rejects.toThrow(/operation/i);
    await expect(new SecretBox({ current: "another" }).open(sealed, "channel a signing")).rejects.toThrow(
      /STOCKWIRE_SECRETS_KEY_PREVIOUS/,
    );
  });

  test("a signing secret is 32 random bytes in the form Standard Webhooks asks for", () => {
    const secret = newSigningSecret();
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(newSigningSecret()).not.toBe(secret);
  });
});
