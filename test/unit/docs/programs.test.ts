import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Publication } from "../../../src/channel/kit/adapter.ts";
import type { RegisteredAdapter } from "../../../src/channel/kit/registered.ts";
import type { Finding } from "../../../src/verify/index.ts";
import { bundled, programsOf } from "../../docs/program.ts";
import { MemoryVault } from "../../fakes/memory-vault.ts";

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "stockwire-programs-"));
});
afterAll(async () => {
  await rm(dir, { recursive: true, force: true });
});

const publication: Publication = {
  channel: "corner",
  sku: "TEE",
  external: "tee/1",
  quantity: 3,
  available: 4,
  status: "in_stock",
  epoch: "e1",
  version: 7,
  asOf: new Date(0).toISOString(),
  revision: 0,
};

it("the kind of channel that is shown as an example is one, and publishes", async () => {
  const [program] = await programsOf("docs/channels/README.md");
  // As deep as the folder it would have.
  const folder = resolve("src/channel/adapters/webhook");
  const module = (await import((await bundled(program?.text ?? "", folder, dir)).href)) as {
    shelf: RegisteredAdapter;
  };
  const { shelf } = module;
  const policy = { allowPrivateHosts: false };
  const settings = { url: "https://corner.example" };
  expect(shelf.describe().kind).toBe("shelf");
  expect(shelf.checkSettings(settings, policy)).toEqual([]);
  expect(shelf.checkSettings({ url: "https://127.0.0.1" }, policy)).toMatchObject([
    { pointer: "/settings/url" },
  ]);
  expect(shelf.checkCredentials({})).toMatchObject([{ pointer: "/credentials/token" }]);

  const asked: { url: string; method: string; body: unknown; authorization: string | null }[] = [];
  let status = 200;
  const channel = shelf.connect(settings).open({
    channel: "corner",
    credentials: { token: "t-1" },
    signingSecret: "whsec_none",
    policy,
    vault: new MemoryVault(),
    fetch: async (url, { method = "GET", body, headers }) => {
      const authorization = new Headers(headers).get("authorization");
      asked.push({ url, method, body, authorization });
      return new Response("no such item", { status });
    },
    now: () => 0,
  });
  expect(await channel.publish([publication])).toEqual([{ outcome: "ok" }]);
  expect(asked).toEqual([
    {
      url: "https://corner.example/items/tee%2F1",
      method: "PUT",
      body: '{"quantity":3}',
      authorization: "Bearer t-1",
    },
  ]);
  status = 404;
  expect(await channel.publish([publication])).toMatchObject([{ outcome: "rejected" }]);
  status = 503;
  expect(await channel.publish([publication])).toMatchObject([{ outcome: "retry" }]);
});

it("the checker is used as it is shown", async () => {
  const [program] = await programsOf("docs/chaos.md");
  const history = `import { checkHistory, describeFinding } from "stockwire/verify";
    const calls = [], observations = [], finals = [], ledger = [];
    ${program?.text}
    export const findings = result.findings;`;
  const module = (await import((await bundled(history, resolve("."), dir)).href)) as { findings: Finding[] };
  expect(module.findings).toEqual([]);
});
