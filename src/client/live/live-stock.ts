import { limits } from "../../protocol/limits.ts";
import type { Position } from "../../protocol/position.ts";
import type { Keys } from "../keys.ts";
import type { Transport } from "../transport.ts";
import type { ServerMessage, StockView } from "../types.ts";
import {
  Connection,
  type LiveEffects,
  type LiveState,
  openSocket,
  socketUrl,
  type Wire,
  type WireEvents,
} from "./connection.ts";
import { openEventStream } from "./event-stream.ts";
import { Inbox } from "./inbox.ts";
import { NewestViews } from "./newest.ts";
import { refusal } from "./refusal.ts";

export interface LiveOptions {
  /** Ends it; the loop over it throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** What is known already, by SKU: only what is newer comes. A stock view is such a position. */
  readonly known?: Readonly<Record<string, Position>> | undefined;
  /** Told whenever it becomes known, or unknown, that all views are the newest there are. */
  readonly onState?: ((state: LiveState) => void) | undefined;
}

/** A consumer that wants to be spared says so after as many views. */
const reportEvery = 50;

/**
 * The stock of some SKUs, as it changes: `for await` yields the present view of each, then the newest after each change.
 * A consumer that is slower than the changes gets the newest view of each SKU and not those between. When the connection is lost, it is
 * opened again and told what is known: what changed meanwhile comes then. `state` says whether all is known.
 */
export class LiveStock implements AsyncIterableIterator<StockView, undefined> {
  readonly skus: readonly string[];
  readonly #transport: Transport;
  readonly #keys: Keys;
  readonly #effects: LiveEffects;
  readonly #options: LiveOptions;
  readonly #views: NewestViews;
  readonly #inbox: Inbox<StockView>;
  readonly #connection: Connection;
  #state: LiveState = "connecting";
  #missing: readonly string[] = [];
  #wire: Wire | undefined;
  /** Views that came on this line, and how many of them the service knows to be taken in. */
  #arrived = 0;
  #reported = 0;

  constructor(
    transport: Transport,
    keys: Keys,
    effects: LiveEffects,
    skus: readonly string[],
    options: LiveOptions,
  ) {
    this.skus = [...new Set(skus)];
    const most = effects.WebSocket === undefined ? limits.liveStreamSkusMax : limits.liveSkusMax;
    if (this.skus.length === 0 || this.skus.length > most) {
      throw new RangeError(`watch 1 to ${most} SKUs at once, not ${this.skus.length}`);
    }
    this.#transport = transport;
    this.#keys = keys;
    this.#effects = effects;
    this.#options = options;
    this.#views = new NewestViews(options.known);
    this.#inbox = new Inbox(() => this.#views.take(), options.signal);
    this.#connection = new Connection(
      {
        open: (events, signal) => this.#open(events, signal),
        begin: (wire) => this.#begin(wire),
        heard: (message) => this.#heard(message),
        interrupted: () => this.#become(this.#state === "connecting" ? "connecting" : "interrupted"),
        ended: (error) => this.#end(error),
      },
      effects,
    );
    const close = () => this.close();
    options.signal?.addEventListener("abort", close, { once: true });
    void this.#connection.run().then(() => options.signal?.removeEventListener("abort", close));
  }

  /** Whether the views handed out, and those that wait, are the newest there are. */
  get state(): LiveState {
    return this.#state;
  }

  /** SKUs that are unknown so far; they are watched, and their views come once they exist. */
  get missing(): readonly string[] {
    return this.#missing;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<StockView, undefined>> {
    const result = await this.#inbox.next();
    this.#report();
    return result;
  }

  return(): Promise<IteratorResult<StockView, undefined>> {
    this.close();
    return Promise.resolve({ done: true, value: undefined });
  }

  /** Ends it; a loop over it ends too. */
  close(): void {
    this.#connection.stop();
  }

  async #open(events: WireEvents, signal: AbortSignal): Promise<Wire> {
    const { WebSocket } = this.#effects;
    if (WebSocket === undefined) {
      const known = this.skus.map((sku) => this.#views.position(sku) ?? "-").join(",");
      return openEventStream(this.#transport, { sku: this.skus }, known, events, signal);
    }
    // A ticket works where a socket cannot send a header, and a refusal of it can be read, which a socket's cannot.
    const { ticket } = await this.#keys.ticket(undefined, { signal, deadlineMs: this.#effects.heartbeatMs });
    const url = socketUrl(this.#transport.url, `/v1/live?ticket=${encodeURIComponent(ticket)}`);
    return openSocket(WebSocket, url, events, signal);
  }

  #begin(wire: Wire): void {
    this.#wire = wire;
    this.#arrived = 0;
    this.#reported = 0;
    const known = this.skus.flatMap((sku) => {
      const position = this.#views.position(sku);
      return position === undefined ? [] : [[sku, position] as const];
    });
    wire.send(JSON.stringify({ type: "subscribe", skus: this.skus, positions: Object.fromEntries(known) }));
  }

  #heard(message: ServerMessage): void {
    if (message.type === "error") throw refusal("GET /v1/live", message.problem);
    if (message.type === "stock") {
      this.#arrived += 1;
      if (this.#views.offer(message.stock)) this.#inbox.wake();
    } else if (message.type === "subscribed") {
      this.#missing = message.missing;
      this.#connection.settled();
      this.#become("live");
    }
  }

  /** Says how many views were taken in: the service then keeps back what would only wait here. */
  #report(): void {
    // Not before all is known: what is kept back would be missing from it.
    if (this.#state !== "live") return;
    const taken = this.#arrived - this.#views.size;
    if (taken - this.#reported < reportEvery) return;
    this.#reported = taken;
    this.#wire?.send(JSON.stringify({ type: "received", count: taken }));
  }

  #become(state: LiveState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#options.onState?.(state);
  }

  #end(error: unknown): void {
    this.#become("closed");
    this.#inbox.end(error);
  }
}
