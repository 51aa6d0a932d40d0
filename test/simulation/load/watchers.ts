import type { Cloud } from "../cloud/cloud.ts";
import type { Actor } from "../kernel/actor.ts";
import type { Watching } from "../check/watching.ts";
import { comparePositions, type Position } from "../../../src/protocol/position.ts";
import type { StockView } from "../../../src/protocol/stock.ts";
import type { HeardEvent, Hearing } from "../check/hearing.ts";
import { converse } from "./sockets.ts";

/** Those who watch stock, or listen to the whole ledger, over sockets. */
export class Watchers {
  readonly #cloud: Cloud;
  readonly #watching: Watching;
  readonly #hearing: Hearing;

  constructor(cloud: Cloud, watching: Watching, hearing: Hearing) {
    this.#cloud = cloud;
    this.#watching = watching;
    this.#hearing = hearing;
  }

  /** Watches SKUs for a while; whoever is cut off comes back with what it knows. */
  async watch(actor: Actor, skus: readonly string[], forMs: number): Promise<void> {
    const { timeline } = this.#cloud;
    const known = new Map<string, Position>();
    let subscribedAtMs: number | undefined;
    this.#tell(`${actor.name} watches ${skus.join(", ")}`);
    const look = { name: actor.name, skus, known, subscribedAtMs: () => subscribedAtMs };
    timeline.at(timeline.nowMs + forMs, actor, () => this.#watching.atTheEnd(look));
    await converse(this.#cloud, actor, timeline.nowMs + forMs + 1, {
      hello: () => {
        subscribedAtMs = undefined;
        const positions = Object.fromEntries(
          [...known].map(([sku, { epoch, version }]) => [sku, `${epoch}.${version}`]),
        );
        return { type: "subscribe", skus, positions };
      },
      heard: (message) => {
        if (message["type"] === "subscribed") subscribedAtMs = timeline.nowMs;
        if (message["type"] !== "stock") return;
        const stock = message["stock"] as StockView;
        const { sku, epoch, version, available } = stock;
        this.#tell(`${actor.name} sees ${available} of ${sku} at ${epoch}.${version}`);
        this.#watching.told(look, stock);
        const before = known.get(sku);
        if (before === undefined || comparePositions(stock, before) > 0) known.set(sku, { epoch, version });
      },
    });
  }

  /** Listens to every event for a while; whoever is cut off goes on where it was. */
  async listen(actor: Actor, forMs: number): Promise<void> {
    const hearing = this.#hearing.begin(actor.name);
    let cursor: string | undefined;
    this.#tell(`${actor.name} listens`);
    await converse(this.#cloud, actor, this.#cloud.timeline.nowMs + forMs, {
      hello: () => ({ type: "subscribe", skus: ["*"], ...(cursor !== undefined && { cursor }) }),
      heard: (message) => {
        const { type, events } = message;
        if (typeof message["cursor"] !== "string") return;
        cursor = message["cursor"];
        if (type === "subscribed") hearing.from(cursor);
        else if (type === "events") hearing.heard(cursor, events as readonly HeardEvent[]);
      },
    });
    hearing.end();
  }

  #tell(text: string): void {
    this.#cloud.trace.add(this.#cloud.timeline.nowMs, "story", text);
  }
}
