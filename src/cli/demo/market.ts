import type { ChannelReceiver, Failure } from "../channel-receiver.ts";

/** `down`: answers every delivery with an error, and sells nothing. `catching up`: works again, with old numbers. */
export type MarketState = "open" | "down" | "catching up";

/** A marketplace of the demo: a channel that receives stock, and the shoppers' door to it. */
export class Market {
  readonly receiver: ChannelReceiver;
  #state: MarketState = "open";
  #backAtMs = 0;
  #caughtUpAfterMs: number | undefined;

  constructor(receiver: ChannelReceiver) {
    this.receiver = receiver;
  }

  get id(): string {
    return this.receiver.id;
  }

  get state(): MarketState {
    return this.#state;
  }

  /** How long it took, after the last outage, until the market showed everything right again. */
  get caughtUpAfterMs(): number | undefined {
    return this.#caughtUpAfterMs;
  }

  goDown(failure: Failure): void {
    this.#state = "down";
    this.receiver.failWith(failure);
    // What an outage delays is not the service's doing; the time to catch up is measured instead.
    this.receiver.propagation.forgetPending();
  }

  comeBack(nowMs: number): void {
    this.#state = "catching up";
    this.#backAtMs = nowMs;
    this.receiver.failWith(undefined);
  }

  /** Opens the doors again once this market shows the same as another one that was never down. */
  openIfSameAs(other: Market, nowMs: number): void {
    if (this.#state !== "catching up") return;
    const { shown } = this.receiver;
    if (other.receiver.shown.all().some(({ sku, quantity }) => shown.quantity(sku) !== quantity)) return;
    this.#state = "open";
    this.#caughtUpAfterMs = nowMs - this.#backAtMs;
  }
}
