import type { Publication, PublishResult } from "../../kit/adapter.ts";
import { ask, type Asked, failedResult, type Failure } from "./client.ts";
import { gidOf } from "./ids.ts";
import { availableOf, levelsMax, readLevels } from "./inventory.ts";
import { setQuantitiesOf } from "./set-quantities.ts";
import type { ShopifyContext } from "./settings.ts";
import { stockItem } from "./stock-item.ts";
import { type Target, targetsOf } from "./targets.ts";
import type { Verdict } from "./user-errors.ts";

/** Each round leaves out the items that the last one named, so few are needed. */
const roundsMax = 12;

/** Items are put on the location's shelf one by one; the others have their turn soon. */
const stockedMax = 20;
const stockAgainMs = 1_000;

/** What became of some targets: a result each, and those that are still open for a reason. */
interface Outcome {
  readonly results: ReadonlyMap<number, PublishResult>;
  readonly stale: readonly Target[];
  readonly unstocked: readonly Target[];
}

/** Tells the shop, as far as it goes in one request. Items that stand in the way are answered, the others told. */
export async function publish(
  context: ShopifyContext,
  publications: readonly Publication[],
): Promise<PublishResult[]> {
  const results = new Map<number, PublishResult>();
  const targets = targetsOf(publications, results);
  const first = await setAll(context, targets);
  const unstocked = [...first.unstocked];
  const moved = await compare(context, first.stale, unstocked);
  const shelved = await stockAll(context, unstocked);
  const second = await setAll(context, shelved.ready);
  const missing: Target[] = [];
  const movedAgain = await compare(context, second.stale, missing);
  for (const { index } of [...second.unstocked, ...missing]) {
    const detail = "Shopify says that the item is stocked at the location, and that it is not";
    results.set(index, { outcome: "retry", detail });
  }
  for (const some of [first.results, moved, shelved.results, second.results, movedAgain]) {
    for (const [index, result] of some) results.set(index, result);
  }
  return publications.map((_, index) => results.get(index) ?? unanswered);
}

const unanswered: PublishResult = { outcome: "retry", detail: "Shopify's answer does not mention this item" };

async function setAll(context: ShopifyContext, targets: readonly Target[]): Promise<Outcome> {
  const results = new Map<number, PublishResult>();
  const stale: Target[] = [];
  const unstocked: Target[] = [];
  let open = targets;
  for (let round = 0; open.length > 0; round += 1) {
    const asked: Asked<Verdict> =
      round < roundsMax ? await setQuantitiesOf(context, open) : { isOk: false, failure: endless };
    if (!asked.isOk || asked.data.again !== undefined) {
      const failure = asked.isOk ? busy : asked.failure;
      for (const { index } of open) results.set(index, failedResult(failure));
      break;
    }
    const verdict = asked.data;
    const isDone = verdict.stale.size === 0 && verdict.unstocked.size === 0 && verdict.rejected.size === 0;
    const rest: Target[] = [];
    for (const [place, target] of open.entries()) {
      const detail = verdict.whole ?? verdict.rejected.get(place);
      if (detail !== undefined) results.set(target.index, { outcome: "rejected", detail });
      else if (verdict.stale.has(place)) stale.push(target);
      else if (verdict.unstocked.has(place)) unstocked.push(target);
      else if (isDone) results.set(target.index, { outcome: "ok" });
      else rest.push(target);
    }
    // An error that names an item which is not there would go on for ever.
    open = rest.length < open.length ? rest : [];
  }
  return { results, stale, unstocked };
}

const endless: Failure = { reason: "refused", detail: "Shopify keeps refusing single items of this request" };
const busy: Failure = {
  reason: "lost",
  detail: "Shopify is still at work on an earlier request with these quantities",
};

/** Reads what items have that is not what was expected. Those that have nothing there are not stocked. */
async function compare(
  context: ShopifyContext,
  stale: readonly Target[],
  unstocked: Target[],
): Promise<ReadonlyMap<number, PublishResult>> {
  const results = new Map<number, PublishResult>();
  const locationId = gidOf("Location", context.settings.locationId);
  for (let start = 0; start < stale.length; start += levelsMax) {
    const some = stale.slice(start, start + levelsMax);
    const ids = some.map(({ itemId }) => gidOf("InventoryItem", itemId));
    const asked = await ask(context, readLevels, { ids, locationId });
    for (const [place, target] of some.entries()) {
      const item = asked.isOk ? asked.data.nodes[place] : undefined;
      const actual = availableOf(item?.inventoryLevel);
      if (!asked.isOk) results.set(target.index, failedResult(asked.failure));
      else if (item === undefined) results.set(target.index, gone);
      else if (actual === undefined) unstocked.push(target);
      else results.set(target.index, { outcome: "moved", actual });
    }
  }
  return results;
}

const gone: PublishResult = { outcome: "rejected", detail: "the shop has no such inventory item any more" };

/** Puts items on the location's shelf. What they have there then is what they must have when they are set. */
async function stockAll(
  context: ShopifyContext,
  targets: readonly Target[],
): Promise<{ readonly ready: readonly Target[]; readonly results: ReadonlyMap<number, PublishResult> }> {
  const results = new Map<number, PublishResult>();
  const ready: Target[] = [];
  for (const target of targets.slice(0, stockedMax)) {
    const { publication, index } = target;
    const stocked = await stockItem(context, target.itemId);
    if (stocked.result !== undefined) results.set(index, stocked.result);
    else if (publication.expected === undefined || publication.expected === stocked.available) {
      ready.push({ ...target, changeFrom: stocked.available });
    } else results.set(index, { outcome: "moved", actual: stocked.available });
  }
  for (const { index } of targets.slice(stockedMax)) {
    const detail = "the item is not stocked at the location yet; others are being put there first";
    results.set(index, { outcome: "later", detail, afterMs: stockAgainMs });
  }
  return { ready, results };
}
