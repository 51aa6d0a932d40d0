import { z } from "zod";
import { agentChannel, type HoldBody, type ReservationAnswer } from "../../api/reservations/answer.ts";
import { limits } from "../../protocol/limits.ts";
import { PositiveQuantity, Sku, Text } from "../../protocol/primitives.ts";
import { Moment } from "../mcp/stock-item.ts";
import { holdsEnvelope, type UcpAnswer } from "./envelope.ts";
import type { OwnNames } from "./names.ts";

const LineItem = z.looseObject({
  item: z.looseObject({ id: Sku.meta({ description: "The variant's id, as catalog lookup has it" }) }),
  quantity: PositiveQuantity,
});

const expiresInSeconds = z
  .int()
  .min(1)
  .max(limits.reservationTtlSecondsMax)
  .meta({ description: "From now, by the clock of what holds the units" });

export const HoldCreate = z
  .looseObject({
    line_items: z
      .array(LineItem)
      .min(1)
      .max(limits.reservationLinesMax)
      .meta({ description: "All of them are held, or none" }),
    expires_in_seconds: expiresInSeconds,
    reference: Text.optional().meta({ description: "A number of the platform's; it is kept with the order" }),
  })
  .meta({
    description: "Holds units for a buyer: nobody else can buy them until the hold ends",
    example: { line_items: [{ item: { id: "TEE-BLK-M" }, quantity: 1 }], expires_in_seconds: 600 },
  });

export const HoldExtend = z.looseObject({ expires_in_seconds: expiresInSeconds }).meta({
  description: "Makes a hold end so long from now",
  example: { expires_in_seconds: 600 },
});

export const HoldCommit = z
  .looseObject({
    line_items: z
      .array(LineItem)
      .min(1)
      .max(limits.reservationLinesMax)
      .optional()
      .meta({ description: "Only this much; the rest is free again. Absent: all that is held" }),
  })
  .meta({ description: "Turns a hold into an order: its units are sold", example: {} });

export const HoldRelease = z.looseObject({}).meta({ description: "Gives a hold's units back", example: {} });

/** A hold as a platform sees it. */
export const Hold = z
  .looseObject({
    id: z.string(),
    status: z.enum(["active", "committed", "released", "expired"]),
    expires_at: Moment.optional().meta({ description: "When an active hold ends by itself" }),
    line_items: z.array(
      z.looseObject({
        id: z.string(),
        item: z.looseObject({ id: z.string() }),
        quantity: z.int().min(0),
        epoch: z.string().optional(),
        version: z.int().optional().meta({
          description: "The SKU's version at which this was done: proof of its place in the order of things",
        }),
      }),
    ),
    order: z
      .looseObject({ id: z.string(), channel: z.string() })
      .optional()
      .meta({ description: "What a committed hold has become" }),
    reference: z.string().optional(),
  })
  .meta({ description: "Units that are held, and what has become of them" });

type HoldAnswer = z.infer<typeof Hold> & UcpAnswer;

export function toHoldBody({
  line_items: lines,
  expires_in_seconds,
  reference,
}: z.infer<typeof HoldCreate>): HoldBody {
  return { lines: lines.map(toLine), ttlSeconds: expires_in_seconds, reference, channel: agentChannel };
}

export function toCommitLines({ line_items: lines }: z.infer<typeof HoldCommit>) {
  return lines?.map(toLine);
}

function toLine({ item, quantity }: z.infer<typeof LineItem>) {
  return { sku: item.id, quantity };
}

/** A reservation as a hold. Lines have no ids of their own, so they are numbered. */
export function holdAnswer({ view }: ReservationAnswer, names: OwnNames): HoldAnswer {
  const { id, status, expiresAt, lines, channel, orderId, reference } = view;
  return {
    ucp: holdsEnvelope(names, "success"),
    id,
    status,
    ...(expiresAt !== undefined && { expires_at: expiresAt }),
    line_items: lines.map(({ sku, quantity, epoch, version }, index) => ({
      id: String(index + 1),
      item: { id: sku },
      quantity,
      ...(epoch !== undefined && { epoch }),
      ...(version !== undefined && { version }),
    })),
    ...(status === "committed" && channel !== undefined && { order: { id: orderId ?? id, channel } }),
    ...(reference !== undefined && { reference }),
  };
}
