import type { StockEvent, StockEventOf } from "../../../src/protocol/event.ts";
import type { StockView } from "../../../src/protocol/stock.ts";

interface Counts {
  onHand: number;
  committed: number;
  reserved: number;
  unavailable: number;
  incoming: number;
}

type Taken = readonly { readonly location: string; readonly quantity: number }[];

/**
 * A SKU's stock as its events say, added up again on its own: the second opinion on `src/stock/`, of which it uses
 * nothing but the types.
 */
export class Shelf {
  readonly #locations = new Map<string, Counts>();
  #kit: number | undefined;
  safetyStock = 0;
  backorderLimit = 0;
  isRetired = false;

  get available(): number {
    return (
      (this.#kit ??
        this.#sum(
          ({ onHand, committed, reserved, unavailable }) => onHand - committed - reserved - unavailable,
        )) - this.safetyStock
    );
  }

  /** How many there are of a kit; undefined if it is none. */
  get kits(): number | undefined {
    return this.#kit;
  }

  get reserved(): number {
    return this.#sum(({ reserved }) => reserved);
  }

  /** Units beyond what may be sold. */
  get oversold(): number {
    return Math.max(0, -(this.available + this.backorderLimit));
  }

  /** What a view says otherwise; undefined if nothing. */
  differsFrom(view: StockView): string | undefined {
    const own = {
      available: this.available,
      onHand: this.#sum(({ onHand }) => onHand),
      committed: this.#sum(({ committed }) => committed),
      reserved: this.reserved,
      unavailable: this.#sum(({ unavailable }) => unavailable),
      incoming: this.#sum(({ incoming }) => incoming),
    };
    for (const [name, value] of Object.entries(own)) {
      const told = view[name as keyof typeof own];
      if (told !== value) return `${name} is ${told}, and its events add up to ${value}`;
    }
    return undefined;
  }

  apply(event: StockEvent): void {
    switch (event.type) {
      case "created":
      case "updated":
        this.safetyStock = event.safetyStock ?? this.safetyStock;
        this.backorderLimit = event.backorderLimit ?? this.backorderLimit;
        if (event.components !== undefined) this.#kit = event.components.length > 0 ? 0 : undefined;
        return;
      case "restored":
        if (event.levels !== undefined) this.#restore(event.levels, event);
        return;
      case "retired":
        this.#locations.clear();
        this.#kit = undefined;
        this.isRetired = true;
        return;
      case "adjusted":
        return this.#add([{ location: event.location, quantity: event.delta }], "onHand");
      case "counted":
        this.#at(event.location).onHand = event.onHand;
        return;
      case "transferred":
        this.#add([{ location: event.from, quantity: -event.quantity }], "onHand");
        return this.#add([{ location: event.to, quantity: event.quantity }], "onHand");
      case "marked_unavailable":
        return this.#add([{ location: event.location, quantity: event.delta }], "unavailable");
      case "incoming_changed":
        return this.#add([{ location: event.location, quantity: event.delta }], "incoming");
      case "received":
        this.#add([{ location: event.location, quantity: event.quantity }], "onHand");
        return this.#add([{ location: event.location, quantity: -event.fromIncoming }], "incoming");
      case "derived":
        this.#kit = event.available;
        return;
      case "reserved":
        return this.#add(event.taken, "reserved");
      case "extended":
        return;
      case "committed":
        this.#add(event.taken, "reserved", -1);
        this.#add(event.released, "reserved", -1);
        return this.#add(event.taken, "committed");
      case "released":
      case "expired":
        return this.#add(event.taken, "reserved", -1);
      case "ordered":
        for (const { taken } of event.lines) this.#add(taken, "committed");
        return;
      case "cancelled":
        for (const { taken } of event.lines) this.#add(taken, "committed", -1);
        return;
      case "fulfilled":
        for (const { taken } of event.lines) {
          this.#add(taken, "committed", -1);
          this.#add(taken, "onHand", -1);
        }
        return;
      case "returned":
        if (event.restock) for (const { taken } of event.lines) this.#add(taken, "onHand");
        return;
      default:
        throw new Error(`an event nobody knows: ${JSON.stringify(event satisfies never)}`);
    }
  }

  #restore(levels: readonly ({ location: string } & Counts)[], event: StockEventOf<"restored">): void {
    this.#locations.clear();
    for (const { location, ...counts } of levels) this.#locations.set(location, { ...counts });
    this.safetyStock = event.safetyStock ?? 0;
    this.backorderLimit = event.backorderLimit ?? 0;
    this.#kit = event.components === undefined ? undefined : event.kitAvailable;
    this.isRetired = event.retired === true;
  }

  #add(parts: Taken, counter: keyof Counts, sign = 1): void {
    for (const { location, quantity } of parts) this.#at(location)[counter] += sign * quantity;
  }

  #at(location: string): Counts {
    const known = this.#locations.get(location);
    if (known !== undefined) return known;
    const counts = { onHand: 0, committed: 0, reserved: 0, unavailable: 0, incoming: 0 };
    this.#locations.set(location, counts);
    return counts;
  }

  #sum(of: (counts: Counts) => number): number {
    let total = 0;
    for (const counts of this.#locations.values()) total += of(counts);
    return total;
  }
}
