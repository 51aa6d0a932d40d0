import { z } from "zod";
import { limits } from "./limits.ts";
import { parseEtag } from "./position.ts";
import { ChannelId, ExternalId, Location, PositiveQuantity, Sku } from "./primitives.ts";
import {
  AdjustmentBody,
  CountBody,
  ExtendBody,
  IncomingBody,
  PutSkuBody,
  ReceiptBody,
  ReservationLine,
  ReserveTerms,
  TransferBody,
  UnavailableBody,
} from "./requests.ts";

/** An Idempotency-Key as a field. */
const Key = z
  .string()
  .max(limits.idempotencyKeyLengthMax)
  .regex(/^[\x21-\x7e]+$/, "use visible ASCII characters")
  .meta({
    description: "Idempotency key of this mutation alone; the same one on a retry",
    example: "7f9c2ba4",
  });

const IfMatch = z
  .string()
  .refine((text) => text === "*" || parseEtag(text) !== undefined, {
    error: "send the position of your last read, as in k3v9.42, or *",
  })
  .meta({ description: "Position the SKU must have, `<epoch>.<version>`, or `*`", example: "*" });

const item = { key: Key, sku: Sku, ifMatch: IfMatch.optional() };
const reservationId = z
  .string()
  .min(1)
  .max(1_000)
  .meta({ description: "Of a reservation of this SKU alone" });

/** One mutation of a bulk request: the fields of the single request, beside the SKU, a key and what it is. */
export const BulkItem = z.discriminatedUnion("type", [
  PutSkuBody.safeExtend({ ...item, type: z.literal("create") }).meta({ id: "BulkCreate" }),
  AdjustmentBody.safeExtend({ ...item, type: z.literal("adjust") }).meta({ id: "BulkAdjust" }),
  CountBody.safeExtend({
    ...item,
    type: z.literal("count"),
    ifMatch: IfMatch,
    location: Location.optional(),
  }).meta({ id: "BulkCount" }),
  TransferBody.safeExtend({ ...item, type: z.literal("transfer") }).meta({ id: "BulkTransfer" }),
  UnavailableBody.safeExtend({ ...item, type: z.literal("unavailable") }).meta({ id: "BulkUnavailable" }),
  IncomingBody.safeExtend({ ...item, type: z.literal("incoming") }).meta({ id: "BulkIncoming" }),
  ReceiptBody.safeExtend({ ...item, type: z.literal("receive") }).meta({ id: "BulkReceive" }),
  ReservationLine.safeExtend({ ...ReserveTerms.shape, ...item, type: z.literal("reserve") }).meta({
    id: "BulkReserve",
    description: "Holds a SKU that is no kit; kits and carts are held with POST /v1/reservations",
  }),
  z
    .strictObject({
      ...item,
      type: z.literal("commit"),
      reservationId,
      channel: ChannelId.optional(),
      orderId: ExternalId.optional(),
      lineId: ExternalId.optional(),
      quantity: PositiveQuantity.optional().meta({
        description: "Commit only this much; the rest is given back",
      }),
    })
    .meta({ id: "BulkCommit" }),
  z.strictObject({ ...item, type: z.literal("release"), reservationId }).meta({ id: "BulkRelease" }),
  ExtendBody.safeExtend({ ...item, type: z.literal("extend"), reservationId }).meta({ id: "BulkExtend" }),
  z.strictObject({ ...item, type: z.literal("retire") }).meta({ id: "BulkRetire" }),
]);
export type BulkItem = z.infer<typeof BulkItem>;

/** The body of `POST /v1/mutations`. */
export const BulkBody = z.strictObject({ items: z.array(BulkItem).min(1).max(limits.bulkItemsMax) }).meta({
  id: "BulkRequest",
  example: {
    items: [
      { key: "a1", sku: "TEE-BLK-M", type: "adjust", delta: -1, reason: "damaged" },
      { key: "a2", sku: "TEE-BLK-L", type: "count", onHand: 12, ifMatch: "*" },
    ],
  },
});
