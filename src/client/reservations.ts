import { path } from "./path.ts";
import type { CallOptions, GuardedOptions, MutationOptions, Transport } from "./transport.ts";
import type { CommitRequest, Reservation, ReservationRequest } from "./types.ts";

/** Units held for a buyer until they are committed, released or expire. */
export class Reservations {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Holds all lines or none. InsufficientStockError names each line that is short. */
  async create(reservation: ReservationRequest, options?: GuardedOptions): Promise<Reservation> {
    return this.#change("POST", "/v1/reservations", reservation, options);
  }

  async get(id: string, options?: CallOptions): Promise<Reservation> {
    const request = { method: "GET", path: path`/v1/reservations/${id}`, repeat: "harmless" } as const;
    return (await this.#transport.send<Reservation>(request, options)).body;
  }

  /** Turns it into an order. ReservationExpiredError if it is too late. */
  async commit(id: string, order: CommitRequest = {}, options?: GuardedOptions): Promise<Reservation> {
    return this.#change("POST", path`/v1/reservations/${id}/commit`, order, options);
  }

  /** Ends so many seconds from now, later or earlier than before. */
  async extend(id: string, ttlSeconds: number, options?: GuardedOptions): Promise<Reservation> {
    return this.#change("POST", path`/v1/reservations/${id}/extend`, { ttlSeconds }, options);
  }

  /** Gives the units back. */
  async release(id: string, options?: GuardedOptions): Promise<Reservation> {
    return this.#change("DELETE", path`/v1/reservations/${id}`, undefined, options);
  }

  async #change(
    method: "POST" | "DELETE",
    at: string,
    body?: object,
    options?: MutationOptions,
  ): Promise<Reservation> {
    return (await this.#transport.mutate<Reservation>({ method, path: at, body }, options)).body;
  }
}
