import type { BulkItem } from "../protocol/bulk.ts";
import { defaultLocation } from "../protocol/default-location.ts";
import type { Mutation } from "../stock/mutation.ts";
import { unreachable } from "../stock/refusal.ts";
import { randomText } from "../http/key-format.ts";
import { directChannel } from "./reservations/answer.ts";

/** 22 base-62 characters are 131 random bits. */
const nonceCharacters = 22;

type WithoutAddress<Item> = Item extends unknown ? Omit<Item, "key" | "sku" | "ifMatch"> : never;

/** A change of one SKU as a caller words it: the body of a single request, or an item of a bulk one, and what it is. */
export type Change = WithoutAddress<BulkItem>;

/** The mutation that a change asks for, with what the caller may leave out filled in. */
export function toMutation(change: Change): Mutation {
  switch (change.type) {
    case "adjust":
    case "count":
    case "receive":
      return { ...change, location: change.location ?? defaultLocation };
    case "unavailable":
      return { ...change, type: "set-unavailable", location: change.location ?? defaultLocation };
    case "incoming":
      return { ...change, type: "expect", location: change.location ?? defaultLocation };
    case "create":
    case "transfer":
    case "release":
    case "extend":
    case "retire":
      return change;
    case "reserve":
      return { ...change, nonce: randomText(nonceCharacters) };
    case "commit": {
      const {
        channel = directChannel,
        reservationId,
        orderId = reservationId,
        lineId = reservationId,
      } = change;
      return { ...change, channel, orderId, lineId };
    }
    default:
      return unreachable(change);
  }
}
