import { describe, expect, it } from "vitest";
import type { ChannelLevel } from "../../../../src/channel/kit/adapter.ts";
import { absent, compared, withoutListing } from "../../../../src/channel/reconciliation/drift.ts";
import {
  type Circumstances,
  correctionsInARowMax,
  correctionsMax,
  orderWaitMs,
  remedyFor,
} from "../../../../src/channel/reconciliation/drift-policy.ts";
import { type Listing, newListing, withStock } from "../../../../src/channel/listings/listing.ts";
import type { StockView } from "../../../../src/protocol/stock.ts";
import { stock } from "../world.ts";

const nowMs = 1_800_000_000_000;
const hour = 3_600_000;
const terms = {
  channel: "shop",
  destination: 1,
  shown: ({ quantity }: { quantity: number }) => String(quantity),
  itemKey: String,
};

/** A listing that the channel was told 10 of, an hour ago. */
function told(change: Partial<Listing> = {}, view: Partial<StockView> = {}): Listing {
  const named = { ...newListing("A", true), external: "id-A" };
  const moment = { nowMs: nowMs - hour, isCertain: true };
  const listing = withStock(named, stock("A", 3, 10, view), terms, moment);
  if (listing?.wanted === undefined) throw new Error("there is nothing to tell");
  const { epoch, version, place, shown, quantity } = listing.wanted;
  const published = { epoch, version, place, shown, quantity, atMs: nowMs - hour };
  return { ...listing, state: "published", published, told: [10, 12], dueSinceMs: undefined, ...change };
}

function shows(quantity: number | undefined, agoMs?: number): ChannelLevel {
  const updatedAt = agoMs === undefined ? undefined : new Date(nowMs - agoMs).toISOString();
  return { external: "id-A", sku: "A", quantity, updatedAt };
}

const published = told().published;
const look = (level: ChannelLevel, hasHeldOrders = false) => ({ level, atMs: nowMs, hasHeldOrders });

describe("what a number on the channel means", () => {
  it.each([
    ["in_sync", "the number it was told", told(), look(shows(10, 2 * hour))],
    ["in_sync", "the same number, whoever typed it", told(), look(shows(10, 1_000))],
    ["lost_push", "another, and nothing changed since it was told", told(), look(shows(7, 2 * hour))],
    ["edited_there", "another, changed after it was told", told(), look(shows(7, 1_000))],
    ["lost_push", "a number it was told earlier, without a time", told(), look(shows(12))],
    ["edited_there", "a number nobody told it, without a time", told(), look(shows(7))],
    [
      "edited_there",
      "a time that cannot be read counts as none",
      told(),
      look({ ...shows(7), updatedAt: "soon" }),
    ],
    ["uncounted", "no number", told(), look(shows(undefined))],
    ["in_flight", "another, while a newer one is due", told({ state: "due" }), look(shows(7, 1_000))],
    ["in_flight", "the right one, while a newer one is due", told({ state: "due" }), look(shows(10))],
    [
      "in_flight",
      "another, within 2 minutes of being told",
      told({ published: published && { ...published, atMs: nowMs - 119_000 } }),
      look(shows(7)),
    ],
    [
      "lost_push",
      "another, 2 minutes after being told",
      told({ published: published && { ...published, atMs: nowMs - 121_000 } }),
      look(shows(7, hour)),
    ],
    ["in_flight", "another, while orders are held", told(), look(shows(7), true)],
    ["in_flight", "another, while it still has to say so", told({ verify: { atMs: nowMs } }), look(shows(7))],
    [
      "in_flight",
      "another, while an order is on its way to the stock",
      told({ imports: [{ epoch: "e1", version: 4, units: 3, atMs: nowMs }] }),
      look(shows(7)),
    ],
    ["untold", "a number, and no stock is known", newListing("A", true), look(shows(7))],
    [
      "refused",
      "another, after it refused ours",
      told({ state: "failed", failure: { detail: "locked", atMs: 0 } }),
      look(shows(7)),
    ],
  ] as const)("%s: %s", (expected, _, listing, sighting) => {
    expect(compared(listing, sighting).class).toBe(expected);
  });

  it("compares with what is offered, so units withheld from the channel are not missed there", () => {
    const seven = published && { ...published, quantity: 7, shown: "7" };
    const listing = told({ withheld: { units: 3, sinceMs: nowMs - hour }, published: seven });
    expect(compared(listing, look(shows(7, 1_000)))).toMatchObject({ class: "in_sync", ours: 7, theirs: 7 });
    expect(compared(listing, look(shows(10, 1_000)))).toMatchObject({ class: "edited_there", ours: 7 });
  });

  it.each([
    ["missing_there", told()],
    ["in_flight", told({ state: "due" })],
    ["in_flight", told({ published: published && { ...published, atMs: nowMs + 1 } })],
    ["refused", told({ state: "failed", failure: { detail: "404", atMs: 0 } })],
    [undefined, newListing("A", true)],
  ] as const)("an item that was not there is %s", (expected, listing) => {
    expect(absent(listing, nowMs)?.class).toBe(expected);
  });

  it("says of an item without a listing what is to be done", () => {
    expect(withoutListing({ external: "x" }, false).why).toMatch(/has no SKU/);
    expect(withoutListing({ external: "x", sku: "B" }, false).why).toMatch(/import/);
    expect(withoutListing({ external: "x", sku: "A" }, true).why).toMatch(/another item/);
  });
});

