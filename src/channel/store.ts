import type { ChannelSettings, ListingsMode } from "../protocol/channel.ts";
import type { PublicationRule } from "../protocol/rule.ts";
import { hasSchema, migrate, type Sql } from "../storage/schema.ts";
import type { Health } from "./health.ts";
import type { Listing } from "./listing.ts";
import type { ListingStore } from "./listing-book.ts";
import { migrations } from "./migrations.ts";
import type { Urgency } from "./schedule.ts";

/** How a channel is configured, without its secrets. */
export interface ChannelRecord {
  readonly id: string;
  readonly kind: string;
  readonly settings: ChannelSettings;
  readonly listings: ListingsMode;
  readonly rule?: PublicationRule | undefined;
  /** Grows when the numbers go to another place. */
  readonly destination: number;
  /** Why it is paused; absent while it runs. */
  readonly pausedBecause?: string | undefined;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

/** Encrypted texts; see secrets.ts. */
export interface SealedSecrets {
  readonly signingSecret: string;
  readonly credentials?: string | undefined;
}

/** The parts of a channel that are stored whole, each in one row. */
interface Parts {
  readonly record: ChannelRecord;
  readonly secrets: SealedSecrets;
  readonly health: Health;
}

/** All SQL of a ChannelObject. Every method is synchronous. */
export class ChannelStore implements ListingStore {
  readonly #storage: DurableObjectStorage;
  readonly #sql: Sql;

  constructor(storage: DurableObjectStorage) {
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

  remove(sku: string): void {
    this.#sql.exec("DELETE FROM listings WHERE sku = ?", sku);
  }

  removeImplicit(): void {
    this.#sql.exec("DELETE FROM listings WHERE is_explicit = 0");
  }

  due(): { sku: string; urgency: Urgency }[] {
    return this.#sql
      .exec<{ sku: string; dueSinceMs: number; crossesZero: number }>(
        `SELECT sku, listing ->> 'dueSinceMs' AS dueSinceMs,
           coalesce((listing ->> '$.published.quantity' = 0) <> (listing ->> '$.wanted.quantity' = 0), 0)
             AS crossesZero
         FROM listings WHERE state = 'due'`,
      )
      .toArray()
      .map(({ sku, dueSinceMs, crossesZero }) => ({
        sku,
        urgency: { dueSinceMs, crossesZero: crossesZero === 1 },
      }));
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
