import { z } from "zod";
import { Location, NaturalQuantity } from "./primitives.ts";

const parts = {
  buffer: NaturalQuantity.optional().meta({ description: "Units held back from this channel" }),
  percent: z.int().min(0).max(100).optional().meta({ description: "Share of what is left, rounded down" }),
  cap: NaturalQuantity.optional().meta({ description: "Never show more than this" }),
  floor: NaturalQuantity.optional().meta({ description: "Show 0 when fewer than this would be shown" }),
};

/**
 * How much of a SKU's available a channel is shown. Applied in this order: only `locations`, minus `buffer`,
 * `percent` of the rest (rounded down), at most `cap`, and 0 if that is below `floor`. When the SKU as a whole has
 * no more than `low.atOrBelow` available, the parts of `low` stand in for all of these but `locations`.
 */
export const PublicationRule = z
  .strictObject({
    ...parts,
    locations: z.array(Location).min(1).optional().meta({ description: "Count only these locations" }),
    low: z
      .strictObject({
        atOrBelow: NaturalQuantity.meta({ description: "From this many available units of the SKU down" }),
        ...parts,
      })
      .optional()
      .meta({ description: "Replaces buffer, percent, cap and floor, as a whole, when stock is low" }),
  })
  .meta({ id: "PublicationRule", example: { buffer: 2, cap: 50 } });
export type PublicationRule = z.infer<typeof PublicationRule>;
