import type { Publication, PublishResult } from "./adapter.ts";

/** What a channel that counts what is there has of one item, in units. */
export interface OnHandLevel {
  readonly onHand: number;
  /** Of those: sold or held there; the channel subtracts them by itself. */
  readonly allocated: number;
  /** Units the channel never sells; negative if it sells more than it has. */
  readonly keptBack: number;
}

/** What is to be done with an item that was read: write a number, so that so many are offered, or nothing. */
export type OnHandStep =
  | { readonly step: "write"; readonly onHand: number; readonly offers: number }
  | { readonly step: "done"; readonly result: PublishResult };

/** Units such a channel offers; negative if it has sold more than there is. */
export function offeredBy({ onHand, allocated, keptBack }: OnHandLevel): number {
  return onHand - allocated - keptBack;
}

/** The number to write, so that the channel offers `quantity` after its own subtractions. */
export function onHandFor(quantity: number, { allocated, keptBack }: OnHandLevel): number {
  return quantity + allocated + keptBack;
}

/**
 * What a publication means for the level just read. A channel that shows something else than expected is left alone,
 * unless its number is to fall. It is then set to what is wanted less what it has sold that we have not heard of, and
 * shows what it would if it had been told in time and sold those units afterwards. To wait would be worse: a shop that
 * sells all the time would never be seen to stand still.
 */
export function nextStep(
  publication: Pick<Publication, "expected" | "quantity">,
  level: OnHandLevel,
): OnHandStep {
  const { expected, quantity } = publication;
  const actual = offeredBy(level);
  if (expected === undefined || isSameOffer(expected, actual)) return writing(quantity, level);
  const offers = Math.max(0, quantity - (expected - actual));
  if (actual < expected && offers < actual) return writing(offers, level);
  return { step: "done", result: { outcome: "moved", actual } };
}

/**
 * Whether the channel offers more than it was to after a write. A parcel that left between read and write has taken
 * its unit off both numbers, of which the write has put back one: the write is to be repeated. Fewer is a sale since,
 * which comes as an order.
 */
export function offersTooMuch(offers: number, level: OnHandLevel): boolean {
  return offeredBy(level) > offers;
}

function writing(offers: number, level: OnHandLevel): OnHandStep {
  const onHand = onHandFor(offers, level);
  return onHand === level.onHand
    ? { step: "done", result: { outcome: "ok" } }
    : { step: "write", onHand, offers };
}

/** Channels that stop counting at nothing, and those that go on below it, both sell nothing. */
function isSameOffer(expected: number, actual: number): boolean {
  return expected === actual || (expected <= 0 && actual === 0);
}
