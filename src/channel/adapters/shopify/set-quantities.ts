import { ask, type Asked } from "./client.ts";
import { gidOf } from "./ids.ts";
import { setQuantities } from "./inventory.ts";
import { closeKey, keyFor, type RequestKey } from "./key.ts";
import type { ShopifyContext } from "./settings.ts";
import type { Target } from "./targets.ts";
import { judge, type Verdict } from "./user-errors.ts";

/** How long to wait while an earlier request with the same key is still at work. */
const concurrentWaitsMs = [100, 400, 1_500];

/** One mutation, sent again as it was if its answer is lost, and as another one if Shopify wants that. */
export async function setQuantitiesOf(
  context: ShopifyContext,
  targets: readonly Target[],
): Promise<Asked<Verdict>> {
  let key = await keyFor(context, contentOf(context, targets));
  let isRenewed = false;
  let waits = 0;
  for (;;) {
    const asked = await setOnce(context, targets, key);
    if (!asked.isOk) return asked;
    const { again } = asked.data;
    if (again === "same-key") {
      const waitMs = concurrentWaitsMs[waits];
      if (waitMs === undefined) return asked;
      waits += 1;
      await pause(waitMs);
      continue;
    }
    closeKey(context, key);
    if (again === undefined || isRenewed) return asked;
    isRenewed = true;
    key = await keyFor(context, contentOf(context, targets));
  }
}

async function setOnce(
  context: ShopifyContext,
  targets: readonly Target[],
  key: RequestKey,
): Promise<Asked<Verdict>> {
  const locationId = gidOf("Location", context.settings.locationId);
  const variables = {
    key: key.text,
    input: {
      name: "available" as const,
      reason: "correction",
      // Names the cause in the shop's inventory history.
      referenceDocumentUri: `gid://stockwire/Channel/${context.channel}`,
      quantities: targets.map(({ itemId, publication, changeFrom }) => ({
        inventoryItemId: gidOf("InventoryItem", itemId),
        locationId,
        quantity: publication.quantity,
        changeFromQuantity: changeFrom,
      })),
    },
  };
  const first = await ask(context, setQuantities, variables);
  const isLost = !first.isOk && (first.failure.reason === "lost" || first.failure.reason === "unreached");
  const asked = isLost ? await ask(context, setQuantities, variables) : first;
  if (!asked.isOk) return asked;
  return { isOk: true, data: judge(asked.data.inventorySetQuantities.userErrors) };
}

function contentOf({ channel, settings }: ShopifyContext, targets: readonly Target[]): unknown {
  const items = targets.map(({ itemId, publication, changeFrom }) => {
    const { epoch, version, revision, quantity } = publication;
    return [itemId, epoch, version, revision, quantity, changeFrom];
  });
  return ["set", channel, settings.shop, settings.locationId, items];
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
