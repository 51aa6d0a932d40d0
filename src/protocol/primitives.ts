import { z } from "zod";
import { limits } from "./limits.ts";

// Control characters, and the halves of broken surrogate pairs.
const unprintable = /[\p{Cc}\p{Cs}]/u;

function name(what: string) {
  return z
    .string()
    .min(1, `${what} must not be empty`)
    .refine((text) => Array.from(text).length <= limits.nameCharactersMax, {
      error: `${what} must have at most ${limits.nameCharactersMax} characters`,
    })
    .refine((text) => !unprintable.test(text), { error: `${what} must not contain control characters` })
    .refine((text) => text.trim() === text, { error: `${what} must not begin or end with a space` })
    .refine((text) => text.normalize("NFC") === text, {
      error: `${what} must be in Unicode normal form C (NFC)`,
    });
}

/** A stock keeping unit: 1-128 characters, NFC, case-sensitive, no control characters, no outer spaces. */
export const Sku = name("sku").meta({ description: "Stock keeping unit", example: "TEE-BLK-M" });

/** A warehouse, shop or fulfilment centre. */
export const Location = name("location").meta({ description: "Location", example: "default" });

/** An order number, line number or other identity given by somebody else's system. */
export const ExternalId = name("id");

/** The id of an order or a line as it is known here: given, or that of the reservation it was, which may be longer. */
export const KnownId = z.string().min(1).max(limits.knownIdLengthMax);

/** A channel's id, chosen by the seller; it is part of URLs and of ledger entries. */
export const ChannelId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, "channel id must be 1-64 letters, digits, - or _")
  .meta({ description: "Channel id", example: "web-shop" });

/** A whole number of units, |n| <= 1e9. */
export const Quantity = z.int().min(-limits.quantityMax).max(limits.quantityMax);

/** A whole number of units that must be at least 1. */
export const PositiveQuantity = z.int().min(1).max(limits.quantityMax);

/** A whole number of units that may be 0. */
export const NaturalQuantity = z.int().min(0).max(limits.quantityMax);

/** A change in units, up or down, never 0. */
export const Delta = Quantity.refine((n) => n !== 0, { error: "delta must not be 0" });

export const Text = z.string().min(1).max(limits.textLengthMax);

/** RFC 3339 in UTC with milliseconds, as every time in an answer is written. */
export const Timestamp = z.iso.datetime({ offset: true }).meta({ example: "2026-11-23T09:00:00.123Z" });

/** Why on hand changed. `count` and `transfer` are set by the mutations of that name. */
export const Reason = z.enum([
  "received",
  "sold",
  "returned",
  "correction",
  "count",
  "damaged",
  "lost",
  "found",
  "quality_control",
  "promotion",
  "transfer",
  "other",
]);
export type Reason = z.infer<typeof Reason>;

/**
 * How the locations of a line are chosen. `priority`: in the order given. `most-stock`: the fullest first.
 * `single-location-first`: the one that covers the line with the least left over, else the fullest first.
 */
export const LocationStrategy = z.enum(["priority", "most-stock", "single-location-first"]);
export type LocationStrategy = z.infer<typeof LocationStrategy>;
