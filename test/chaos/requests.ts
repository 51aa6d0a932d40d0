import type { PublishedEvent } from "../../src/protocol/event.ts";
import { parseEtag, type Position } from "../../src/protocol/position.ts";
import type { StockView } from "../../src/protocol/stock.ts";
import type { Mutation, MutationOf } from "../../src/stock/mutation.ts";
import type { Got } from "../../src/verify/index.ts";

/** Mutations that chaos asks for, as the domain knows them. */
export type Wish = MutationOf<
  "adjust" | "count" | "receive" | "transfer" | "set-unavailable" | "reserve" | "commit" | "release"
>;

export interface Item {
  readonly key: string;
  readonly sku: string;
  readonly wish: Wish;
  readonly ifMatch?: Position;
}

/** What is sent, and how the answer says what became of each item. */
export interface Request {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: object;
}

interface Problem {
  readonly type: string;
  readonly epoch?: string;
  readonly version?: number;
}

/** An answer about one SKU: of a single request, or of an item of a bulk one. */
export interface SkuAnswer {
  readonly status: number;
  readonly replayed?: boolean;
  readonly event?: PublishedEvent;
  readonly stock?: StockView;
  readonly problem?: Problem;
}

/** A wish with a route of its own. */
export function singleRequest({ key, sku, wish, ifMatch }: Item): Request | undefined {
  const path = `/v1/skus/${encodeURIComponent(sku)}`;
  const condition = ifMatch === undefined ? "*" : `"${ifMatch.epoch}.${ifMatch.version}"`;
  const headers = { "idempotency-key": key, ...(ifMatch !== undefined && { "if-match": condition }) };
  const post = (to: string, body: object): Request => ({
    method: "POST",
    path: `${path}/${to}`,
    headers,
    body,
  });
  const { type: _, ...body } = wish;
  switch (wish.type) {
    case "adjust":
      return post("adjustments", body);
    case "receive":
      return post("receipts", body);
    case "transfer":
      return post("transfers", body);
    case "set-unavailable":
      return post("unavailable", body);
    case "count": {
      const { onHand, reference } = wish;
      const to = `${path}/levels/${wish.location}`;
      return {
        method: "PUT",
        path: to,
        headers: { ...headers, "if-match": condition },
        body: { onHand, reference },
      };
    }
    default:
      return undefined;
  }
}

export function bulkRequest(items: readonly Item[]): Request {
  const body = { items: items.map(bulkItem) };
  return { method: "POST", path: "/v1/mutations", headers: {}, body };
}

function bulkItem({ key, sku, wish, ifMatch }: Item): object {
  const condition = ifMatch === undefined ? "*" : `${ifMatch.epoch}.${ifMatch.version}`;
  const type = wish.type === "set-unavailable" ? "unavailable" : wish.type;
  const needsCondition = wish.type === "count" || ifMatch !== undefined;
  const { nonce: _, ...fields } = { nonce: "", ...wish };
  return { ...fields, key, sku, type, ...(needsCondition && { ifMatch: condition }) };
}

/** What the answer says; undefined if it says nothing, as an error of the server does. */
export function gotOf({ status, replayed = false, event, stock, problem }: SkuAnswer): Got | undefined {
  const again = replayed ? { replayed } : {};
  if (status < 300 && stock !== undefined) {
    const { epoch, version } = stock;
    return { outcome: "done", position: { epoch, version }, ...again, event, stock };
  }
  if (status >= 500 || status === 429 || problem === undefined) return undefined;
  const code = problem.type.split("/").at(-1) ?? "";
  const { epoch, version } = problem;
  const position = epoch === undefined || version === undefined ? undefined : { epoch, version };
  return { outcome: "refused", code, position, ...again };
}

/** The answer to a single request. */
export function singleAnswer(response: Response, body: unknown): SkuAnswer {
  const answered = body as Pick<SkuAnswer, "event" | "stock"> & Problem;
  const replayed = response.headers.get("idempotent-replayed") === "true";
  const { status } = response;
  if (status < 300) return { status, replayed, ...answered };
  // A refusal says where the SKU stood, at least in its tag.
  const etag = parseEtag(response.headers.get("etag") ?? "");
  return { status, replayed, problem: { ...etag, ...answered } };
}

/** The order that stands for a mutation of each of its SKUs. */
export interface OrderWish {
  readonly channel: string;
  readonly orderId: string;
  readonly lines: readonly { readonly lineId: string; readonly sku: string; readonly quantity: number }[];
}

export function orderMutations({ channel, orderId, lines }: OrderWish): Map<string, Mutation> {
  return new Map(
    [...Map.groupBy(lines, ({ sku }) => sku)].map(([sku, own]) => [
      sku,
      {
        type: "order",
        channel,
        orderId,
        lines: own.map(({ lineId, quantity }) => ({ lineId, quantity })),
      },
    ]),
  );
}
