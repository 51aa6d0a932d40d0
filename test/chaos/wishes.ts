import type { Position } from "../../src/protocol/position.ts";
import type { PublishedEvent } from "../../src/protocol/event.ts";
import type { Random } from "../simulation/kernel/random.ts";
import type { Item, OrderWish, Wish } from "./requests.ts";

interface Held {
  readonly sku: string;
  readonly reservationId: string;
}

/** Makes up what buyers and warehouses want. The same seed wants the same, as far as answers are the same. */
export class Wishes {
  readonly #random: Random;
  readonly #skus: readonly string[];
  readonly #held: Held[] = [];
  readonly #known = new Map<string, Position>();
  #count = 0;

  constructor(random: Random, skus: readonly string[]) {
    this.#random = random;
    this.#skus = skus;
  }

  /** Some SKUs are wanted by everybody. */
  sku(): string {
    const place = Math.floor(this.#random.unit() ** 2 * this.#skus.length);
    return this.#skus[place] ?? this.#random.pick(this.#skus);
  }

  item(): Item {
    this.#count += 1;
    const key = `k${this.#count}`;
    const held = this.#random.chance(0.2) ? this.#held.shift() : undefined;
    if (held !== undefined) return { key, sku: held.sku, wish: this.#ending(held.reservationId) };
    const sku = this.sku();
    const wish = this.#wish(`r${this.#count}`);
    const known = this.#known.get(sku);
    const isGuarded = known !== undefined && this.#random.chance(wish.type === "count" ? 0.7 : 0.05);
    return { key, sku, wish, ...(isGuarded && { ifMatch: known }) };
  }

  order(): OrderWish {
    this.#count += 1;
    const lines = Array.from({ length: this.#random.int(1, 3) }, (_, index) => ({
      lineId: String(index + 1),
      sku: this.sku(),
      quantity: this.#random.int(1, 3),
    }));
    return { channel: this.#random.pick(["steady", "flaky"]), orderId: `O-${this.#count}`, lines };
  }

  /** What was answered: the base of later wishes. */
  learn(sku: string, position: Position, event: PublishedEvent | undefined): void {
    this.#known.set(sku, { epoch: position.epoch, version: position.version });
    if (event?.type !== "stockwire.stock.reserved.v1") return;
    this.#held.push({ sku, reservationId: event.data.reservationId });
  }

  #ending(reservationId: string): Wish {
    if (this.#random.chance(0.4)) return { type: "release", reservationId };
    const orderId = `C-${this.#count}`;
    return { type: "commit", reservationId, channel: "steady", orderId, lineId: "1" };
  }

  #wish(reference: string): Wish {
    const random = this.#random;
    const location = "default";
    switch (
      random.weighted([
        ["sell", 45],
        ["reserve", 20],
        ["receive", 15],
        ["transfer", 6],
        ["damage", 6],
        ["count", 8],
      ] as const)
    ) {
      case "sell":
        return { type: "adjust", location, delta: -random.int(1, 3), reason: "sold", reference };
      case "reserve":
        // Over soon, or not before the end.
        return {
          type: "reserve",
          quantity: random.int(1, 2),
          ttlSeconds: random.pick([1, 2, 7_200]),
          nonce: "",
          reference,
        };
      case "receive":
        // About as much as is sold.
        return { type: "receive", location, quantity: random.int(3, 9), reference };
      case "transfer":
        return { type: "transfer", from: location, to: "back", quantity: random.int(1, 3), reference };
      case "damage":
        return {
          type: "set-unavailable",
          location,
          delta: random.pick([-1, 1]),
          reason: "damaged",
          reference,
        };
      default:
        return { type: "count", location, onHand: random.int(20, 60), reference };
    }
  }
}
