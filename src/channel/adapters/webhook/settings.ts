import { z } from "zod";

/** Events one request may carry. */
const batchMax = 100;

/** Where events go, and how many of them in one request; without `batch`, one, not as an array. */
export const WebhookSettings = z.strictObject({
  url: z
    .string()
    .max(2048)
    .meta({ description: "Where changes are sent", example: "https://shop.example/stock" }),
  batch: z
    .int()
    .min(1)
    .max(batchMax)
    .optional()
    .meta({ description: "Events in one request; one by one, and not as a list, unless told" }),
});
export type WebhookSettings = z.infer<typeof WebhookSettings>;
