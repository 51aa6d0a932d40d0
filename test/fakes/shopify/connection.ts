import { GraphQLError } from "graphql";

/** Arguments of a connection. */
export interface Page {
  readonly first?: number | null;
  readonly last?: number | null;
  readonly after?: string | null;
}

/** A page of a list, with opaque cursors. */
export function connection<Item>(
  items: readonly Item[],
  { first, last, after }: Page,
  view: (item: Item) => unknown,
) {
  if ((first === null || first === undefined) && (last === null || last === undefined)) {
    throw new GraphQLError("you must provide one of first or last", { extensions: { code: "BAD_REQUEST" } });
  }
  const size = first ?? last ?? 0;
  if (size > 250) throw new GraphQLError("first cannot exceed 250", { extensions: { code: "BAD_REQUEST" } });
  const start = after ? placeOf(after) + 1 : 0;
  const page = items.slice(start, start + size);
  return {
    nodes: page.map((item) => view(item)),
    pageInfo: {
      hasNextPage: start + size < items.length,
      hasPreviousPage: start > 0,
      startCursor: page.length === 0 ? null : cursorOf(start),
      endCursor: page.length === 0 ? null : cursorOf(start + page.length - 1),
    },
  };
}

const cursorOf = (place: number): string => Buffer.from(`place:${place}`).toString("base64");

function placeOf(cursor: string): number {
  const match = /^place:(\d+)$/.exec(Buffer.from(cursor, "base64").toString());
  if (match === null) throw new GraphQLError("Invalid cursor", { extensions: { code: "BAD_REQUEST" } });
  return Number(match[1]);
}
