import type { PublishedEvent } from "../protocol/event.ts";
import type { Taken } from "../protocol/stock.ts";

/**
 * A ledger added up by other means than the domain's: sums over a SKU's locations, in units, from the published events
 * alone. On purpose it shares nothing with the service's own arithmetic: it is the second opinion. Only what is on hand is
 * kept by location, since counts replace it.
 */
export class Sums {
  readonly #onHand = new Map<string, number>();
  #committed = 0;
  #reserved = 0;
  #unavailable = 0;
  #safetyStock = 0;
  #backorderLimit = 0;
  #oversoldUnits = 0;
  /** Of a kit: what its components allow. */
  #kitAvailable: number | undefined;

  get available(): number {
    const onHand = [...this.#onHand.values()].reduce((sum, quantity) => sum + quantity, 0);
    const free = this.#kitAvailable ?? onHand - this.#committed - this.#reserved - this.#unavailable;
    return free - this.#safetyStock;
  }

  /** Units that order facts took below zero, as their events say. */
  get oversoldUnits(): number {
    return this.#oversoldUnits;
  }

  /** Takes in the next event. Answers by how many units it took more than may be sold although it could be refused. */
  add(event: PublishedEvent): number {
    this.#apply(event);
    return isTaking(event) ? Math.max(0, -this.#backorderLimit - this.available) : 0;
  }

  #apply(event: PublishedEvent): void {
    switch (event.type) {
      case "stockwire.stock.created.v1":
      case "stockwire.stock.updated.v1": {
        const { safetyStock, backorderLimit, components } = event.data;
        this.#safetyStock = safetyStock ?? this.#safetyStock;
        this.#backorderLimit = backorderLimit ?? this.#backorderLimit;
        if (components !== undefined) this.#kitAvailable = components.length === 0 ? undefined : 0;
        return;
      }
      case "stockwire.stock.restored.v1":
        return this.#restore(event.data);
      case "stockwire.stock.retired.v1":
        return this.#retire();
      case "stockwire.stock.adjusted.v1":
        return this.#move(event.data.location, event.data.delta);
      case "stockwire.stock.counted.v1": {
        const { location, onHand } = event.data;
        this.#onHand.set(location, onHand);
        return;
      }
      case "stockwire.stock.received.v1":
        return this.#move(event.data.location, event.data.quantity);
      case "stockwire.stock.transferred.v1": {
        const { from, to, quantity } = event.data;
        this.#move(from, -quantity);
        return this.#move(to, quantity);
      }
      case "stockwire.stock.marked_unavailable.v1":
        this.#unavailable += event.data.delta;
        return;
      case "stockwire.stock.derived.v1":
        this.#kitAvailable = event.data.available;
        return;
      case "stockwire.stock.incoming_changed.v1":
      case "stockwire.stock.extended.v1":
        return;
      default:
        return this.#promise(event);
    }
  }

  /** What is held for buyers, or sold. */
  #promise(event: PublishedEvent): void {
    switch (event.type) {
      case "stockwire.stock.reserved.v1":
        this.#reserved += unitsOf(event.data.taken);
        return;
      case "stockwire.stock.released.v1":
      case "stockwire.stock.expired.v1":
        this.#reserved -= unitsOf(event.data.taken);
        return;
      case "stockwire.stock.committed.v1": {
        const { taken, released } = event.data;
        this.#reserved -= unitsOf(taken) + unitsOf(released);
        this.#committed += unitsOf(taken);
        return;
      }
      case "stockwire.stock.ordered.v1":
        for (const { quantity, oversold } of event.data.lines) {
          this.#committed += quantity;
          this.#oversoldUnits += oversold;
        }
        return;
      case "stockwire.stock.cancelled.v1":
        this.#committed -= unitsOf(partsOf(event.data));
        return;
      case "stockwire.stock.fulfilled.v1":
        this.#committed -= unitsOf(partsOf(event.data));
        for (const { location, quantity } of partsOf(event.data)) this.#move(location, -quantity);
        return;
      case "stockwire.stock.returned.v1":
        if (!event.data.restock) return;
        for (const { location, quantity } of partsOf(event.data)) this.#move(location, quantity);
        return;
      default:
        // Silently skipping an event would make the sum wrong without saying why.
        throw new Error(`nobody has taught this to add up ${event.type}`);
    }
  }

  #move(location: string, delta: number): void {
    this.#onHand.set(location, (this.#onHand.get(location) ?? 0) + delta);
  }

  /** Everything anew, from the first of the entries that restore a SKU. */
  #restore(data: Extract<PublishedEvent, { type: "stockwire.stock.restored.v1" }>["data"]): void {
    if (data.levels === undefined) return;
    const sum = (of: "committed" | "reserved" | "unavailable") =>
      (data.levels ?? []).reduce((total, level) => total + level[of], 0);
    this.#onHand.clear();
    for (const { location, onHand } of data.levels) this.#onHand.set(location, onHand);
    this.#committed = sum("committed");
    this.#reserved = sum("reserved");
    this.#unavailable = sum("unavailable");
    this.#safetyStock = data.safetyStock ?? 0;
    this.#backorderLimit = data.backorderLimit ?? 0;
    this.#kitAvailable = data.components === undefined ? undefined : data.kitAvailable;
  }

  #retire(): void {
    this.#onHand.clear();
    this.#kitAvailable = undefined;
    this.#committed = 0;
    this.#reserved = 0;
    this.#unavailable = 0;
  }
}

/** Whether the event is a request that took units, and could have been refused. */
function isTaking(event: PublishedEvent): boolean {
  switch (event.type) {
    case "stockwire.stock.reserved.v1":
      return true;
    case "stockwire.stock.adjusted.v1":
      return event.data.delta < 0;
    case "stockwire.stock.marked_unavailable.v1":
      return event.data.delta > 0;
    default:
      return false;
  }
}

function partsOf(data: { readonly lines: readonly { readonly taken: readonly Taken[] }[] }): Taken[] {
  return data.lines.flatMap((line) => line.taken);
}

function unitsOf(parts: readonly Taken[]): number {
  return parts.reduce((sum, part) => sum + part.quantity, 0);
}
