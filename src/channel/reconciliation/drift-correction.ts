import type { MutationRequest, MutationResult } from "../../sku/contract.ts";
import type { Adjustment } from "./drift-policy.ts";

/** A correction of a SKU's stock to what a channel shows. */
export interface Correction extends Adjustment {
  readonly channel: string;
  readonly run: string;
  readonly sku: string;
}

/** What a SKU is told. The run and the listing make its key, so that a crash between does it once. */
export function correctionRequest({
  channel,
  run,
  sku,
  location,
  delta,
  position,
}: Correction): MutationRequest {
  const reference = `reconcile/${channel}/${run}`;
  const mutation = {
    type: "adjust",
    location,
    delta,
    reason: "correction",
    reference,
    actor: `channel:${channel}`,
  } as const;
  // As of that version, the channel's own orders were counted: another one may have been since.
  return { mutation, key: `${reference}\n${sku}`, fingerprint: `${location} ${delta}`, ifMatch: [position] };
}

/** Why a correction was not made; undefined if it was. */
export function correctionRefused(result: MutationResult | undefined): string | undefined {
  if (result === undefined) return "the SKU did not answer; the next run looks again";
  if (result.outcome === "done") return undefined;
  const { refusal } = result;
  switch (refusal.code) {
    case "version-mismatch":
      return "the stock changed meanwhile; the next run looks again";
    case "insufficient-stock":
      return `only ${refusal.available} are available, the rest is reserved or sold; count the SKU by hand`;
    default:
      return `the SKU refused it (${refusal.code}); count it by hand`;
  }
}
