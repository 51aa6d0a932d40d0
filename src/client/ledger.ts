import { Follow, type FollowOptions } from "./live/follow.ts";
import type { LiveEffects } from "./live/connection.ts";
import { type Page, Paged } from "./paged.ts";
import { path } from "./path.ts";
import type { CallOptions, Transport } from "./transport.ts";
import type { DeadLetter, EventType, LedgerItem } from "./types.ts";

export interface LedgerFilter {
  readonly sku?: string | undefined;
  /** Event type, as in `adjusted`. */
  readonly type?: EventType | undefined;
  readonly channel?: string | undefined;
  readonly reference?: string | undefined;
  /** RFC 3339: recorded then or later. */
  readonly from?: string | undefined;
  /** RFC 3339: recorded before then. */
  readonly to?: string | undefined;
  readonly limit?: number | undefined;
}

/** A page of the ledger. The first page over all SKUs says where to `follow` from. */
export type LedgerPage = Page<LedgerItem> & { readonly liveCursor?: string | undefined };

/** The history of all SKUs. */
export class Ledger {
  readonly #transport: Transport;
  readonly #live: LiveEffects;

  constructor(transport: Transport, live: LiveEffects) {
    this.#transport = transport;
    this.#live = live;
  }

  /** Events, newest first. */
  list(filter: LedgerFilter = {}, options?: CallOptions): Paged<LedgerItem, LedgerPage> {
    const { sku, ...rest } = filter;
    const at = sku === undefined ? "/v1/ledger" : path`/v1/skus/${sku}/ledger`;
    return new Paged(async (cursor) => {
      const request = { method: "GET", path: at, query: { ...rest, cursor }, repeat: "harmless" } as const;
      return (await this.#transport.send<LedgerPage>(request, options)).body;
    });
  }

  /** The pages of `list`. */
  pages(filter: LedgerFilter = {}, options?: CallOptions): AsyncGenerator<LedgerPage, void, undefined> {
    return this.list(filter, options).pages();
  }

  /**
   * Every event once, in the order in which the ledger got them, in batches; goes on where it was after every break.
   * CursorExpiredError if what came after the cursor is no longer kept. Needs a secret key and a runtime whose WebSocket
   * takes headers (Node 22, Deno, Bun).
   */
  follow(options: FollowOptions = {}): Follow {
    return new Follow(this.#transport, this.#live, options);
  }

  /** Messages that were given up on their way to the ledger. */
  deadLetters(
    filter: { readonly limit?: number | undefined } = {},
    options?: CallOptions,
  ): Paged<DeadLetter> {
    return new Paged(async (cursor) => {
      const query = { ...filter, cursor };
      const request = { method: "GET", path: "/v1/dead-letters", query, repeat: "harmless" } as const;
      return (await this.#transport.send<Page<DeadLetter>>(request, options)).body;
    });
  }

  /** Puts a dead letter on its way again. NotFoundError if that was done before. */
  async replayDeadLetter(id: string, options?: CallOptions): Promise<void> {
    const at = path`/v1/dead-letters/${id}/replay`;
    await this.#transport.send({ method: "POST", path: at, repeat: "harmless" }, options);
  }
}
