import type { Publication, PublishResult } from "../../kit/adapter.ts";
import { request } from "./client.ts";
import { dayAt } from "./day.ts";
import type { EbayItem } from "./item.ts";
import { judgeAll, type Judged, judgeOne } from "./results.ts";
import { revisionsOf } from "./revisions.ts";
import { type EbayContext, timeZoneOf } from "./settings.ts";
import { Revised } from "./shapes.ts";

/** A quantity on its way to an offer. */
export interface Revision {
  readonly publication: Publication;
  readonly item: EbayItem;
}

/** Tells eBay, in one request. Results stand in the order of the revisions. */
export async function revise(context: EbayContext, revisions: readonly Revision[]): Promise<PublishResult[]> {
  const judged = await send(context, revisions);
  const untouched = revisions.filter((_, index) => judged[index]?.isUntouched);
  await revisionsOf(context).giveBack(untouched.map(({ item }) => item.listing));
  return judged.map(({ result }) => result);
}

async function send(context: EbayContext, revisions: readonly Revision[]): Promise<Judged[]> {
  if (revisions.length === 0) return [];
  const requests = revisions.map(({ item, publication: { quantity } }) => ({
    sku: item.sku,
    // eBay offers the lesser one of the two (Inventory API, bulk updates).
    shipToLocationAvailability: { quantity },
    offers: [{ offerId: item.offerId, availableQuantity: quantity }],
  }));
  const path = "/sell/inventory/v1/bulk_update_price_quantity";
  const answer = await request(context, { method: "POST", path, body: { requests } }, Revised);
  const untilTomorrowMs = dayAt(context.now(), timeZoneOf(context.settings)).endsAtMs - context.now();
  if (answer.isOk) {
    return revisions.map(({ item, publication }) =>
      judgeOne(answer.value, item, publication.quantity, untilTomorrowMs),
    );
  }
  // One bad item can spoil the request for all: alone, each has an answer of its own.
  if (answer.problem.status === 400 && revisions.length > 1) return sendEach(context, revisions);
  return revisions.map(() => judgeAll(answer.problem, untilTomorrowMs));
}

async function sendEach(context: EbayContext, revisions: readonly Revision[]): Promise<Judged[]> {
  const judged: Judged[] = [];
  for (const revision of revisions) judged.push(...(await send(context, [revision])));
  return judged;
}
