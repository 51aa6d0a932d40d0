import { z } from "zod";
import type { ChannelFact } from "../../kit/inbound.ts";
import { parseJson, words } from "../../kit/words.ts";
import { OrderChange, orderReport } from "./orders.ts";
import { type AmazonSettings, channelCode } from "./settings.ts";

/** What a message from the queue means. */
export type Read =
  | { readonly outcome: "facts"; readonly facts: readonly ChannelFact[] }
  /** Not for us, or not to be understood: it must stay where it is. */
  | { readonly outcome: "left"; readonly detail: string };

const Envelope = z.looseObject({
  NotificationType: z.string(),
  EventTime: z.iso.datetime({ offset: true }),
  Payload: z.looseObject({}),
});
type Envelope = z.infer<typeof Envelope>;

const OrderPayload = z.looseObject({ OrderChangeNotification: OrderChange });

const QuantityPayload = z.looseObject({
  SellerId: z.string(),
  FulfillmentChannelCode: z.string(),
  Sku: z.string().min(1),
  Quantity: z.int().min(0),
});

/** A topic in between wraps a message in one of its own (Amazon SNS without raw delivery). */
const TopicMessage = z.looseObject({ Type: z.literal("Notification"), Message: z.string() });
/** An event bus does so too (Amazon EventBridge). */
const BusEvent = z.looseObject({ "detail-type": z.string(), detail: z.looseObject({}) });

export function readNotification(body: string, settings: AmazonSettings): Read {
  const envelope = Envelope.safeParse(unwrapped(parseJson(body)));
  if (!envelope.success) return left("it is not a notification of the Selling Partner API", body);
  switch (envelope.data.NotificationType) {
    case "ORDER_CHANGE":
      return readOrder(envelope.data, settings, body);
    case "LISTINGS_ITEM_MFN_QUANTITY_CHANGE":
      return readQuantity(envelope.data, settings, body);
    default:
      return left(
        `notifications of type ${words(envelope.data.NotificationType)} are not for this queue`,
        body,
      );
  }
}

function readOrder(envelope: Envelope, settings: AmazonSettings, body: string): Read {
  const payload = OrderPayload.safeParse(envelope.Payload);
  if (!payload.success)
    return left(`it is not an ORDER_CHANGE as documented: ${whereOf(payload.error)}`, body);
  const change = payload.data.OrderChangeNotification;
  if (change.SellerId !== settings.sellerId) return left(`it is for seller ${words(change.SellerId)}`, body);
  // Orders of all marketplaces count: the same units stand behind the offers of a seller in each of them.
  const report = orderReport(change, new Date(envelope.EventTime).toISOString());
  return { outcome: "facts", facts: report === undefined ? [] : [report] };
}

function readQuantity(envelope: Envelope, settings: AmazonSettings, body: string): Read {
  const payload = QuantityPayload.safeParse(envelope.Payload);
  if (!payload.success) return left(`its payload is not as documented: ${whereOf(payload.error)}`, body);
  const { SellerId, FulfillmentChannelCode, Sku, Quantity } = payload.data;
  if (SellerId !== settings.sellerId) return left(`it is for seller ${words(SellerId)}`, body);
  if (FulfillmentChannelCode !== channelCode(settings)) return { outcome: "facts", facts: [] };
  const updatedAt = new Date(envelope.EventTime).toISOString();
  return { outcome: "facts", facts: [{ type: "level", external: Sku, quantity: Quantity, updatedAt }] };
}

function unwrapped(json: unknown): unknown {
  const topic = TopicMessage.safeParse(json);
  if (topic.success) return parseJson(topic.data.Message);
  const event = BusEvent.safeParse(json);
  return event.success ? event.data.detail : json;
}

function whereOf(error: z.ZodError): string {
  return error.issues[0]?.path.join(".") ?? "its payload";
}

function left(reason: string, body: string): Read {
  return { outcome: "left", detail: `${reason}; it begins ${words(body).slice(0, 200)}` };
}
