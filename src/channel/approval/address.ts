import { shardOf } from "../../storage/shard.ts";

/** Approvals of a channel share this many objects; the questions about one order always meet in the same. */
const shards = 4;

/** The name of the ApprovalObject that decides about an order: the same for ever. */
export function approvalObjectName(channel: string, orderId: string): string {
  return `${channel}/${shardOf(orderId, shards)}`;
}
