import { applyD1Migrations, evictDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { ledgerOf } from "../../src/ledger/bindings.ts";
import { tailAfter } from "../../src/ledger/tail.ts";
import type { Mutation } from "../../src/stock/mutation.ts";

beforeAll(() => applyD1Migrations(env.LEDGER, env.TEST_MIGRATIONS));

/** What an operator sets before the service starts again on what was restored. */
const setting: { RESTORED_AT: string } = env;
afterEach(() => {
  setting.RESTORED_AT = "";
});

async function count(sku: string, onHand: number) {
  const mutation: Mutation = { type: "count", location: "default", onHand };
  const [result] = await env.SKU.getByName(sku).mutate([{ mutation, fingerprint: "" }]);
  return result;
}

async function eventually<Value>(look: () => Promise<Value | undefined>): Promise<Value> {
  for (let round = 0; round < 200; round += 1) {
    const value = await look();
    if (value !== undefined) return value;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("not so in 10 s");
}

describe("a service that was restored", () => {
  it("begins a new epoch with each SKU that wakes, once, and tells the ledger from the beginning", async () => {
    const stub = env.SKU.getByName("back");
    await count("back", 7);
    const before = await stub.read();
    const level = () =>
      env.LEDGER.prepare("SELECT epoch, version, available FROM levels WHERE sku = 'back'").first();
    await eventually(async () => ((await level()) === null ? undefined : true));
    // As if the ledger were restored to an earlier moment than the SKU.
    await env.LEDGER.prepare("DELETE FROM ledger WHERE sku = 'back'").run();
    const restoredAt = Date.now() + 1;
    await new Promise((resolve) => setTimeout(resolve, 5));
    setting.RESTORED_AT = new Date(restoredAt).toISOString();
    await evictDurableObject(stub);

    const after = await stub.read();
    expect(after).toMatchObject({ available: 7, version: 1 });
    expect((after?.epoch ?? "") > (before?.epoch ?? "")).toBe(true);
    await evictDurableObject(stub);
    expect(await stub.read()).toMatchObject({ epoch: after?.epoch, version: 1 });

    const { epoch, version, available } = await eventually(async () => {
      const row = await level();
      return row?.["epoch"] === after?.epoch ? (row ?? undefined) : undefined;
    });
    expect({ epoch, version, available }).toEqual({ epoch: after?.epoch, version: 1, available: 7 });
    const { results } = await env.LEDGER.prepare(
      "SELECT type FROM ledger WHERE sku = 'back' ORDER BY epoch, version",
    ).all();
    expect(results.map(({ type }) => type)).toEqual(["counted", "restored"]);
    const { batches } = await tailAfter(ledgerOf(env), [restoredAt - 1], 10);
    expect(batches[0]?.place[0]).toBeGreaterThanOrEqual(restoredAt);
    await count("back", 9);
    expect(await stub.read()).toMatchObject({ epoch: after?.epoch, version: 2, available: 9 });
  });

  it("lets a SKU that is created afterwards begin as any other", async () => {
    setting.RESTORED_AT = new Date(Date.now() - 1_000).toISOString();
    const stub = env.SKU.getByName("fresh");
    await count("fresh", 3);
    const before = await stub.read();
    await evictDurableObject(stub);
    const { asOf: _asOf, ...after } = (await stub.read()) ?? { asOf: "" };
    expect(before).toMatchObject(after);
  });
});
