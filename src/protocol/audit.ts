import { z } from "zod";
import { Sku, Timestamp } from "./primitives.ts";
import { StockView } from "./stock.ts";

/** A field on which the ledger and the live object disagree; `null` stands for an absent value. */
export const AuditDifference = z
  .object({
    field: z.string().meta({
      description: "A field of the stock view; a location as `locations/<name>`",
      example: "onHand",
    }),
    ledger: z.unknown().meta({ description: "What the ledger adds up to" }),
    live: z.unknown().meta({ description: "What the live object says" }),
  })
  .meta({ id: "AuditDifference" });
export type AuditDifference = z.infer<typeof AuditDifference>;

/** Whether a SKU's ledger adds up to what its live object says. */
export const AuditAnswer = z
  .object({
    sku: Sku,
    epoch: z.string().meta({ description: "The life that was audited: the newest" }),
    ledgerVersion: z.int().min(0).meta({ description: "The version the ledger was added up to" }),
    liveVersion: z
      .int()
      .min(1)
      .optional()
      .meta({ description: "The live object's version; absent if the SKU is retired" }),
    entries: z.int().min(0).meta({ description: "Ledger entries added up" }),
    isDense: z.boolean().meta({ description: "Whether versions 1 to `ledgerVersion` are all there" }),
    matches: z.boolean().meta({
      description: "Nothing is missing and nothing differs; false too if the ledger is still behind",
    }),
    differences: z.array(AuditDifference),
    behind: z.int().min(0).meta({
      description: "Versions the ledger had not received after 2 s of waiting; nothing is compared unless 0",
    }),
    ledger: StockView.optional().meta({
      description: "What the ledger adds up to; absent if it has nothing yet",
    }),
    live: StockView.optional().meta({
      description: "What the live object says; absent if the SKU is retired",
    }),
    asOf: Timestamp.meta({ description: "When the live object was read" }),
  })
  .meta({ id: "Audit" });
export type AuditAnswer = z.infer<typeof AuditAnswer>;
