import { decodeCursor, encodeCursor } from "./cursor.ts";

export interface Page<Item> {
  readonly items: Item[];
  readonly nextCursor?: string;
}

/** A cursor that was not made by the list it was given to. */
export class InvalidCursorError extends Error {}

/** Conditions of a query that must all hold, with the values they bind. */
export class Where {
  readonly #conditions: string[] = [];
  readonly bindings: (string | number)[] = [];

  /** A condition without values always counts; one with values only if all of them are there. */
  and(condition: string, ...values: (string | number | undefined)[]): this {
    const known = values.filter((value) => value !== undefined);
    if (known.length < values.length) return this;
    this.#conditions.push(condition);
    this.bindings.push(...known);
    return this;
  }

  /** Only what comes after a cursor in a descending order by these columns. Throws `InvalidCursorError`. */
  before(columns: readonly string[], cursor: string | undefined): this {
    const place = placeOf(cursor, columns.length);
    if (place === undefined) return this;
    return this.and(`(${columns.join(", ")}) < (${columns.map(() => "?").join(", ")})`, ...place);
  }

  /** The WHERE clause; empty without conditions. */
  get clause(): string {
    return this.#conditions.length === 0 ? "" : `WHERE ${this.#conditions.join(" AND ")}`;
  }
}

/** The text of an ORDER BY with the last row first. */
export function descending(columns: readonly string[]): string {
  return columns.map((column) => `${column} DESC`).join(", ");
}

/** The place a cursor stands for, as that many parts. Throws `InvalidCursorError`. */
export function placeOf(cursor: string | undefined, length: number): (string | number)[] | undefined {
  if (cursor === undefined) return undefined;
  const place = decodeCursor(cursor, length);
  if (place === undefined) throw new InvalidCursorError();
  return place;
}

/** The first `limit` rows; if there was one more, a cursor to what follows. */
export function toPage<Row>(
  rows: readonly Row[],
  limit: number,
  place: (row: Row) => (string | number)[],
): Page<Row> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  const hasMore = rows.length > limit && last !== undefined;
  return { items, ...(hasMore && { nextCursor: encodeCursor(place(last)) }) };
}
