import { type Page, Paged } from "./paged.ts";
import { path } from "./path.ts";
import type { CallOptions, MutationOptions, Transport } from "./transport.ts";
import type {
  Match,
  Order,
  OrderChange,
  OrderChanged,
  OrderChangeWaiting,
  OrderFact,
  OrderLine,
  OrderReturn,
  Oversell,
  OversellPage,
  OversellState,
  Resolution,
  UnmatchedLine,
  UnmatchedReplay,
} from "./types.ts";

/** Where an order was made, and its number there. */
export interface OrderId {
  readonly channel: string;
  readonly orderId: string;
}

/** Orders, which are facts: they are recorded even if they take more than there is. */
export class Orders {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Records an order. Its lines are known by their ids, so recording it again changes nothing. */
  async record(order: OrderFact, options?: CallOptions): Promise<Order> {
    const request = { method: "POST", path: "/v1/orders", body: order, repeat: "harmless" } as const;
    return (await this.#transport.send<Order>(request, options)).body;
  }

  /** The units can be sold again. Without lines: all that is open. */
  cancel(order: OrderId, change: OrderChange = {}, options?: MutationOptions) {
    return this.#change("cancel", order, change, options);
  }

  /** The units left the building. Without lines: all that is open. */
  fulfil(order: OrderId, change: OrderChange = {}, options?: MutationOptions) {
    return this.#change("fulfil", order, change, options);
  }

  /** The goods came back. Without lines: all that left. */
  return(order: OrderId, change: OrderReturn = {}, options?: MutationOptions) {
    return this.#change("return", order, change, options);
  }

  async #change(
    what: "cancel" | "fulfil" | "return",
    { channel, orderId }: OrderId,
    body: object,
    options?: MutationOptions,
  ): Promise<OrderChanged | OrderChangeWaiting> {
    const at = path`/v1/orders/${channel}/${orderId}/${what}`;
    type Answer = OrderChanged | OrderChangeWaiting;
    return (await this.#transport.mutate<Answer>({ method: "POST", path: at, body }, options)).body;
  }
}

/** A line of an order that took nothing yet, because nobody knows its SKU. */
export interface UnmatchedLineId extends OrderId {
  readonly lineId: string;
}

export interface UnmatchedFilter {
  readonly channel?: string | undefined;
  readonly limit?: number | undefined;
}

export class Unmatched {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  list(filter: UnmatchedFilter = {}, options?: CallOptions): Paged<UnmatchedLine> {
    return new Paged(async (cursor) => {
      const query = { ...filter, cursor };
      const request = { method: "GET", path: "/v1/unmatched", query, repeat: "harmless" } as const;
      return (await this.#transport.send<Page<UnmatchedLine>>(request, options)).body;
    });
  }

  /** Says which SKU a line is. */
  async match(line: UnmatchedLineId, match: Match, options?: CallOptions): Promise<OrderLine> {
    const at = path`/v1/unmatched/${line.channel}/${line.orderId}/${line.lineId}`;
    const request = { method: "POST", path: at, body: match, repeat: "harmless" } as const;
    return (await this.#transport.send<OrderLine>(request, options)).body;
  }

  /** Looks for the SKUs of a page of lines again; repeat with its `nextCursor`. */
  async replay(
    filter: UnmatchedFilter & { readonly cursor?: string | undefined } = {},
    options?: CallOptions,
  ): Promise<UnmatchedReplay> {
    const at = "/v1/unmatched/replay";
    const request = { method: "POST", path: at, query: { ...filter }, repeat: "harmless" } as const;
    return (await this.#transport.send<UnmatchedReplay>(request, options)).body;
  }
}

export interface OversellFilter {
  readonly state?: OversellState | undefined;
  readonly sku?: string | undefined;
  readonly channel?: string | undefined;
  readonly limit?: number | undefined;
}

/** Facts that took more than there was. */
export class Oversells {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  list(filter: OversellFilter = {}, options?: CallOptions): Paged<Oversell, OversellPage> {
    return new Paged(async (cursor) => {
      const query = { ...filter, cursor };
      const request = { method: "GET", path: "/v1/oversells", query, repeat: "harmless" } as const;
      return (await this.#transport.send<OversellPage>(request, options)).body;
    });
  }

  async get(id: string, options?: CallOptions): Promise<Oversell> {
    const request = { method: "GET", path: path`/v1/oversells/${id}`, repeat: "harmless" } as const;
    return (await this.#transport.send<Oversell>(request, options)).body;
  }

  /** Says how it was settled. Moves no stock. */
  async resolve(id: string, resolution: Resolution, options?: CallOptions): Promise<Oversell> {
    const at = path`/v1/oversells/${id}/resolution`;
    const request = { method: "POST", path: at, body: resolution, repeat: "harmless" } as const;
    return (await this.#transport.send<Oversell>(request, options)).body;
  }
}
