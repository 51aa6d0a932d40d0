import type { Listing } from "../../../src/channel/listings/listing.ts";
import type { ToldLag } from "../../../src/channel/listings/lag.ts";
import type { ListingStore } from "../../../src/channel/listings/tracked.ts";

/** Listings as text, as a store has them. */
export class MemoryStore implements ListingStore {
  readonly rows = new Map<string, string>();
  readonly itemKeys = new Map<string, string>();
  rowsWritten = 0;
  canWrite = true;

  transaction<Result>(run: () => Result): Result {
    return run();
  }
  get(skus: readonly string[]): Map<string, Listing> {
    const found = skus.flatMap((sku) => {
      const row = this.rows.get(sku);
      return row === undefined ? [] : [[sku, JSON.parse(row) as Listing] as const];
    });
    return new Map(found);
  }
  put(listings: readonly Listing[]): void {
    if (!this.canWrite) throw new Error("disk I/O error");
    this.rowsWritten += listings.length;
    for (const listing of listings) this.rows.set(listing.sku, JSON.stringify(listing));
  }
  remove(sku: string): void {
    this.rows.delete(sku);
  }
  removeImplicit(): void {
    for (const listing of this.all()) if (!listing.isExplicit) this.rows.delete(listing.sku);
  }
  putAs(listing: Listing, itemKey: string | undefined): void {
    this.put([listing]);
    if (itemKey === undefined) this.itemKeys.delete(listing.sku);
    else this.itemKeys.set(listing.sku, itemKey);
  }
  pending(after: string, limit: number): Listing[] {
    const hasMore = ({ state, verify, withheld }: Listing) =>
      state === "due" || verify !== undefined || withheld !== undefined;
    return this.page({ after, limit: Number.POSITIVE_INFINITY }).filter(hasMore).slice(0, limit);
  }
  toldBefore(beforeMs: number, limit: number): ToldLag[] {
    return this.all()
      .flatMap(({ published }) =>
        published?.lagMs === undefined ? [] : [{ atMs: published.atMs, lagMs: published.lagMs }],
      )
      .filter(({ atMs }) => atMs < beforeMs)
      .sort((a, b) => a.atMs - b.atMs)
      .slice(-limit);
  }
  page(query: {
    state?: Listing["state"] | undefined;
    after?: string | undefined;
    limit: number;
  }): Listing[] {
    return this.all()
      .filter(
        (listing) => listing.sku > (query.after ?? "") && listing.state === (query.state ?? listing.state),
      )
      .sort((a, b) => (a.sku < b.sku ? -1 : 1))
      .slice(0, query.limit);
  }
  all(): Listing[] {
    return [...this.rows.values()].map((row) => JSON.parse(row) as Listing);
  }
}
