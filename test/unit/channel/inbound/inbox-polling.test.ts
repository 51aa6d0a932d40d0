import { describe, expect, it } from "vitest";
import { ChannelUnreadableError } from "../../../../src/channel/kit/adapter.ts";
import type { ChannelFact, Polled } from "../../../../src/channel/kit/inbound.ts";
import { Poller, type PollingState } from "../../../../src/channel/inbound/polling.ts";
import { orderOf, sold } from "./inbox-world.ts";

const everyMs = 60_000;

/** A channel that is asked, in virtual time. */
class Asked {
  nowMs = 1_000_000;
  destination = 1;
  kept: ChannelFact[] = [];
  state: PollingState | undefined;
  states = 0;
  readonly cursors: (string | undefined)[] = [];
  readonly askedAtMs: number[] = [];
  readonly log: string[] = [];
  answer: (cursor: string | undefined) => Promise<Polled> = async () => quiet;
  keepFails = false;
  poller = this.#newPoller();
  #alarmAtMs = Number.POSITIVE_INFINITY;

  async run(ms: number): Promise<void> {
    const untilMs = this.nowMs + ms;
    await this.poller.poke();
    while (this.#alarmAtMs <= untilMs) {
      this.nowMs = Math.max(this.nowMs, this.#alarmAtMs);
      this.#alarmAtMs = Number.POSITIVE_INFINITY;
      await this.poller.poke();
    }
    this.nowMs = untilMs;
  }

  evict(): void {
    this.poller.stop();
    this.poller = this.#newPoller();
  }

  #newPoller(): Poller {
    return new Poller({
      now: () => this.nowMs,
      random: () => 0.5,
      wakeBy: (atMs) => {
        this.#alarmAtMs = Math.min(this.#alarmAtMs, atMs);
      },
      source: () => ({
        destination: this.destination,
        everyMs,
        poll: async (cursor) => {
          this.cursors.push(cursor);
          this.askedAtMs.push(this.nowMs);
          return this.answer(cursor);
        },
        acknowledge: async (receipts) => {
          this.log.push(`acknowledge ${receipts.join(" ")}`);
        },
      }),
      readState: () => this.state,
      saveState: (state) => {
        this.states += 1;
        this.state = state;
      },
      keep: (facts, also) => {
        if (this.keepFails) throw new Error("disk full");
        this.kept.push(...facts);
        this.log.push(`keep ${facts.length}`);
        also();
      },
    });
  }
}

const quiet: Polled = { facts: [], cursor: "c0", hasMore: false };
const news = [orderOf("1", sold("1", "A", 1))];

describe("a channel that is asked for news", () => {
  it("is asked at its interval, from where it left off", async () => {
    const asked = new Asked();
    asked.answer = async (cursor) => ({ facts: [], cursor: `${cursor ?? ""}+`, hasMore: false });
    const startMs = asked.nowMs;
    await asked.run(2 * everyMs);
    expect(asked.cursors).toEqual([undefined, "+", "++"]);
    expect(asked.askedAtMs).toEqual([startMs, startMs + everyMs, startMs + 2 * everyMs]);
  });

  it("is asked again at once while it has more, but not for ever if it does not move on", async () => {
    const asked = new Asked();
    asked.answer = async (cursor) =>
      cursor === undefined
        ? { facts: news, cursor: "c1", hasMore: true }
        : { facts: news, cursor: "c1", hasMore: true };
    await asked.run(everyMs - 1);
    expect(asked.cursors).toEqual([undefined, "c1"]);
  });

  it("is acknowledged only what is kept, together with the cursor", async () => {
    const asked = new Asked();
    asked.answer = async () => ({ facts: news, cursor: "c1", hasMore: false, receipts: ["r1", "r2"] });
    asked.keepFails = true;
    await asked.run(1_000);
    expect(asked.log).toEqual([]);
    expect(asked.state).toBeUndefined();
    asked.keepFails = false;
    await asked.run(2 * everyMs);
    expect(asked.log.slice(0, 2)).toEqual(["keep 1", "acknowledge r1 r2"]);
    expect(asked.state).toMatchObject({ cursor: "c1", destination: 1 });
  });

  it("goes on where it was after an eviction, and not before it is time", async () => {
    const asked = new Asked();
    asked.answer = async () => ({ facts: [], cursor: "c1", hasMore: false });
    await asked.run(1_000);
    asked.evict();
    await asked.run(1_000);
    expect(asked.cursors).toEqual([undefined]);
    await asked.run(everyMs);
    expect(asked.cursors).toEqual([undefined, "c1"]);
  });

  it("that has nothing new is known to have been asked after an eviction, for a row in ten minutes", async () => {
    const asked = new Asked();
    await asked.run(3_600_000);
    asked.evict();
    expect(asked.poller.askedAtMs).toBeGreaterThan(asked.nowMs - 600_000 - everyMs);
    expect(asked.states).toBeLessThanOrEqual(7);
  });

  it("that fails is left alone longer and longer, and as long as it asks", async () => {
    const asked = new Asked();
    asked.answer = async () => {
      throw new ChannelUnreadableError("HTTP 503");
    };
    await asked.run(6 * 3_600_000);
    expect(asked.cursors.length).toBeLessThan(60);
    expect(asked.cursors.length).toBeGreaterThan(20);
    expect(asked.poller.status.lastFailure?.detail).toContain("HTTP 503");
    const other = new Asked();
    other.answer = async () => {
      throw new ChannelUnreadableError("HTTP 429", 3_600_000);
    };
    await other.run(3_599_000);
    expect(other.cursors).toHaveLength(1);
  });

  it("that is another shop now is asked from the beginning", async () => {
    const asked = new Asked();
    asked.answer = async () => ({ facts: [], cursor: "c1", hasMore: false });
    await asked.run(1_000);
    asked.destination = 2;
    asked.poller.hurry();
    await asked.run(1_000);
    expect(asked.cursors).toEqual([undefined, undefined]);
  });
});
