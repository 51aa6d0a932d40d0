import { describe, expect, it } from "vitest";
import { tested } from "../../../../src/channel/reconciliation/connection-test.ts";
import { Gate, type GateMemory } from "../../../../src/channel/publishing/gate.ts";
import { OtherCalls } from "../../../../src/channel/publishing/other-calls.ts";
import type { OpenChannel } from "../../../../src/channel/kit/registered.ts";
import { Steps } from "../../../../src/channel/reconciliation/steps.ts";
import { unreadable } from "./world.ts";

const limits = { batchMax: 1, concurrency: 5, ratePerSecond: 2, burst: 2 };

/** A gate in virtual time, and calls through it. */
class Calls {
  nowMs = 1_000_000;
  saved: GateMemory | undefined;
  recoveries = 0;
  readonly gate = new Gate(limits, { heldUntilMs: 0 }, this.nowMs);
  readonly calls = new OtherCalls(this.gate, {
    now: () => this.nowMs,
    random: () => 0.5,
    saveHealth: () => {
      this.saved = this.gate.memory;
    },
    recovered: () => {
      this.recoveries += 1;
    },
  });

  async fail(error: Error): Promise<void> {
    const failing = async () => {
      throw error;
    };
    await expect(this.calls.make(failing)).rejects.toBe(error);
  }
}

describe("calls besides publishing", () => {
  it("leave half of the channel's rate to publishing", async () => {
    const world = new Calls();
    const startMs = world.nowMs;
    for (let n = 0; n < 10; n += 1) {
      world.nowMs = Math.max(world.nowMs, world.calls.nextAtMs());
      await world.calls.make(async () => undefined);
    }
    expect(world.nowMs - startMs).toBe(9_000);
    expect(world.gate.nextCallAtMs(world.nowMs)).toBeLessThanOrEqual(world.nowMs);
  });

  it("do not open the breaker, however often they fail", async () => {
    const world = new Calls();
    for (let n = 0; n < 20; n += 1) await world.fail(unreadable("403"));
    expect(world.gate.breaker).toBe("closed");
  });

  it("silence the whole channel when it asks for that, across a restart", async () => {
    const world = new Calls();
    await world.fail(unreadable("429", 60_000));
    expect(world.gate.nextCallAtMs(world.nowMs)).toBe(world.nowMs + 60_000);
    expect(world.saved?.heldUntilMs).toBe(world.nowMs + 60_000);
  });

  it("are the probe of an open breaker, and close it or open it again", async () => {
    const world = new Calls();
    for (let n = 0; n < 5; n += 1) world.gate.failed(false, world.nowMs, 0.5);
    expect(world.calls.nextAtMs()).toBeGreaterThan(world.nowMs);
    world.nowMs = world.calls.nextAtMs();
    await world.fail(unreadable("502"));
    expect(world.gate.breaker).toBe("open");
    world.nowMs = world.calls.nextAtMs();
    await world.calls.make(async () => undefined);
    await world.calls.make(async () => undefined);
    expect(world.gate.breaker).toBe("closed");
    expect(world.recoveries).toBe(1);
  });

  it("wait a second while another call probes", () => {
    const world = new Calls();
    for (let n = 0; n < 5; n += 1) world.gate.failed(false, world.nowMs, 0.5);
    world.nowMs = world.gate.nextCallAtMs(world.nowMs);
    world.gate.start(world.nowMs);
    expect(world.calls.nextAtMs()).toBe(world.nowMs + 1_000);
  });
});

/** Work with so many steps, the next one ready at a time of its own. */
class Counted {
  nowMs = 0;
  left: number;
  readyAtMs = 0;
  readonly wakes: number[] = [];
  readonly steps: Steps;

  constructor(left: number) {
    this.left = left;
    const work = {
      nextAtMs: () => (this.left > 0 ? this.readyAtMs : Number.POSITIVE_INFINITY),
      step: async () => {
        this.left -= 1;
      },
    };
    this.steps = new Steps(work, {
      now: () => this.nowMs,
      sleep: async (ms) => {
        this.nowMs += ms;
      },
      wakeBy: (atMs) => {
        this.wakes.push(atMs);
      },
    });
  }
}

describe("work in steps", () => {
  it("goes on until there is nothing to do, sleeping through short waits", async () => {
    const work = new Counted(3);
    work.readyAtMs = 900;
    await work.steps.poke();
    expect(work).toMatchObject({ left: 0, nowMs: 900, wakes: [] });
    expect(work.steps.wakeAtMs()).toBe(Number.POSITIVE_INFINITY);
  });

  it("leaves longer waits to the alarm", async () => {
    const work = new Counted(3);
    work.readyAtMs = 60_000;
    await work.steps.poke();
    expect(work).toMatchObject({ left: 3, wakes: [60_000] });
    expect(work.steps.wakeAtMs()).toBe(60_000);
  });

  it("has the alarm near while it is under way, never in the past", () => {
    const work = new Counted(3);
    work.nowMs = 50_000;
    expect(work.steps.wakeAtMs()).toBe(50_000);
    void work.steps.poke();
    expect(work.steps.wakeAtMs()).toBe(55_000);
  });

  it("loses no poke that falls into its end", async () => {
    const work = new Counted(1);
    await work.steps.poke();
    work.left = 2;
    await work.steps.poke();
    expect(work.left).toBe(0);
  });
});

describe("a connection test", () => {
  const channel = (check: OpenChannel["check"]) => ({ check }) as OpenChannel;

  it("is good when every finding is", async () => {
    const good = { isOk: true, check: "It answers" };
    const bad = { isOk: false, check: "It may be read", advice: "add the scope" };
    expect((await tested(channel(async () => [good]))).ok).toBe(true);
    expect(await tested(channel(async () => [good, bad]))).toEqual({ ok: false, findings: [good, bad] });
  });

  it("comes to an end though the channel never answers, and says so", async () => {
    const result = await tested(
      channel(() => new Promise(() => undefined)),
      5,
    );
    expect(result).toMatchObject({ ok: false, findings: [{ advice: expect.stringMatching(/within 5 ms/) }] });
  });

  it("says what to do about secrets that cannot be opened", async () => {
    const result = await tested(undefined);
    expect(result).toMatchObject({
      ok: false,
      findings: [{ advice: expect.stringMatching(/STOCKWIRE_SECRETS_KEY/) }],
    });
  });
});
