import {
  applyD1Migrations,
  evictDurableObject,
  runDurableObjectAlarm,
  runInDurableObject,
} from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import type { CommitRequest, HoldRequest, ReservationResult } from "../../src/reservation/contract.ts";
import type { Mutation } from "../../src/stock/mutation.ts";

beforeAll(() => applyD1Migrations(env.LEDGER, env.TEST_MIGRATIONS));

const hourMs = 3_600_000;
let numbers = 0;
const next = () => {
  numbers += 1;
  return String(numbers);
};

async function mutate(sku: string, mutation: Mutation) {
  const [result] = await env.SKU.getByName(sku).mutate([{ mutation, fingerprint: "" }]);
  return result;
}
const count = (sku: string, onHand: number) => mutate(sku, { type: "count", location: "default", onHand });
const stock = (sku: string) => env.SKU.getByName(sku).read();
const cart = (skus: readonly string[], more: Partial<HoldRequest> = {}): HoldRequest => ({
  lines: skus.map((sku) => ({ sku, quantity: 1 })),
  ttlSeconds: 600,
  actor: "test",
  fingerprint: skus.join(),
  ...more,
});
const operation = (key = next()) => ({ key, fingerprint: "f" });
const toOrder = (orderId: string, more: Partial<CommitRequest> = {}): CommitRequest => ({
  channel: "web",
  orderId,
  ...more,
});

/** A result as it travels: without what RPC adds to it. */
const plain = (result: ReservationResult): ReservationResult => JSON.parse(JSON.stringify(result));

/** A ReservationObject of its own, so that nobody else's reservations wake it. */
function objectOf(test: string) {
  const stub = env.RESERVATION.getByName(test);
  return {
    stub,
    alarmAtMs: () => runInDurableObject(stub, (_, state) => state.storage.getAlarm()),
    held: async (id: string, skus: readonly string[], more?: Partial<HoldRequest>) => {
      const result = await stub.create(id, cart(skus, more));
      if (result.outcome !== "done") throw new Error(`refused: ${result.refusal.code}`);
      return plain(result);
    },
  };
}

/** Makes every mutation of a SKU fail, until it is given its table back. */
async function breakSku(sku: string): Promise<() => Promise<void>> {
  const rename = (from: string, to: string) => async () => {
    const stub = env.SKU.getByName(sku);
    await runInDurableObject(stub, (_, state) => {
      state.storage.sql.exec(`ALTER TABLE ${from} RENAME TO ${to}`);
    });
  };
  await rename("ledger", "broken")();
  return rename("broken", "ledger");
}

