import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { patienceMs, retentionMs } from "../../src/allowance/claims.ts";

const caps = { unitsMax: 10, holdsMax: 50, ttlSecondsMax: 900, lifetimeSecondsMax: 3_600 };

const ask = (units: number, ttlSeconds = 600) => ({ units, ttlSeconds });

describe("AllowanceObject", () => {
  it("lets of many holds at once only as many through as the caps allow", async () => {
    const allowance = env.ALLOWANCE.getByName("at-once");
    const results = await Promise.all(
      Array.from({ length: 30 }, (_, index) => allowance.take(`t${index}`, ask(1), caps)),
    );
    expect(results.filter((result) => result.outcome === "granted")).toHaveLength(10);
    expect(await allowance.use()).toEqual({ units: 10, holds: 10 });
  });

  it("knows after an eviction what it knew before", async () => {
    const allowance = env.ALLOWANCE.getByName("evicted");
    await allowance.take("a", ask(3), caps);
    await allowance.take("b", ask(4), caps);
    await allowance.end("a");
    await evictDurableObject(allowance);
    expect(await allowance.use()).toEqual({ units: 4, holds: 1 });
    expect(await allowance.take("c", ask(7), caps)).toMatchObject({
      outcome: "refused",
      refusal: { cap: "units", used: 4, limit: 10, requested: 7 },
    });
  });

  it("writes one row to claim and one to give back, and nothing for a refusal or a question", async () => {
    const allowance = env.ALLOWANCE.getByName("rows");
    await allowance.take("first", ask(1), caps);
    const rows = await runInDurableObject(allowance, async (instance, { storage: { sql } }) => {
      let written = 0;
      const exec = sql.exec.bind(sql);
      const counting = (query: string, ...bindings: (string | number | null)[]) => {
        const cursor = exec(query, ...bindings);
        const result = cursor.toArray();
        written += cursor.rowsWritten;
        return { toArray: () => result, rowsWritten: cursor.rowsWritten };
      };
      const rowsOf = async (run: () => Promise<unknown>) => {
        const before = written;
        await run();
        return written - before;
      };
      Object.defineProperty(sql, "exec", { value: counting, configurable: true });
      const counts = {
        claim: await rowsOf(() => instance.take("a", ask(2), caps)),
        extend: await rowsOf(() => instance.extend("a", 900, caps)),
        end: await rowsOf(() => instance.end("a")),
        endAgain: await rowsOf(() => instance.end("a")),
        refusal: await rowsOf(() => instance.take("b", ask(99), caps)),
        question: await rowsOf(() => instance.use()),
      };
      Reflect.deleteProperty(sql, "exec");
      return counts;
    });
    expect(rows).toEqual({ claim: 1, extend: 1, end: 1, endAgain: 0, refusal: 0, question: 0 });
  });

  it("counts what expired no more, and forgets it when it sweeps", async () => {
    const allowance = env.ALLOWANCE.getByName("expired");
    await allowance.take("lost", ask(10, 60), caps);
    vi.useFakeTimers({ now: Date.now() + 60_000 + patienceMs, toFake: ["Date"] });
    try {
      expect(await allowance.use()).toEqual({ units: 0, holds: 0 });
      vi.setSystemTime(Date.now() + retentionMs);
      expect(await runDurableObjectAlarm(allowance)).toBe(true);
    } finally {
      vi.useRealTimers();
    }
    const rows = await runInDurableObject(allowance, (_, state) =>
      state.storage.sql.exec("SELECT * FROM claims").toArray(),
    );
    expect(rows).toEqual([]);
    // Nothing is left to sweep, so nothing wakes it any more.
    expect(await runDurableObjectAlarm(allowance)).toBe(false);
  });
});
