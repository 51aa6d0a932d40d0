import type { Lease } from "../feed/contract.ts";
import { log } from "../telemetry/log.ts";

/** How long a push that failed rests before its one repetition. */
const retryAfterMs = 100;
/** A durable lease is stored for this long, so that renewals are written seldom. */
const storedLeaseMs = 10 * 60_000;

/** What is stored of followers: until when each wants to know. */
export type StoredFollowers = Readonly<Record<string, number>>;

export interface FollowersEffects {
  now(): number;
  sleep(ms: number): Promise<void>;
  /** Gives a feed the newest view; false if it does not want to know any more. */
  push(feed: string): Promise<boolean>;
  save(followers: StoredFollowers): void;
}

interface Follower {
  untilMs: number;
  /** Until when the stored lease lasts; 0 if none is stored. */
  storedUntilMs: number;
  isPushing: boolean;
  isBehind: boolean;
}

/**
 * The feeds that want to know of this SKU. Each has one push under way at most: what changes meanwhile goes with the
 * next one, as one. A feed that cannot be reached is dropped; it asks again in its own time.
 */
export class Followers {
  readonly #effects: FollowersEffects;
  readonly #followers = new Map<string, Follower>();

  constructor(stored: StoredFollowers, effects: FollowersEffects) {
    this.#effects = effects;
    for (const [feed, untilMs] of Object.entries(stored)) {
      this.#followers.set(feed, { untilMs, storedUntilMs: untilMs, isPushing: false, isBehind: false });
    }
  }

  /** Adds a follower, or renews its lease. */
  add(feed: string, lease: Lease): void {
    const nowMs = this.#effects.now();
    const known = this.#followers.get(feed);
    const follower = known ?? { untilMs: 0, storedUntilMs: 0, isPushing: false, isBehind: false };
    follower.untilMs = Math.max(follower.untilMs, nowMs + lease.forMs);
    this.#followers.set(feed, follower);
    if (!lease.isDurable || follower.storedUntilMs > nowMs + storedLeaseMs / 2) return;
    follower.storedUntilMs = nowMs + storedLeaseMs;
    follower.untilMs = Math.max(follower.untilMs, follower.storedUntilMs);
    this.#save();
  }

  remove(feed: string): void {
    const follower = this.#followers.get(feed);
    if (follower === undefined) return;
    this.#followers.delete(feed);
    if (follower.storedUntilMs > this.#effects.now()) this.#save();
  }

  /** The stock changed: every follower is told. Resolves when all have been; undefined if there are none. */
  changed(): Promise<unknown> | undefined {
    const nowMs = this.#effects.now();
    const pushes: Promise<void>[] = [];
    for (const [feed, follower] of this.#followers) {
      if (follower.untilMs <= nowMs) this.#followers.delete(feed);
      else if (follower.isPushing) follower.isBehind = true;
      else pushes.push(this.#push(feed, follower));
    }
    return pushes.length === 0 ? undefined : Promise.all(pushes);
  }

  async #push(feed: string, follower: Follower): Promise<void> {
    follower.isPushing = true;
    try {
      do {
        follower.isBehind = false;
        if (!(await this.#reach(feed))) {
          this.remove(feed);
          return;
        }
      } while (follower.isBehind);
    } finally {
      follower.isPushing = false;
    }
  }

  async #reach(feed: string): Promise<boolean> {
    try {
      return await this.#effects.push(feed);
    } catch {
      await this.#effects.sleep(retryAfterMs);
    }
    try {
      return await this.#effects.push(feed);
    } catch (error) {
      log("follower.dropped", { feed }, { error });
      return false;
    }
  }

  #save(): void {
    const nowMs = this.#effects.now();
    const stored = [...this.#followers].filter(([, follower]) => follower.storedUntilMs > nowMs);
    this.#effects.save(Object.fromEntries(stored.map(([feed, { storedUntilMs }]) => [feed, storedUntilMs])));
  }
}
