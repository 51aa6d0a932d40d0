import { shardOf } from "../storage/shard.ts";

/** Orders of a channel share this many objects: an object of its own for each order would cost more than the order. */
const shards = 8;

/** The name of the OrderObject that keeps an order: the same for ever. */
export function orderObjectName(channel: string, orderId: string): string {
  return `${channel}/${shardOf(orderId, shards)}`;
}
