import { z } from "zod";
import { StockStatus } from "../protocol/stock.ts";

const Change = z.object({
  channel: z.string(),
  sku: z.string(),
  quantity: z.int().min(0),
  available: z.int(),
  status: StockStatus,
  epoch: z.string(),
  version: z.int().min(1),
  asOf: z.string(),
});
export type DeliveredChange = z.infer<typeof Change>;

const StockEvent = z.object({
  specversion: z.literal("1.0"),
  type: z.literal("stockwire.channel.stock.v1"),
  data: Change,
});

/**
 * The changes in the body of a webhook delivery: one CloudEvent, or a batch of them (CloudEvents HTTP binding 1.0,
 * structured and batched content mode). Throws if it is neither.
 */
export function changesOf(contentType: string, body: string): DeliveredChange[] {
  const parsed: unknown = JSON.parse(body);
  const mediaType = contentType.split(";")[0]?.trim().toLowerCase();
  if (mediaType === "application/cloudevents+json") return [StockEvent.parse(parsed).data];
  if (mediaType === "application/cloudevents-batch+json") {
    return z
      .array(StockEvent)
      .parse(parsed)
      .map((event) => event.data);
  }
  throw new Error(`not a CloudEvent: ${contentType}`);
}
