import type { ChannelFact } from "../../../src/channel/kit/inbound.ts";
import type { Publication } from "../../../src/channel/kit/adapter.ts";
import { comparePositions, type Position } from "../../../src/protocol/position.ts";
import type { Report } from "../check/violation.ts";
import type { Cloud } from "../cloud/cloud.ts";
import { SimulatedRequest } from "../code/web.ts";
import type { Actor } from "../kernel/actor.ts";

/** A delivery is tried again after so long, twice as long each time, up to the longest. */
const retryMs = { first: 1_000, longest: 600_000 };
/** How late a report may set out. */
const lateMs = 1_200_000;

/** Delivers what a shop tells, each report by itself, until it is taken. */
export class Teller {
  readonly #channel: string;
  readonly #cloud: Cloud;
  readonly #actor: Actor;
  #deliveries = 0;

  constructor(channel: string, cloud: Cloud) {
    this.#channel = channel;
    this.#cloud = cloud;
    this.#actor = cloud.client(`teller of ${channel}`);
  }

  tell(fact: ChannelFact): void {
    const { faults, timeline } = this.#cloud;
    this.#deliveries += 1;
    const delivery = `${this.#channel}-${this.#deliveries}`;
    const times = faults.strikes("report-twice", this.#channel) ? 2 : 1;
    for (let time = 0; time < times; time += 1) {
      const lateByMs = faults.slowness("report-late", this.#channel, lateMs);
      timeline.after(lateByMs, this.#actor, () => void this.#deliver({ delivery, facts: [fact] }));
    }
  }

  async #deliver(body: { delivery: string; facts: readonly ChannelFact[] }): Promise<void> {
    for (let waitMs = retryMs.first; ; waitMs = Math.min(retryMs.longest, waitMs * 2)) {
      if (await this.#try(body)) return;
      await this.#actor.sleep(waitMs);
    }
  }

  async #try(body: object): Promise<boolean> {
    const request = new SimulatedRequest(`http://stockwire/v1/channels/${this.#channel}/inbound`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    try {
      const response = await this.#cloud.http(this.#actor, request);
      return response.status < 300;
    } catch {
      // No answer: it may have been taken, and is told again all the same.
      return false;
    }
  }
}

/** Checks at a shop that no older number comes after a newer one. */
export class SendOrder {
  readonly #last = new Map<string, Position>();

  check(shop: string, { sku, epoch, version }: Publication, report: Report): void {
    const before = this.#last.get(sku);
    if (before !== undefined && comparePositions({ epoch, version }, before) < 0) {
      const detail = `${shop} is told ${sku} at ${epoch}.${version} after ${before.epoch}.${before.version}`;
      report("a channel is never told an older number", detail);
    }
    this.#last.set(sku, { epoch, version });
  }
}
