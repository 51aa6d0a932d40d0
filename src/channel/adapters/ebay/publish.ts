import type { Publication, PublishResult } from "../../kit/adapter.ts";
import { changeOf } from "./budget.ts";
import { itemOf } from "./item.ts";
import { quantityOf, readItems } from "./read.ts";
import { type Revision, revise } from "./revise.ts";
import { revisionsOf } from "./revisions.ts";
import type { EbayContext } from "./settings.ts";

/** A publication that may still go, or what came of it. */
type Step = (Revision & { readonly result?: undefined }) | { readonly result: PublishResult };

/**
 * Reads what eBay shows, leaves alone what has moved or has used up its revisions, and tells eBay the rest in one
 * request.
 */
export async function publish(
  context: EbayContext,
  publications: readonly Publication[],
): Promise<PublishResult[]> {
  const named = publications.map((publication, index) => nameOf(publication, publications.slice(0, index)));
  const compared = await compare(context, named);
  const admitted = await admit(context, compared);
  const results = (await revise(context, admitted.filter(isOpen))).values();
  return admitted.map((step) => step.result ?? results.next().value ?? unanswered);
}

const unanswered: PublishResult = { outcome: "retry", detail: "eBay's answer does not mention this offer" };

function isOpen(step: Step): step is Revision {
  return step.result === undefined;
}

function nameOf(publication: Publication, before: readonly Publication[]): Step {
  const item = itemOf(publication);
  if (item === undefined) {
    const detail = 'this SKU has no offer on eBay: give its listing `external`: { "offerId": "..." }';
    return { result: { outcome: "rejected", detail } };
  }
  // Quantities belong to eBay's SKU, so two of ours would overwrite each other for ever.
  const other = before.find((earlier) => itemOf(earlier)?.sku === item.sku);
  if (other === undefined) return { publication, item };
  const detail = `SKU ${other.sku} has a listing with the same eBay SKU ${item.sku}; each needs its own`;
  return { result: { outcome: "rejected", detail } };
}

/** Nothing that eBay sold unheard of is put on sale again. Zero offers nothing, so it goes unread and without delay. */
async function compare(context: EbayContext, steps: readonly Step[]): Promise<Step[]> {
  const asked = steps.filter(isOpen).filter(({ publication }) => needsReading(publication));
  if (asked.length === 0) return [...steps];
  const read = await readItems(
    context,
    asked.map(({ item }) => item.sku),
  );
  return steps.map((step) => {
    if (!isOpen(step) || !needsReading(step.publication)) return step;
    if (!read.isOk) {
      const { detail, retryAfterMs } = read.problem;
      return { result: { outcome: "retry", detail, retryAfterMs } };
    }
    const item = read.value.get(step.item.sku);
    const actual = item && quantityOf(item);
    const hasMoved = actual !== undefined && actual !== step.publication.expected;
    return hasMoved ? { result: { outcome: "moved", actual } } : step;
  });
}

function needsReading({ expected, quantity }: Publication): boolean {
  return expected !== undefined && quantity > 0;
}

async function admit(context: EbayContext, steps: readonly Step[]): Promise<Step[]> {
  const asked = steps.filter(isOpen).map(({ publication, item }) => {
    return { listing: item.listing, change: changeOf(publication) };
  });
  const verdicts = (await revisionsOf(context).admit(asked)).values();
  return steps.map((step) => {
    if (!isOpen(step)) return step;
    const verdict = verdicts.next().value;
    if (verdict === undefined || verdict.mayGo) return step;
    return { result: { outcome: "later", detail: verdict.detail, afterMs: verdict.afterMs } };
  });
}
