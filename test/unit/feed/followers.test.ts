import { describe, expect, test } from "vitest";
import { Followers, type StoredFollowers } from "../../../src/sku/followers.ts";
import { Clock } from "./clock.ts";

function world(stored: StoredFollowers = {}) {
  const clock = new Clock();
  const pushes: string[] = [];
  const saved: StoredFollowers[] = [];
  let answer: () => Promise<boolean> = async () => true;
  const followers = new Followers(stored, {
    now: clock.now,
    sleep: clock.sleep,
    push: (feed) => {
      pushes.push(feed);
      return answer();
    },
    save: (all) => saved.push(all),
  });
  const answerWith = (next: typeof answer) => {
    answer = next;
  };
  return { clock, followers, pushes, saved, answerWith };
}

const lease = { forMs: 60_000, isDurable: false };
const durable = { forMs: 60_000, isDurable: true };

describe("followers of a SKU", () => {
  test("each is told of a change, until its lease is over", async () => {
    const { clock, followers, pushes } = world();
    followers.add("a", lease);
    followers.add("b", lease);
    await followers.changed();
    expect(pushes).toEqual(["a", "b"]);
    await clock.advance(60_000);
    expect(followers.changed()).toBeUndefined();
  });

  test("changes during a push go with the next one, as one", async () => {
    const { clock, followers, pushes, answerWith } = world();
    followers.add("slow", lease);
    answerWith(async () => {
      await clock.sleep(100);
      return true;
    });
    for (let change = 0; change < 50; change += 1) void followers.changed();
    await clock.advance(1_000);
    expect(pushes).toEqual(["slow", "slow"]);
  });

  test("one that cannot be reached is tried once more, then dropped; others are told without waiting for it", async () => {
    const { clock, followers, pushes, answerWith } = world();
    followers.add("dead", lease);
    answerWith(async () => {
      throw new Error("gone");
    });
    void followers.changed();
    await clock.advance(1_000);
    expect(pushes).toEqual(["dead", "dead"]);
    expect(followers.changed()).toBeUndefined();
  });

  test("one that does not want to know is dropped at once", async () => {
    const { followers, pushes, answerWith } = world();
    followers.add("a", lease);
    answerWith(async () => false);
    await followers.changed();
    await followers.changed();
    expect(pushes).toEqual(["a"]);
  });

  test("a durable lease is stored seldom, and outlives the object's memory", async () => {
    const { clock, followers, saved } = world();
    followers.add("live", durable);
    for (let renewal = 0; renewal < 12; renewal += 1) {
      await clock.advance(20_000);
      followers.add("live", durable);
    }
    expect(saved).toHaveLength(1);
    await clock.advance(60_000);
    followers.add("live", durable);
    expect(saved).toHaveLength(2);

    const again = world(saved.at(-1));
    await again.clock.advance(0);
    again.clock.nowMs = clock.nowMs;
    await again.followers.changed();
    expect(again.pushes).toEqual(["live"]);
  });
});
