import { Channels } from "./channels.ts";
import { Keys } from "./keys.ts";
import { Ledger } from "./ledger.ts";
import type { LiveEffects, SocketConstructor } from "./live/connection.ts";
import { type LiveOptions, LiveStock } from "./live/live-stock.ts";
import { Orders, Oversells, Unmatched } from "./orders.ts";
import { Reservations } from "./reservations.ts";
import { Stock } from "./stock.ts";
import { type CallOptions, Transport, type TransportOptions } from "./transport.ts";
import type { Leakage, LeakageRequest } from "./types.ts";

export interface ClientOptions extends TransportOptions {
  /** The runtime's own, unless given. Without any, `live` uses server-sent events. */
  readonly WebSocket?: SocketConstructor | undefined;
  /** How often a live connection is checked (15 s); it counts as lost after twice that without a sign of life. */
  readonly heartbeatMs?: number | undefined;
}

/**
 * A Stockwire service. Calls are repeated until they are answered or their deadline is over, every attempt with the same
 * Idempotency-Key, so that nothing is done twice; they throw StockwireError.
 */
export class StockwireClient {
  readonly stock: Stock;
  readonly reservations: Reservations;
  readonly orders: Orders;
  readonly unmatched: Unmatched;
  readonly oversells: Oversells;
  readonly channels: Channels;
  readonly keys: Keys;
  readonly ledger: Ledger;
  readonly #transport: Transport;
  readonly #live: LiveEffects;

  constructor(options: ClientOptions) {
    const transport = new Transport(options);
    this.#transport = transport;
    this.#live = {
      WebSocket: options.WebSocket ?? (globalThis.WebSocket as SocketConstructor | undefined),
      backoff: options.backoff ?? { baseMs: 250, maxMs: 10_000 },
      heartbeatMs: options.heartbeatMs ?? 15_000,
    };
    this.stock = new Stock(transport);
    this.reservations = new Reservations(transport);
    this.orders = new Orders(transport);
    this.unmatched = new Unmatched(transport);
    this.oversells = new Oversells(transport);
    this.channels = new Channels(transport);
    this.keys = new Keys(transport);
    this.ledger = new Ledger(transport, this.#live);
  }

  /** Watches up to 1,000 SKUs (200 where there is no WebSocket), from now until it is closed. */
  live(skus: readonly string[], options: LiveOptions = {}): LiveStock {
    return new LiveStock(this.#transport, this.keys, this.#live, skus, options);
  }

  /** What a shop loses to oversells because it syncs by polling. Needs no key. */
  async leakage(shop: LeakageRequest, options?: CallOptions): Promise<Leakage> {
    const request = { method: "POST", path: "/v1/leakage", body: shop, repeat: "harmless" } as const;
    return (await this.#transport.send<Leakage>(request, options)).body;
  }

  /** Throws unless the service and its ledger answer. */
  async health(options?: CallOptions): Promise<void> {
    await this.#transport.send({ method: "GET", path: "/healthz", repeat: "harmless" }, options);
  }
}
