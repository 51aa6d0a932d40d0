import { path } from "./path.ts";
import type { CallOptions, Transport } from "./transport.ts";
import type { Key, KeyRequest, NewKey, Ticket } from "./types.ts";

/** API keys. */
export class Keys {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Makes a key; only this answer has it. Sent once: a lost answer is thrown, since a repeat would make another key. */
  async create(key: KeyRequest, options?: CallOptions): Promise<NewKey> {
    const request = { method: "POST", path: "/v1/keys", body: key, repeat: "once" } as const;
    return (await this.#transport.send<NewKey>(request, options)).body;
  }

  async list(options?: CallOptions): Promise<Key[]> {
    const request = { method: "GET", path: "/v1/keys", repeat: "harmless" } as const;
    return (await this.#transport.send<{ items: Key[] }>(request, options)).body.items;
  }

  /** Refused everywhere within 5 s. */
  async revoke(id: string, options?: CallOptions): Promise<void> {
    const request = { method: "DELETE", path: path`/v1/keys/${id}`, repeat: "harmless" } as const;
    await this.#transport.send(request, options);
  }

  /** A ticket with which a browser may watch stock without a key. */
  async ticket(ttlSeconds?: number, options?: CallOptions): Promise<Ticket> {
    const body = ttlSeconds === undefined ? {} : { ttlSeconds };
    const request = { method: "POST", path: "/v1/tickets", body, repeat: "harmless" } as const;
    return (await this.#transport.send<Ticket>(request, options)).body;
  }
}
