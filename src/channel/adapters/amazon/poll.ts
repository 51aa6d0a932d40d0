import type { Polled } from "../../kit/inbound.ts";
import { readNotification } from "./notification.ts";
import { deleteMessages, messagesMax, receiveMessages } from "./queue.ts";
import { type AmazonContext, waitSeconds } from "./settings.ts";
import { log } from "../../../telemetry/log.ts";

/** The queue itself remembers what was read. */
const cursor = "";

/**
 * News from the queue. A message that cannot be understood gets no receipt: it comes back until the queue hands it to
 * its dead-letter queue, where a person can see it.
 */
export async function poll(context: AmazonContext): Promise<Polled> {
  if (context.settings.queueUrl === undefined) return { facts: [], cursor, hasMore: false };
  const messages = await receiveMessages(context, waitSeconds(context.settings));
  const read = messages.map((message) => ({
    message,
    meaning: readNotification(message.Body, context.settings),
  }));
  for (const { message, meaning } of read) {
    if (meaning.outcome === "left") report(context.channel, message.MessageId, meaning.detail);
  }
  const understood = read.flatMap(({ message, meaning }) =>
    meaning.outcome === "facts" ? [{ receipt: message.ReceiptHandle, facts: meaning.facts }] : [],
  );
  return {
    facts: understood.flatMap(({ facts }) => facts),
    cursor,
    // Where some came there may be more; messages that are left alone must not be asked for again at once.
    hasMore: understood.length > 0,
    receipts: understood.map(({ receipt }) => receipt),
  };
}

/** Removes from the queue what is kept here. */
export async function acknowledge(context: AmazonContext, receipts: readonly string[]): Promise<void> {
  for (let begin = 0; begin < receipts.length; begin += messagesMax) {
    await deleteMessages(context, receipts.slice(begin, begin + messagesMax));
  }
}

function report(channel: string, messageId: string, detail: string): void {
  log("channel.message_left", { channel, messageId, detail });
}
