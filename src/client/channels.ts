import { type Page, Paged } from "./paged.ts";
import { path, type Query } from "./path.ts";
import type { Repeat } from "./retry.ts";
import type { CallOptions, Transport } from "./transport.ts";
import type {
  Channel,
  ChannelConfig,
  ChannelStatus,
  Drift,
  FactsWaiting,
  Findings,
  KeptFact,
  KeptFactState,
  Listing,
  ListingConfig,
  ListingImport,
  ListingsDue,
  ListingState,
  Reconciliation,
  ReconciliationReport,
} from "./types.ts";

/** Where stock is sold. Every request sets a state, so all of them are repeated when an answer is lost. */
export class Channels {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /**
   * Connects a channel, or changes it. Only the answer that connects it has a `signingSecret`, and one that had to replace it:
   * if that answer is lost, the one that comes instead has none; `renewSigningSecret` then.
   */
  async put(id: string, config: ChannelConfig, options?: CallOptions): Promise<Channel> {
    return this.#send("PUT", path`/v1/channels/${id}`, options, config);
  }

  /** How all channels are doing. */
  async list(options?: CallOptions): Promise<ChannelStatus[]> {
    const page = await this.#send<{ items: ChannelStatus[] }>("GET", "/v1/channels", options);
    return page.items;
  }

  async get(id: string, options?: CallOptions): Promise<ChannelStatus> {
    return this.#send("GET", path`/v1/channels/${id}`, options);
  }

  /** How it is set up, without its secrets. */
  async settings(id: string, options?: CallOptions): Promise<Channel> {
    return this.#send("GET", path`/v1/channels/${id}/settings`, options);
  }

  async remove(id: string, options?: CallOptions): Promise<void> {
    return this.#send("DELETE", path`/v1/channels/${id}`, options);
  }

  /**
   * Has deliveries signed with another secret, which is in the answer, and for so long (a day unless told) with those before it
   * too.
   */
  async renewSigningSecret(
    id: string,
    body: { readonly overlapSeconds?: number } = {},
    options?: CallOptions,
  ): Promise<Channel> {
    return this.#send("POST", path`/v1/channels/${id}/signing-secret`, options, body);
  }

  /** Keeps changes, sends nothing. */
  async pause(id: string, options?: CallOptions): Promise<Channel> {
    return this.#send("POST", path`/v1/channels/${id}/pause`, options);
  }

  /** Sends what has waited. */
  async resume(id: string, options?: CallOptions): Promise<Channel> {
    return this.#send("POST", path`/v1/channels/${id}/resume`, options);
  }

  /** What the connection needs, with advice. */
  async test(id: string, options?: CallOptions): Promise<Findings> {
    return this.#send("POST", path`/v1/channels/${id}/test`, options);
  }

  /** Compares all it shows with what it was told; joins the run under way. */
  async reconcile(id: string, options?: CallOptions): Promise<Reconciliation> {
    return this.#send("POST", path`/v1/channels/${id}/reconcile`, options);
  }

  async reconciliation(id: string, run: string, options?: CallOptions): Promise<ReconciliationReport> {
    return this.#send("GET", path`/v1/channels/${id}/reconcile/${run}`, options);
  }

  /** What it shows otherwise than it was told. */
  async drift(id: string, options?: CallOptions): Promise<Drift> {
    return this.#send("GET", path`/v1/channels/${id}/drift`, options);
  }

  listings(
    id: string,
    filter: { readonly state?: ListingState | undefined; readonly limit?: number | undefined } = {},
    options?: CallOptions,
  ): Paged<Listing> {
    return this.#list(path`/v1/channels/${id}/listings`, filter, options);
  }

  /** What a SKU is called there, and how much of it is shown. Replaces the listing as a whole. */
  async putListing(id: string, sku: string, listing: ListingConfig, options?: CallOptions): Promise<Listing> {
    return this.#send("PUT", path`/v1/channels/${id}/listings/${sku}`, options, listing);
  }

  async removeListing(id: string, sku: string, options?: CallOptions): Promise<void> {
    return this.#send("DELETE", path`/v1/channels/${id}/listings/${sku}`, options);
  }

  /** Tries failed listings again: one, or all. */
  async retry(id: string, sku?: string, options?: CallOptions): Promise<ListingsDue> {
    const at =
      sku === undefined ? path`/v1/channels/${id}/retry` : path`/v1/channels/${id}/listings/${sku}/retry`;
    return this.#send("POST", at, options);
  }

  /** Lists the channel's items under the SKUs they name. `running`: read `listingImport` until it is done. */
  async importListings(
    id: string,
    { dryRun = false }: { readonly dryRun?: boolean } = {},
    options?: CallOptions,
  ): Promise<ListingImport> {
    return this.#send("POST", path`/v1/channels/${id}/listings/import`, options, { dryRun });
  }

  /** How far the last import is. */
  async listingImport(id: string, options?: CallOptions): Promise<ListingImport> {
    return this.#send("GET", path`/v1/channels/${id}/import`, options);
  }

  /** What the channel told that is not applied. */
  inbox(
    id: string,
    filter: { readonly state?: KeptFactState | undefined; readonly limit?: number | undefined } = {},
    options?: CallOptions,
  ): Paged<KeptFact> {
    return this.#list(path`/v1/channels/${id}/inbox`, filter, options);
  }

  /** Tries parked facts again: one, or all. */
  async replayInbox(id: string, seq?: number, options?: CallOptions): Promise<FactsWaiting> {
    return this.#send("POST", path`/v1/channels/${id}/inbox/replay`, options, undefined, { seq });
  }

  #list<Item>(at: string, filter: Query, options?: CallOptions): Paged<Item> {
    return new Paged((cursor) =>
      this.#send<Page<Item>>("GET", at, options, undefined, { ...filter, cursor }),
    );
  }

  async #send<Answer>(
    method: "GET" | "PUT" | "POST" | "DELETE",
    at: string,
    options?: CallOptions,
    body?: object,
    query?: Query,
  ): Promise<Answer> {
    const repeat: Repeat = "harmless";
    return (await this.#transport.send<Answer>({ method, path: at, body, query, repeat }, options)).body;
  }
}