describe("a ReservationObject", () => {
  it("sleeps when all its reservations have ended", async () => {
    const { stub, alarmAtMs, held } = objectOf("sleeps");
    await Promise.all([count("SL-A", 5), count("SL-B", 5)]);
    await held("rsm_sleeps", ["SL-A", "SL-B"]);
    await stub.release("rsm_sleeps", operation());
    for (let round = 0; round < 3; round += 1) await runDurableObjectAlarm(stub);
    expect((await alarmAtMs()) ?? Number.POSITIVE_INFINITY).toBeGreaterThan(Date.now() + hourMs);
  });

  it("tries a reservation whose SKU fails again in seconds, and looks after the others meanwhile", async () => {
    const { stub, alarmAtMs, held } = objectOf("tries");
    await Promise.all(["TR-A", "TR-B", "TR-C"].map((sku) => count(sku, 5)));
    await held("rsm_fails", ["TR-A", "TR-B"], { ttlSeconds: 1 });
    await held("rsm_works", ["TR-B", "TR-C"], { ttlSeconds: 1 });
    const repair = await breakSku("TR-A");
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    await runDurableObjectAlarm(stub);
    expect(await stub.read("rsm_works")).toMatchObject({ status: "expired" });
    for (let look = 0; look < 20; look += 1) {
      expect((await alarmAtMs()) ?? 0).toBeGreaterThan(Date.now() + 2_000);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await repair();
    expect(await stub.read("rsm_fails")).toMatchObject({ status: "expired" });
  });

  it("wakes for what is due even if its alarm was lost", async () => {
    const { stub, alarmAtMs, held } = objectOf("lost");
    await Promise.all([count("LO-A", 5), count("LO-B", 5)]);
    await held("rsm_lost", ["LO-A", "LO-B"]);
    await runInDurableObject(stub, (_, state) => state.storage.deleteAlarm());
    await evictDurableObject(stub);
    expect(await stub.read("rsm_lost")).toMatchObject({ status: "active" });
    expect(await alarmAtMs()).not.toBeNull();
  });

  it("forgets what ended three months ago, and nothing else", async () => {
    const { stub, held } = objectOf("forgets");
    await Promise.all([count("FO-A", 5), count("FO-B", 5)]);
    await held("rsm_old", ["FO-A", "FO-B"]);
    await held("rsm_recent", ["FO-A", "FO-B"]);
    await stub.release("rsm_old", operation());
    await stub.release("rsm_recent", operation());
    await runInDurableObject(stub, (_, state) => {
      state.storage.sql.exec(
        `UPDATE reservations SET wake_at_ms = 0, content = json_set(content, '$.endedAtMs', ?) WHERE id = 'rsm_old'`,
        Date.now() - 91 * 24 * hourMs,
      );
      state.storage.sql.exec("UPDATE reservations SET wake_at_ms = 0 WHERE id = 'rsm_recent'");
    });
    await runDurableObjectAlarm(stub);
    expect(await stub.read("rsm_old")).toBeUndefined();
    expect(await stub.read("rsm_recent")).toMatchObject({ status: "released" });
  });
});

describe("a repeated request", () => {
  it("to hold is answered as at first, whatever became of the reservation", async () => {
    const { stub, held } = objectOf("as-at-first");
    await Promise.all([count("AF-A", 5), count("AF-B", 5)]);
    const first = await held("rsm_first", ["AF-A", "AF-B"]);
    const again = { ...first, replayed: true };
    await stub.extend("rsm_first", 3_600, operation());
    expect(plain(await stub.create("rsm_first", cart(["AF-A", "AF-B"])))).toEqual(again);
    await stub.commit("rsm_first", toOrder("AF-1", { lines: [{ sku: "AF-A", quantity: 1 }] }), operation());
    expect(plain(await stub.create("rsm_first", cart(["AF-A", "AF-B"])))).toEqual(again);
  });

  it("to extend is answered as at first, after later extensions and after the end", async () => {
    const { stub, held } = objectOf("extends");
    await Promise.all([count("EX-A", 5), count("EX-B", 5)]);
    await held("rsm_extended", ["EX-A", "EX-B"]);
    const first = plain(await stub.extend("rsm_extended", 3_600, operation("same")));
    await stub.extend("rsm_extended", 60, operation());
    expect(plain(await stub.extend("rsm_extended", 3_600, operation("same")))).toEqual({
      ...first,
      replayed: true,
    });
    await stub.release("rsm_extended", operation());
    expect(plain(await stub.extend("rsm_extended", 3_600, operation("same")))).toEqual({
      ...first,
      replayed: true,
    });
    expect(await stub.extend("rsm_extended", 60, { key: "same", fingerprint: "other" })).toMatchObject({
      refusal: { code: "idempotency-key-reused" },
    });
  });

  it("that was refused stays refused, and its key is known", async () => {
    const { stub, held } = objectOf("refused");
    await Promise.all([count("RE-A", 5), count("RE-B", 5)]);
    await held("rsm_refused", ["RE-A", "RE-B"]);
    const tooMuch = toOrder("RE-1", { lines: [{ sku: "RE-A", quantity: 2 }] });
    const first = plain(await stub.commit("rsm_refused", tooMuch, operation("same")));
    expect(first).toMatchObject({ refusal: { code: "reservation-exceeded" } });
    expect(plain(await stub.commit("rsm_refused", tooMuch, operation("same")))).toEqual({
      ...first,
      replayed: true,
    });
    expect(
      await stub.commit("rsm_refused", toOrder("RE-1"), { key: "same", fingerprint: "other" }),
    ).toMatchObject({ refusal: { code: "idempotency-key-reused" } });
  });

  it("to hold what nobody knew holds it once it is known", async () => {
    const { stub } = objectOf("unknown");
    await count("UN-A", 5);
    const hold = (): Promise<ReservationResult> => stub.create("rsm_unknown", cart(["UN-A", "UN-B"]));
    expect(await hold()).toMatchObject({ refusal: { code: "sku-not-found", sku: "UN-B" } });
    await count("UN-B", 5);
    expect(await hold()).toMatchObject({ outcome: "done", replayed: false });
    expect(await stock("UN-A")).toMatchObject({ reserved: 1 });
  });

  it("with another payload is refused even if a crash came before the first was answered", async () => {
    const { stub, held } = objectOf("crashed");
    await Promise.all([count("CR-A", 5), count("CR-B", 5)]);
    await held("rsm_crashed", ["CR-A", "CR-B"]);
    await runInDurableObject(stub, (_, state) => {
      state.storage.sql.exec("UPDATE reservations SET content = json_set(content, '$.stage', 'holding')");
    });
    expect(await stub.create("rsm_crashed", cart(["CR-A"]))).toMatchObject({
      refusal: { code: "idempotency-key-reused" },
    });
    expect(await stub.create("rsm_crashed", cart(["CR-A", "CR-B"]))).toMatchObject({
      outcome: "done",
      replayed: false,
    });
  });
});

describe("a cart that becomes an order", () => {
  it("is refused whole if the order has one of its lines already, and can be committed under other line ids", async () => {
    const { stub, held } = objectOf("lines");
    await Promise.all([count("LI-A", 10), count("LI-B", 10)]);
    await held("rsm_one", ["LI-A", "LI-B"]);
    await held("rsm_two", ["LI-A", "LI-B"]);
    expect(await stub.commit("rsm_one", toOrder("LI-1"), operation())).toMatchObject({ outcome: "done" });
    // Both carts number their lines from 1: the second must not pass for the first.
    expect(await stub.commit("rsm_two", toOrder("LI-1"), operation())).toMatchObject({
      outcome: "refused",
      refusal: { code: "order-line-conflict" },
    });
    expect(await stock("LI-A")).toMatchObject({ committed: 1, reserved: 1 });
    const lines = ["LI-A", "LI-B"].map((sku) => ({ sku, quantity: 1, lineId: `more-${sku}` }));
    expect(await stub.commit("rsm_two", toOrder("LI-1", { lines }), operation())).toMatchObject({
      outcome: "done",
    });
    for (const sku of ["LI-A", "LI-B"]) {
      expect(await stock(sku)).toMatchObject({ committed: 2, reserved: 0, available: 8 });
    }
  });

  it("counts every cart that was committed to the same order at once", async () => {
    await Promise.all([count("RA-A", 100), count("RA-B", 100)]);
    // In objects of their own, so that they do run side by side.
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, async (_, index) => {
        const { stub, held } = objectOf(`race-${index}`);
        await held(`rsm_race${index}`, ["RA-A", "RA-B"]);
        return stub.commit(`rsm_race${index}`, toOrder("RA-1"), operation());
      }),
    );
    const done = outcomes.filter(({ outcome }) => outcome === "done").length;
    expect(done).toBeGreaterThan(0);
    for (const sku of ["RA-A", "RA-B"]) {
      expect(await stock(sku)).toMatchObject({ committed: done, reserved: 8 - done });
    }
  });
});
