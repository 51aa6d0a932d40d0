import type { Price } from "../protocol/stock.ts";
import { persistentMap } from "../stock/persistent-map.ts";
import { grantedOf } from "../stock/reservations.ts";
import type { Homes, Kit, Level, Reservation, SkuState } from "../stock/state.ts";

/** A row holds at most 2 MB; a snapshot is cut into parts of this many characters (UTF-8: up to 3 bytes each). */
const partCharacters = 400_000;

/** What a snapshot keeps of a state: all but the working sets. */
interface StoredState {
  sku: string;
  epoch: string;
  version: number;
  since?: string | undefined;
  title?: string | undefined;
  price?: Price | undefined;
  safetyStock: number;
  backorderLimit: number;
  lowStockAt: number;
  isRetired: boolean;
  /** Absent in snapshots of releases that knew no shards. */
  shards?: number;
  homes?: Homes | undefined;
  allocations: [string, number][];
  kit?: Kit | undefined;
  levels: [string, Level][];
  reservations: Reservation[];
}

export function encodeSnapshot(state: SkuState): string[] {
  const { sku, epoch, version, since, title, price, safetyStock, backorderLimit, lowStockAt } = state;
  const stored: StoredState = {
    sku,
    epoch,
    version,
    since,
    title,
    price,
    safetyStock,
    backorderLimit,
    lowStockAt,
    isRetired: state.isRetired,
    ...(state.shards > 0 && { shards: state.shards }),
    homes: state.homes,
    allocations: [...state.allocations],
    kit: state.kit,
    levels: [...state.levels],
    reservations: [...state.reservations.values()],
  };
  const text = JSON.stringify(stored);
  const parts: string[] = [];
  for (let start = 0; start < text.length;) {
    const end = cutAt(text, start + partCharacters);
    parts.push(text.slice(start, end));
    start = end;
  }
  return parts;
}

/** A place to cut a text at or just before `end`: never between the two halves of a character, which are lost alone. */
function cutAt(text: string, end: number): number {
  const isFirstHalf = /[\uD800-\uDBFF]/.test(text.charAt(end - 1));
  return isFirstHalf ? end - 1 : end;
}

export function decodeSnapshot(parts: readonly string[]): SkuState {
  const stored = JSON.parse(parts.join("")) as StoredState;
  const expiries = stored.reservations.map((reservation) => reservation.expiresAtMs);
  return {
    ...stored,
    shards: stored.shards ?? 0,
    homes: stored.homes,
    granted: grantedOf(stored.reservations),
    allocations: persistentMap(stored.allocations),
    levels: persistentMap(stored.levels),
    reservations: persistentMap(stored.reservations.map((reservation) => [reservation.id, reservation])),
    nextExpiryAtMs: expiries.reduce((least, at) => Math.min(least, at), Number.POSITIVE_INFINITY),
    ended: persistentMap(),
    orderLines: persistentMap(),
  };
}
