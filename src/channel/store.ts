import { hasSchema, migrate, type Sql } from "../storage/schema.ts";
import type { Health } from "./publishing/health.ts";
import type { ToldLag } from "./listings/lag.ts";
import type { Listing } from "./listings/listing.ts";
import { migrations } from "./migrations.ts";
import type { PollingState } from "./inbound/polling.ts";
import type { ChannelRecord } from "./record.ts";
import type { SealedSecrets } from "./secrets/pair.ts";
import type { ListingStore } from "./listings/tracked.ts";

/** The parts of a channel that are stored whole, each in one row. */
interface Parts {
  readonly record: ChannelRecord;
  readonly secrets: SealedSecrets;
  readonly health: Health;
  readonly polling: PollingState;
  /** The last restore of the service that the listings have heard of. */
  readonly restore: { readonly atMs: number };
}

/** The part of an object's storage that this uses. */
interface Storage {
  readonly sql: Sql;
  /** All or nothing of the writes in `run`. */
  transactionSync<Result>(run: () => Result): Result;
}

/** All SQL of a ChannelObject. Every method is synchronous. */
export class ChannelStore implements ListingStore {
  readonly #storage: Storage;
  readonly #sql: Sql;

  constructor(storage: Storage) {
    this.#storage = storage;
    this.#sql = storage.sql;
  }

  /** Whether this channel was ever configured. Writes nothing. */
  exists(): boolean {
    return hasSchema(this.#sql);
  }

  migrate(): void {
    migrate(this.#sql, migrations);
  }

  transaction<Result>(run: () => Result): Result {
    return this.#storage.transactionSync(run);
  }

  read<Part extends keyof Parts>(part: Part): Parts[Part] | undefined {
    const [row] = this.#sql
      .exec<{ value: string }>("SELECT value FROM channel WHERE part = ?", part)
      .toArray();
    return row === undefined ? undefined : (JSON.parse(row.value) as Parts[Part]);
  }

  write<Part extends keyof Parts>(part: Part, value: Parts[Part]): void {
    this.#sql.exec(
      "INSERT INTO channel (part, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
      part,
      JSON.stringify(value),
    );
  }

  /** A sealed text of the vault. */
  readVault(name: string): string | undefined {
    const [row] = this.#sql
      .exec<{ sealed: string }>("SELECT sealed FROM vault WHERE name = ?", name)
      .toArray();
    return row?.sealed;
  }

  writeVault(name: string, sealed: string): void {
    this.#sql.exec(
      "INSERT INTO vault (name, sealed) VALUES (?, ?) ON CONFLICT DO UPDATE SET sealed = excluded.sealed",
      name,
      sealed,
    );
  }

  /** All sealed texts of the vault. */
  vault(): { name: string; sealed: string }[] {
    return this.#sql.exec<{ name: string; sealed: string }>("SELECT name, sealed FROM vault").toArray();
  }

  emptyVault(): void {
    this.#sql.exec("DELETE FROM vault");
  }

  get(skus: readonly string[]): Map<string, Listing> {
    const rows = this.#sql
      .exec<{ listing: string }>(
        "SELECT listing FROM listings WHERE sku IN (SELECT value FROM json_each(?))",
        JSON.stringify(skus),
      )
      .toArray();
    return new Map(rows.map(toListing).map((listing) => [listing.sku, listing]));
  }

  put(listings: readonly Listing[]): void {
    this.#sql.exec(
      `INSERT INTO listings (sku, state, is_explicit, published_at_ms, listing)
       SELECT value ->> 'sku', value ->> 'state', value ->> 'isExplicit', value ->> '$.published.atMs', value
       FROM json_each(?) WHERE true
       ON CONFLICT DO UPDATE SET state = excluded.state, is_explicit = excluded.is_explicit,
         published_at_ms = excluded.published_at_ms, listing = excluded.listing`,
      JSON.stringify(listings),
    );
  }

  putAs(listing: Listing, itemKey: string | undefined): void {
    this.#sql.exec(
      `INSERT INTO listings (sku, state, is_explicit, published_at_ms, item_key, listing) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET state = excluded.state, is_explicit = excluded.is_explicit,
         published_at_ms = excluded.published_at_ms, item_key = excluded.item_key, listing = excluded.listing`,
      listing.sku,
      listing.state,
      listing.isExplicit ? 1 : 0,
      listing.published?.atMs ?? null,
      itemKey ?? null,
      JSON.stringify(listing),
    );
  }

  /** The SKUs listed as these items of the channel, in order; items that none is listed as are left out. */
  skusOf(itemKeys: readonly string[]): Map<string, string[]> {
    const rows = this.#sql
      .exec<{ itemKey: string; sku: string }>(
        `SELECT item_key AS itemKey, sku FROM listings
         WHERE item_key IS NOT NULL AND item_key IN (SELECT value FROM json_each(?)) ORDER BY sku`,
        JSON.stringify(itemKeys),
      )
      .toArray();
    const skus = new Map<string, string[]>();
    for (const { itemKey, sku } of rows) skus.set(itemKey, [...(skus.get(itemKey) ?? []), sku]);
    return skus;
  }

  remove(sku: string): void {
    this.#sql.exec("DELETE FROM listings WHERE sku = ?", sku);
  }

  removeImplicit(): void {
    this.#sql.exec("DELETE FROM listings WHERE is_explicit = 0");
  }

  pending(after: string, limit: number): Listing[] {
    return this.#sql
      .exec<{ listing: string }>(
        `SELECT listing FROM listings
         WHERE sku > ?1 AND (state = 'due' OR listing ->> 'verify' IS NOT NULL OR listing ->> 'withheld' IS NOT NULL)
         ORDER BY sku LIMIT ?2`,
        after,
        limit,
      )
      .toArray()
      .map(toListing);
  }

  toldBefore(beforeMs: number, limit: number): ToldLag[] {
    return this.#sql
      .exec<{ atMs: number; lagMs: number }>(
        `SELECT published_at_ms AS atMs, listing ->> '$.published.lagMs' AS lagMs FROM listings
         WHERE published_at_ms < ? AND lagMs IS NOT NULL ORDER BY published_at_ms DESC LIMIT ?`,
        beforeMs,
        limit,
      )
      .toArray()
      .toReversed();
  }

  page(query: {
    state?: Listing["state"] | undefined;
    after?: string | undefined;
    limit: number;
  }): Listing[] {
    const { state = null, after = "", limit } = query;
    return this.#sql
      .exec<{ listing: string }>(
        "SELECT listing FROM listings WHERE sku > ?1 AND (?2 IS NULL OR state = ?2) ORDER BY sku LIMIT ?3",
        after,
        state,
        limit,
      )
      .toArray()
      .map(toListing);
  }

  /** Counts over all listings; for a person who asks, not for the hot path. */
  summary(): { failed: number; lastSuccessAtMs: number | undefined } {
    const [row] = this.#sql
      .exec<{ failed: number | null; last: number | null }>(
        "SELECT sum(state = 'failed') AS failed, max(published_at_ms) AS last FROM listings",
      )
      .toArray();
    return { failed: row?.failed ?? 0, lastSuccessAtMs: row?.last ?? undefined };
  }
}

function toListing(row: { listing: string }): Listing {
  return JSON.parse(row.listing) as Listing;
}