const calm: Circumstances = {
  policy: "stockwire",
  channelRule: undefined,
  isPaused: false,
  nowMs,
  sinceMs: nowMs,
  correctedInARow: 0,
  corrections: 0,
};
const remedy = (level: ChannelLevel, circumstances: Partial<Circumstances> = {}, listing = told()) =>
  remedyFor(compared(listing, look(level)), listing, { ...calm, ...circumstances });

describe("what is done about it", () => {
  it.each([
    ["publish", "more than told", shows(15, 1_000), {}],
    ["none", "fewer since a moment ago: it may be a sale", shows(7, 1_000), {}],
    ["none", "fewer for just under ten minutes", shows(7, orderWaitMs - 1), {}],
    ["publish", "fewer for ten minutes", shows(7, orderWaitMs), {}],
    [
      "none",
      "fewer for long, and no orders could be asked for since",
      shows(7, 2 * orderWaitMs),
      { ordersAskedAtMs: nowMs - 2 * orderWaitMs - 1 },
    ],
    [
      "publish",
      "fewer for long, and orders were asked for since",
      shows(7, 2 * orderWaitMs),
      { ordersAskedAtMs: nowMs - 2 * orderWaitMs + 1 },
    ],
    ["publish", "more, and no orders could be asked for", shows(15, 1_000), { ordersAskedAtMs: 0 }],
    ["none", "fewer, without a time, seen for the first time", shows(7), {}],
    ["publish", "fewer, without a time, seen ten minutes ago", shows(7), { sinceMs: nowMs - orderWaitMs }],
    [
      "none",
      "more, and the channel's number counts: it may be a cancellation",
      shows(15, 1_000),
      { policy: "channel" },
    ],
    ["correct", "more for long, and the channel's number counts", shows(15, hour / 2), { policy: "channel" }],
    ["publish", "a lost push, though the channel's number counts", shows(7, 2 * hour), { policy: "channel" }],
    ["none", "only reported", shows(15, 1_000), { policy: "alert" }],
    ["none", "paused", shows(15, 1_000), { isPaused: true }],
    ["none", "corrected three runs in a row", shows(15, 1_000), { correctedInARow: correctionsInARowMax }],
    ["none", "a hundred were corrected in this run", shows(15, 1_000), { corrections: correctionsMax }],
    ["none", "in sync", shows(10), {}],
    ["none", "not counted", shows(undefined), {}],
  ] as const)("%s: %s", (expected, _, level, circumstances) => {
    expect(remedy(level, circumstances).type).toBe(expected);
  });

  it("makes the channel's number the stock, as of the version it was compared with", () => {
    const taken = remedy(shows(4, hour / 2), { policy: "channel" });
    const position = { epoch: "e1", version: 3 };
    expect(taken).toMatchObject({ type: "correct", delta: -6, location: "default", position });
  });

  const level = { onHand: 5, committed: 0, reserved: 0, unavailable: 0, incoming: 0, available: 5 };
  it.each([
    [/rule/, {}, { channelRule: { buffer: 1 } }],
    [
      /several locations/,
      {
        locations: [
          { location: "a", ...level },
          { location: "b", ...level },
        ],
      },
      {},
    ],
    [/no location/, { locations: [] }, {}],
    [/one channel alone/, { allocations: [{ channel: "shop", quantity: 1 }] }, {}],
  ] as const)("refuses a number that does not say how many there are: %s", (reason, view, circumstances) => {
    const listing = told({}, structuredClone(view) as Partial<StockView>);
    const given = remedy(shows(4, hour / 2), { policy: "channel", ...circumstances }, listing);
    expect(given).toMatchObject({ type: "none", reason: expect.stringMatching(reason) });
  });

  it("does not take over a number while sales are awaited, nor offer them again", () => {
    const waiting = told({ withheld: { units: 2, sinceMs: nowMs - 1_000 } });
    for (const policy of ["stockwire", "channel"] as const) {
      const given = remedy(shows(15, hour / 2), { policy }, waiting);
      expect(given).toMatchObject({ type: "none", reason: expect.stringMatching(/withheld/) });
    }
  });

  it("names the bound when it is reached", () => {
    expect(remedy(shows(15, 1_000), { corrections: correctionsMax }).reason).toMatch(
      /not corrected: bound reached, 100 corrections a run/,
    );
  });
});
