import type { External } from "../../../protocol/channel.ts";
import type { StockStatus } from "../../../protocol/stock.ts";
import type { Publication } from "../../kit/adapter.ts";

/** What a webhook receiver gets for one SKU: a CloudEvent 1.0. */
export interface ChannelStockEvent {
  readonly specversion: "1.0";
  readonly id: string;
  readonly source: string;
  readonly type: "stockwire.channel.stock.v1";
  readonly subject: string;
  readonly time: string;
  readonly datacontenttype: "application/json";
  readonly data: {
    readonly channel: string;
    readonly sku: string;
    readonly external?: External;
    /** Units the channel may show. */
    readonly quantity: number;
    /** Units of the SKU as a whole. */
    readonly available: number;
    readonly status: StockStatus;
    readonly epoch: string;
    readonly version: number;
    readonly asOf: string;
  };
}

export function toEvent(publication: Publication): ChannelStockEvent {
  const { channel, sku, external, quantity, available, status, epoch, version, asOf } = publication;
  return {
    specversion: "1.0",
    id: eventId(publication),
    source: `/v1/channels/${channel}`,
    type: "stockwire.channel.stock.v1",
    subject: sku,
    time: asOf,
    datacontenttype: "application/json",
    data: {
      channel,
      sku,
      ...(external !== undefined && { external }),
      quantity,
      available,
      status,
      epoch,
      version,
      asOf,
    },
  };
}

/** An event that says nothing: sent when somebody asks whether the receiver is there. */
export function testEvent(channel: string, nowMs: number) {
  return {
    specversion: "1.0",
    id: `test:${nowMs}`,
    source: `/v1/channels/${channel}`,
    type: "stockwire.channel.test.v1",
    time: new Date(nowMs).toISOString(),
  } as const;
}

/**
 * The id of an event: the same for every attempt, another for any other content. It also is the `webhook-id`, which
 * must not contain a dot (Standard Webhooks signs `id.timestamp.body`); colons cannot occur in an encoded SKU.
 */
export function eventId(publication: Publication): string {
  const { sku, epoch, version, revision } = publication;
  const parts = [encodeURIComponent(sku).replaceAll(".", "%2E"), epoch, version];
  return (revision === 0 ? parts : [...parts, revision.toString(36)]).join(":");
}
