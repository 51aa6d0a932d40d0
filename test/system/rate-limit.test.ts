import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newKey } from "../../src/http/key-format.ts";
import { type Answer, Service } from "./service.ts";

let service: Service;

beforeAll(async () => {
  // So few, and so slowly coming back, that no machine is too slow for the test.
  const env = {
    KEY_RATE_LIMIT: "5/86400",
    PAGE_RATE_LIMIT: "2/86400",
    ADDRESS_RATE_LIMIT: "3/86400",
    FAILURE_RATE_LIMIT: "4/86400",
  };
  service = await Service.start(0, { env });
});
afterAll(() => service.remove());

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

async function makeKey(body: object = {}): Promise<string> {
  const answer = await service.call("POST", "/v1/keys", { name: "limits", scopes: ["stock:read"], ...body });
  expect(answer.status).toBe(201);
  return answer.body.key;
}

async function read(headers: Record<string, string>): Promise<Answer> {
  return service.call("GET", "/v1/skus/NOBODY", undefined, headers);
}

async function statuses(count: number, ask: () => Promise<Answer>): Promise<number[]> {
  const seen: number[] = [];
  for (let index = 0; index < count; index += 1) seen.push((await ask()).status);
  return seen;
}

describe("a key", () => {
  it("may make as many requests as its kind, is told how many are left, and what to do when there are none", async () => {
    const key = await makeKey();
    const first = await read(bearer(key));
    expect(first.status).toBe(404);
    expect(first.headers.get("ratelimit-policy")).toBe('"key";q=5;w=86400');
    expect(first.headers.get("ratelimit")).toMatch(/^"key";r=4;t=[1-9]\d*$/);
    expect(await statuses(4, () => read(bearer(key)))).toEqual([404, 404, 404, 404]);

    const refused = await read(bearer(key));
    expect(refused.status).toBe(429);
    expect(refused.headers.get("content-type")).toBe("application/problem+json");
    expect(refused.body).toMatchObject({ status: 429, "violated-policies": ["key"] });
    expect(refused.body.type).toMatch(/\/problems\/quota-exceeded$/);
    expect(refused.headers.get("ratelimit")).toMatch(/^"key";r=0;t=[1-9]\d*$/);
    expect(refused.headers.get("retry-after")).toMatch(/^[1-9]\d*$/);
    // Others do not notice.
    expect((await read(bearer(await makeKey()))).status).toBe(404);
  });

  it("may be given a limit of its own", async () => {
    const key = await makeKey({ rateLimit: { requests: 1, windowSeconds: 60 } });
    const answer = await read(bearer(key));
    expect(answer.headers.get("ratelimit-policy")).toBe('"key";q=1;w=60');
    expect((await read(bearer(key))).status).toBe(429);
    const listed = (await service.call("GET", "/v1/keys")).body.items.at(-1);
    expect(listed.rateLimit).toEqual({ requests: 1, windowSeconds: 60 });
  });

  it("pays for what it may not do as well", async () => {
    const key = await makeKey({ rateLimit: { requests: 1, windowSeconds: 86_400 } });
    const ask = () => service.call("GET", "/v1/channels", undefined, bearer(key));
    expect(await statuses(2, ask)).toEqual([403, 429]);
  });

  it("of the admin is not limited unless told so", async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => read({})));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([404]));
    expect(answers[0]?.headers.get("ratelimit")).toBeNull();
  });
});

it("a publishable key is limited for each address that shows the page", async () => {
  const key = await makeKey({ origins: ["https://shop.example"] });
  const from = (address: string) => () => read({ ...bearer(key), "cf-connecting-ip": address });
  expect(await statuses(3, from("192.0.2.1"))).toEqual([404, 404, 429]);
  expect(await statuses(1, from("192.0.2.2"))).toEqual([404]);
});

it("who asks for what needs no key is limited by address", async () => {
  const ask = () => service.call("GET", "/healthz", undefined, { "cf-connecting-ip": "192.0.2.3" });
  expect(await statuses(4, ask)).toEqual([200, 200, 200, 429]);
});

describe("who fails to say who it is", () => {
  it("is refused unheard after some tries, and keeps nobody out who was known", async () => {
    const address = { "cf-connecting-ip": "192.0.2.4" };
    const key = await makeKey();
    expect((await read({ ...bearer(key), ...address })).status).toBe(404);
    const guess = () => read({ ...bearer(newKey()), ...address });
    expect(await statuses(5, guess)).toEqual([401, 401, 401, 401, 429]);
    expect((await guess()).body["violated-policies"]).toEqual(["failures"]);
    expect((await read({ ...bearer(key), ...address })).status).toBe(404);
    expect((await read({ ...bearer(newKey()), "cf-connecting-ip": "192.0.2.5" })).status).toBe(401);
  });

  it("is refused as a channel too, while the other channels of its address are heard", async () => {
    const connect = async (id: string) => {
      const settings = { url: "http://127.0.0.1:9/none" };
      const answer = await service.call("PUT", `/v1/channels/${id}`, {
        kind: "webhook",
        settings,
        listings: "all",
      });
      expect(answer.status).toBe(201);
    };
    await connect("forged");
    await connect("honest");
    const send = (id: string) => () =>
      service.call("POST", `/v1/channels/${id}/inbound`, {}, { "cf-connecting-ip": "192.0.2.6" });
    expect((await statuses(5, send("forged"))).at(-1)).toBe(429);
    expect((await send("honest")()).status).not.toBe(429);
  });
});
