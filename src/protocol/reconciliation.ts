import { z } from "zod";
import { DriftPolicy, External } from "./channel.ts";
import { NaturalQuantity, Quantity, Timestamp } from "./primitives.ts";

/**
 * What it means that a channel shows a number. `in_sync`: it is the one we told it. `in_flight`: it may be on its way.
 * `edited_there`: it changed there after we told it. `lost_push`: we told it, and it shows another one all the same.
 * `refused`: it would not take ours. `untold`: we have no number for it. `unlisted`: no listing is about this item.
 * `missing_there`: a listing is about an item that is not there. `uncounted`: the channel does not count it.
 */
export const DriftClass = z.enum([
  "in_sync",
  "in_flight",
  "edited_there",
  "lost_push",
  "refused",
  "untold",
  "unlisted",
  "missing_there",
  "uncounted",
]);
export type DriftClass = z.infer<typeof DriftClass>;

/** What was done about it: the channel was told our number again, or the SKU's stock was corrected to the channel's. */
export const DriftAction = z.enum(["none", "published_again", "corrected"]);
export type DriftAction = z.infer<typeof DriftAction>;

export const DriftEntry = z
  .object({
    sku: z.string().optional(),
    external: External.optional(),
    title: z.string().optional(),
    class: DriftClass,
    ours: Quantity.optional().meta({ description: "Units we last told the channel" }),
    theirs: Quantity.optional().meta({ description: "Units the channel shows" }),
    action: DriftAction,
    reason: z.string().meta({ description: "Why, and what to do if something is left to do" }),
  })
  .meta({ id: "DriftEntry" });
export type DriftEntry = z.infer<typeof DriftEntry>;

export const RunState = z.enum(["waiting", "running", "done", "failed"]);

const runTimes = {
  startAt: Timestamp,
  endedAt: Timestamp.optional(),
  failure: z.object({ detail: z.string(), at: Timestamp }).optional().meta({
    description: "The last failure to read the channel, in its own words; tried again while `running`",
  }),
};

export const ReconciliationView = z
  .object({
    id: z.string().meta({ example: "5f0c8a3e-3f4b-4d36-9a0f-1f7d0c2b6a11" }),
    state: RunState,
    startedBy: z.enum(["schedule", "hand"]),
    ...runTimes,
    items: NaturalQuantity.meta({ description: "Items of the channel that were looked at" }),
    counts: z.record(z.string(), NaturalQuantity).meta({ description: "How many by class" }),
    corrections: NaturalQuantity.meta({ description: "How many were published again or corrected" }),
    entriesLeftOut: NaturalQuantity.meta({ description: "Entries beyond what is kept" }),
  })
  .meta({ id: "Reconciliation" });
export type ReconciliationView = z.infer<typeof ReconciliationView>;

/** A run with its entries: everything that was not in sync, bounded. */
export const ReconciliationReport = ReconciliationView.extend({ entries: z.array(DriftEntry) }).meta({
  id: "ReconciliationReport",
});
export type ReconciliationReport = z.infer<typeof ReconciliationReport>;

export const OpenDrift = DriftEntry.extend({
  since: Timestamp.meta({ description: "When it was seen first" }),
  seenAt: Timestamp.meta({ description: "When it was seen last" }),
  correctedInARow: NaturalQuantity.meta({ description: "Runs in a row that corrected it in vain" }),
}).meta({ id: "OpenDrift" });
export type OpenDrift = z.infer<typeof OpenDrift>;

/** The answer of `GET /v1/channels/{id}/drift`. */
export const DriftView = z
  .object({
    policy: DriftPolicy,
    openCount: NaturalQuantity,
    open: z.array(OpenDrift).meta({ description: "The first 500 in order of SKU" }),
    runs: z.array(ReconciliationView).meta({ description: "The last 10, newest first" }),
    report: ReconciliationReport.optional().meta({ description: "The newest run with its entries" }),
  })
  .meta({ id: "Drift" });
export type DriftView = z.infer<typeof DriftView>;

const ListedItem = z.object({ sku: z.string(), external: External, title: z.string().optional() });
const UnnamedItem = z.object({ external: External, title: z.string().optional() });
const SharedSku = z.object({ sku: z.string(), items: z.array(UnnamedItem) });

/** What is sent to `POST /v1/channels/{id}/listings/import`. */
export const ImportBody = z
  .strictObject({ dryRun: z.boolean().optional().meta({ description: "Only look, list nothing" }) })
  .meta({ id: "ImportBody", example: { dryRun: true } });

const importLists = {
  matched: z.array(ListedItem).meta({ description: "Listed now; in a dry run, would be" }),
  alreadyListed: z.array(ListedItem),
  duplicates: z.array(SharedSku).meta({ description: "Several items with one SKU: none of them is listed" }),
  unknownSku: z.array(ListedItem).meta({ description: "Stockwire knows no such SKU" }),
  withoutSku: z.array(UnnamedItem).meta({ description: "The channel has no SKU for these" }),
};

export const ImportView = z
  .object({
    id: z.string(),
    state: z.enum(["running", "done", "failed"]),
    dryRun: z.boolean(),
    ...runTimes,
    items: NaturalQuantity.meta({ description: "Items of the channel that were read" }),
    counts: z.object({
      matched: NaturalQuantity,
      alreadyListed: NaturalQuantity,
      duplicates: NaturalQuantity,
      unknownSku: NaturalQuantity,
      withoutSku: NaturalQuantity,
    }),
    ...importLists,
  })
  .meta({ id: "ListingImport", description: "Each list has the first 500; the counts are whole" });
export type ImportView = z.infer<typeof ImportView>;

export const Findings = z
  .object({
    ok: z.boolean(),
    findings: z.array(
      z.object({
        isOk: z.boolean(),
        check: z.string().meta({ description: "What was looked at" }),
        advice: z.string().optional().meta({ description: "What to do about it" }),
      }),
    ),
  })
  .meta({ id: "ChannelFindings" });
export type Findings = z.infer<typeof Findings>;
