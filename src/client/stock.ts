import { defaultLocation } from "../protocol/default-location.ts";
import { limits } from "../protocol/limits.ts";
import type { Position } from "../protocol/position.ts";
import { applyBulk, type BulkRequest } from "./bulk.ts";
import { type Page, Paged } from "./paged.ts";
import { path } from "./path.ts";
import type { CallOptions, GuardedOptions, Transport } from "./transport.ts";
import type {
  Adjustment,
  Audit,
  Availability,
  BulkResult,
  Count,
  IncomingChange,
  MutationAnswer,
  Receipt,
  SkuSettings,
  StockStatus,
  StockView,
  Transfer,
  UnavailableChange,
} from "./types.ts";

/** How old an answer may be, in seconds; unless given, the SKU's own object is asked. */
export interface ReadOptions extends CallOptions {
  readonly maxAgeSeconds?: number | undefined;
}

export interface StockFilter {
  /** Part of the SKU or title. */
  readonly query?: string | undefined;
  readonly status?: StockStatus | undefined;
  /** The retired SKUs instead of all others. */
  readonly retired?: boolean | undefined;
  /** Items of a page. */
  readonly limit?: number | undefined;
}

/** A moment of the past: what was recorded by a time, or after an entry of the ledger. */
export type Moment =
  | { readonly at: string }
  | { readonly version: number; readonly epoch?: string | undefined };

/** The stock of SKUs. */
export class Stock {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** NotFoundError if the SKU is unknown. */
  async get(sku: string, options: ReadOptions = {}): Promise<StockView> {
    const headers = maxAge(options);
    const request = { method: "GET", path: path`/v1/skus/${sku}`, headers, repeat: "harmless" } as const;
    return (await this.#transport.send<StockView>(request, options)).body;
  }

  /** The stock if it is newer than what is known already, else undefined. */
  async getIfChanged(
    sku: string,
    known: Position,
    options: ReadOptions = {},
  ): Promise<StockView | undefined> {
    const headers = { ...maxAge(options), "if-none-match": `"${known.epoch}.${known.version}"` };
    const request = { method: "GET", path: path`/v1/skus/${sku}`, headers, repeat: "harmless" } as const;
    const { status, body } = await this.#transport.send<StockView>(request, options);
    return status === 304 ? undefined : body;
  }

  /** Many SKUs, any number; `asOf` is when the oldest of the views was true. */
  async availability(skus: readonly string[], options: ReadOptions = {}): Promise<Availability> {
    const items: StockView[] = [];
    const missing: string[] = [];
    let asOf: string | undefined;
    for (let start = 0; start === 0 || start < skus.length; start += limits.availabilitySkusMax) {
      const body = {
        skus: skus.slice(start, start + limits.availabilitySkusMax),
        ...(options.maxAgeSeconds !== undefined && { maxAge: options.maxAgeSeconds }),
      };
      const request = { method: "POST", path: "/v1/availability", body, repeat: "harmless" } as const;
      const { body: page } = await this.#transport.send<Availability>(request, options);
      items.push(...page.items);
      missing.push(...page.missing);
      if (asOf === undefined || page.asOf < asOf) asOf = page.asOf;
    }
    return { items, missing, asOf: asOf ?? "" };
  }

  /** All SKUs in order of name, from the ledger: a moment behind the objects. */
  list(
    filter: StockFilter = {},
    options: CallOptions = {},
  ): Paged<StockView, Page<StockView> & { readonly asOf: string }> {
    return new Paged(async (cursor) => {
      const query = { ...filter, cursor };
      const request = { method: "GET", path: "/v1/skus", query, repeat: "harmless" } as const;
      return (await this.#transport.send<Page<StockView> & { asOf: string }>(request, options)).body;
    });
  }

  /** Creates a SKU, or changes the settings that are named. */
  async put(sku: string, settings: SkuSettings, options?: GuardedOptions): Promise<MutationAnswer> {
    return this.#change("PUT", path`/v1/skus/${sku}`, settings, options);
  }

  /** Ends this life of the SKU. ConflictError while units are reserved or committed. */
  async retire(sku: string, options?: GuardedOptions): Promise<MutationAnswer> {
    return this.#change("DELETE", path`/v1/skus/${sku}`, undefined, options);
  }

  /** Changes on hand by a delta. InsufficientStockError if more is taken than is available. */
  async adjust(sku: string, adjustment: Adjustment, options?: GuardedOptions): Promise<MutationAnswer> {
    return this.#change("POST", path`/v1/skus/${sku}/adjustments`, adjustment, options);
  }

  /** Says what is there: a fact, which stands even if more was sold. Creates the SKU if it is new. */
  async count(sku: string, count: Count, options?: Omit<GuardedOptions, "ifMatch">): Promise<MutationAnswer> {
    const { location = defaultLocation, ifMatch, ...body } = count;
    return this.#change("PUT", path`/v1/skus/${sku}/levels/${location}`, body, { ...options, ifMatch });
  }

  /** Moves units between locations. */
  async transfer(sku: string, transfer: Transfer, options?: GuardedOptions): Promise<MutationAnswer> {
    return this.#change("POST", path`/v1/skus/${sku}/transfers`, transfer, options);
  }

  /** Takes units out of what can be sold, or puts them back. */
  async unavailable(
    sku: string,
    change: UnavailableChange,
    options?: GuardedOptions,
  ): Promise<MutationAnswer> {
    return this.#change("POST", path`/v1/skus/${sku}/unavailable`, change, options);
  }

  /** Records units ordered from a supplier. */
  async incoming(sku: string, change: IncomingChange, options?: GuardedOptions): Promise<MutationAnswer> {
    return this.#change("POST", path`/v1/skus/${sku}/incoming`, change, options);
  }

  /** Records units that arrived. */
  async receive(sku: string, receipt: Receipt, options?: GuardedOptions): Promise<MutationAnswer> {
    return this.#change("POST", path`/v1/skus/${sku}/receipts`, receipt, options);
  }

  /**
   * Any number of mutations, in requests of up to 1,000; each has a result, in the order given. A mutation without a
   * `key` gets one. Those that are answered as unavailable are sent again with their keys until the deadline.
   */
  async bulk(items: readonly BulkRequest[], options: CallOptions = {}): Promise<BulkResult[]> {
    return applyBulk(this.#transport, items, options);
  }

  /** Adds up the SKU's ledger and compares it with the live stock. Costs as much as the history is long. */
  async audit(sku: string, options?: CallOptions): Promise<Audit> {
    const request = { method: "GET", path: path`/v1/skus/${sku}/audit`, repeat: "harmless" } as const;
    return (await this.#transport.send<Audit>(request, options)).body;
  }

  /** The stock as it was. */
  async history(sku: string, moment: Moment, options?: CallOptions): Promise<StockView> {
    const request = { method: "GET", path: path`/v1/skus/${sku}/history`, repeat: "harmless" } as const;
    return (await this.#transport.send<StockView>({ ...request, query: { ...moment } }, options)).body;
  }

  async #change(
    method: "PUT" | "POST" | "DELETE",
    at: string,
    body: object | undefined,
    options?: GuardedOptions,
  ): Promise<MutationAnswer> {
    return (await this.#transport.mutate<MutationAnswer>({ method, path: at, body }, options)).body;
  }
}

function maxAge({ maxAgeSeconds }: ReadOptions): Record<string, string> {
  return maxAgeSeconds === undefined ? {} : { "cache-control": `max-age=${maxAgeSeconds}` };
}
