import { adminKey } from "../cloud/cloud.ts";
import { SimulatedRequest, type SimulatedResponse } from "../code/web.ts";
import { formatEtag, type Position } from "../../../src/protocol/position.ts";
import type { Action, BulkAction, Step } from "./steps.ts";

/** A request of the API, as it is sent again and again until it is answered. */
export interface Call {
  readonly method: string;
  readonly path: string;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether it carries an idempotency key. */
  readonly isKeyed: boolean;
  /** The position that it wants its SKU to be at. */
  readonly expects?: Position | undefined;
}

/** What is known of an answer. */
export interface Answered {
  readonly status: number;
  readonly text: string;
  readonly etag: string | null;
  readonly isReplay: boolean;
  readonly ageSeconds: number;
}

/** What the answers to earlier steps say. */
export interface Known {
  /** The reservation that a step made. */
  reservationOf(step: number): string | undefined;
  /** The order that a step made, as channel and id. */
  orderOf(step: number): { channel: string; orderId: string; lineId: string } | undefined;
  /** What somebody was told last of a SKU. */
  positionOf(sku: string): Position | undefined;
}

/** The reference that marks everything a step does. */
export function referenceOf(step: Pick<Step, "id">): string {
  return `step-${step.id}`;
}

/** What a step asks of the API; undefined if what it is about never came to be, or it is none of the API's business. */
export function callOf(step: Step, known: Known): Call | undefined {
  const call = plainCallOf(step, known);
  const { action, isConditional } = step;
  const expects = isConditional === true && "sku" in action ? known.positionOf(action.sku) : undefined;
  if (call === undefined || expects === undefined) return call;
  return { ...call, headers: { ...call.headers, "if-match": formatEtag(expects) }, expects };
}

function plainCallOf(step: Step, known: Known): Call | undefined {
  const { action } = step;
  const reference = referenceOf(step);
  switch (action.type) {
    case "bulk":
      return {
        method: "POST",
        path: "/v1/mutations",
        body: { items: bulkItems(step, action.items) },
        isKeyed: false,
      };
    case "count": {
      const path = `/v1/skus/${action.sku}/levels/${action.location}`;
      return keyed("PUT", path, { onHand: action.onHand, reference }, { "if-match": "*" });
    }
    case "adjust": {
      const { location, delta } = action;
      const reason = delta < 0 ? "sold" : "found";
      return keyed("POST", `/v1/skus/${action.sku}/adjustments`, { location, delta, reason, reference });
    }
    case "receive":
      return keyed("POST", `/v1/skus/${action.sku}/receipts`, {
        location: action.location,
        quantity: action.quantity,
        reference,
      });
    case "unavailable":
      return keyed("POST", `/v1/skus/${action.sku}/unavailable`, {
        location: action.location,
        delta: action.delta,
        reason: "damaged",
        reference,
      });
    case "transfer":
      return keyed("POST", `/v1/skus/${action.sku}/transfers`, {
        from: action.from,
        to: action.to,
        quantity: action.quantity,
        reference,
      });
    case "settings":
      return keyed("PUT", `/v1/skus/${action.sku}`, action.settings);
    case "shards":
      return keyed("PUT", `/v1/skus/${action.sku}`, { shards: action.shards });
    case "kit":
      return keyed("PUT", `/v1/skus/${action.sku}`, { components: action.components });
    case "retire":
      return keyed("DELETE", `/v1/skus/${action.sku}`, undefined);
    case "reserve":
      return keyed("POST", "/v1/reservations", {
        lines: action.lines,
        ttlSeconds: action.ttlSeconds,
        reference,
      });
    case "commit":
    case "extend":
    case "release":
      return reservationCall(step.id, action, known.reservationOf(action.of));
    case "order": {
      const lines = action.lines.map((line, index) => ({ ...line, lineId: String(index + 1) }));
      const body = { channel: action.channel, orderId: `o${step.id}`, lines, reference };
      return { method: "POST", path: "/v1/orders", body, isKeyed: false };
    }
    case "change": {
      const order = known.orderOf(action.of);
      if (order === undefined) return undefined;
      const lines =
        action.quantity === undefined ? undefined : [{ lineId: order.lineId, quantity: action.quantity }];
      const path = `/v1/orders/${order.channel}/${encodeURIComponent(order.orderId)}/${action.change}`;
      return keyed("POST", path, { ...(lines && { lines }), reference });
    }
    case "read": {
      const { skus, maxAgeSeconds } = action;
      const [sku = ""] = skus;
      const headers = maxAgeSeconds > 0 ? { "cache-control": `max-age=${maxAgeSeconds}` } : {};
      return { method: "GET", path: `/v1/skus/${sku}`, headers, isKeyed: false };
    }
    case "reconcile":
      return { method: "POST", path: `/v1/channels/${action.channel}/reconcile`, isKeyed: false };
    default:
      return undefined;
  }
}

/** The reference that marks what one item of a bulk request does. */
export function itemReference(step: Pick<Step, "id">, index: number): string {
  return `${referenceOf(step)}.${index}`;
}

function bulkItems(step: Step, items: readonly BulkAction[]): object[] {
  return items.map((item, index) => {
    const reference = itemReference(step, index);
    const common = { ...item, key: `key-${step.id}.${index}`, reference };
    switch (item.type) {
      case "count":
        return { ...common, ifMatch: "*" };
      case "adjust":
        return { ...common, reason: item.delta < 0 ? "sold" : "found" };
      case "unavailable":
        return { ...common, reason: "damaged" };
      default:
        return common;
    }
  });
}

function reservationCall(
  step: number,
  action: Extract<Action, { type: "commit" | "extend" | "release" }>,
  id: string | undefined,
): Call | undefined {
  if (id === undefined) return undefined;
  const path = `/v1/reservations/${encodeURIComponent(id)}`;
  if (action.type === "release") return keyed("DELETE", path, undefined);
  if (action.type === "extend") return keyed("POST", `${path}/extend`, { ttlSeconds: action.ttlSeconds });
  return keyed("POST", `${path}/commit`, { channel: action.channel, orderId: `o${step}` });
}

function keyed(
  method: string,
  path: string,
  body: object | undefined,
  headers: Record<string, string> = {},
): Call {
  return { method, path, ...(body !== undefined && { body }), headers, isKeyed: true };
}

export function requestOf(call: Call, key: string): SimulatedRequest {
  return new SimulatedRequest(`http://stockwire${call.path}`, {
    method: call.method,
    headers: {
      authorization: `Bearer ${adminKey}`,
      ...(call.isKeyed && { "idempotency-key": key }),
      ...(call.body !== undefined && { "content-type": "application/json" }),
      ...call.headers,
    },
    ...(call.body !== undefined && { body: JSON.stringify(call.body) }),
  });
}

export async function answered(response: SimulatedResponse): Promise<Answered> {
  return {
    status: response.status,
    text: await response.text(),
    etag: response.headers.get("etag"),
    isReplay: response.headers.get("idempotent-replayed") === "true",
    ageSeconds: Number(response.headers.get("age") ?? 0),
  };
}
