import { readLocation, readScopes, readWebhooks } from "./check.ts";
import { activate, pageItems, readItems, readLevels, setQuantities } from "./inventory.ts";
import { readFulfilment, readOrder, readOrderLines, readOrderParts, readRefund } from "./order-query.ts";

/** Every operation that the shop is asked, so that all can be checked against its schema. */
export const documents: readonly { readonly name: string; readonly text: string }[] = [
  setQuantities,
  activate,
  readLevels,
  readItems,
  pageItems,
  readOrder,
  readOrderLines,
  readOrderParts,
  readFulfilment,
  readRefund,
  readScopes,
  readLocation,
  readWebhooks,
];
