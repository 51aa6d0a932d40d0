import type { LeakageAnswer, LeakageAtInterval, LeakageRequest } from "../protocol/leakage.ts";

const minutesPerDay = 1_440;
const daysPerYear = 365;

/** What Stockwire promises at most from a sale to every channel's request (P5), in seconds. */
export const eventDrivenWindowSeconds = 0.5;

/** The intervals that `byInterval` shows besides the one asked about: 1 s to a day, in minutes. */
const comparedMinutes = [1 / 60, 1 / 6, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 240, 720, 1_440];

/** The digits of a rate or a count that mean anything. */
const significantDigits = 12;

/**
 * What a shop loses to oversells because its channels learn of a sale only at the next poll. Orders between two polls are
 * counted whole; the `...Unrounded` fields count them as they are. docs/leakage.md has the formulas and their limits.
 */
export function computeLeakage(request: LeakageRequest): LeakageAnswer {
  const { dailyOrders, syncIntervalMinutes, oversellRate, currency } = request;
  const money = roundingTo(currency);
  const lossPerOversell = lossPerOversellOf(request);
  // A poller does not begin anew at midnight, so an interval that does not divide a day makes a fraction of a window.
  const windowsPerDay = minutesPerDay / syncIntervalMinutes;
  const perWindow = (dailyOrders * syncIntervalMinutes) / minutesPerDay;
  const wholePerWindow = floorOf(perWindow);
  const oversellsPerWindow = wholePerWindow * oversellRate;
  const oversellsPerDay = oversellsPerWindow * windowsPerDay;
  const oversellsUnrounded = dailyOrders * oversellRate;
  const pushedRate = rateAt(request, eventDrivenWindowSeconds / 60);
  const pushedLoss = dailyOrders * pushedRate * lossPerOversell;
  return {
    ...(currency !== undefined && { currency }),
    windowsPerDay: tidy(windowsPerDay),
    ordersPerWindow: wholePerWindow,
    ordersPerWindowUnrounded: tidy(perWindow),
    lossPerOversell: money(lossPerOversell),
    lossPerWindow: money(oversellsPerWindow * lossPerOversell),
    oversellsPerDay: tidy(oversellsPerDay),
    oversellsPerDayUnrounded: tidy(oversellsUnrounded),
    dailyLeakage: money(oversellsPerDay * lossPerOversell),
    dailyLeakageUnrounded: money(oversellsUnrounded * lossPerOversell),
    yearlyLeakage: money(oversellsPerDay * lossPerOversell * daysPerYear),
    yearlyLeakageUnrounded: money(oversellsUnrounded * lossPerOversell * daysPerYear),
    eventDriven: {
      windowSeconds: eventDrivenWindowSeconds,
      oversellRate: tidy(pushedRate),
      oversellsPerDay: tidy(dailyOrders * pushedRate),
      dailyLeakage: money(pushedLoss),
      yearlyLeakage: money(pushedLoss * daysPerYear),
    },
    byInterval: [...new Set([...comparedMinutes, syncIntervalMinutes])]
      .toSorted((a, b) => a - b)
      .map((minutes) => leakageAt(request, minutes)),
    notes: notesOn(request, wholePerWindow),
  };
}

/** What the same shop would lose a day at another interval, with its oversell rate in proportion to the interval. */
export function leakageAt(request: LeakageRequest, syncIntervalMinutes: number): LeakageAtInterval {
  const oversellRate = rateAt(request, syncIntervalMinutes);
  const loss = request.dailyOrders * oversellRate * lossPerOversellOf(request);
  return {
    syncIntervalMinutes: tidy(syncIntervalMinutes),
    oversellRate: tidy(oversellRate),
    dailyLeakage: roundingTo(request.currency)(loss),
  };
}

/** The order itself, and the part of the customers who do not come back. */
function lossPerOversellOf({ averageOrderValue, customerLifetimeValue, churnRate }: LeakageRequest): number {
  return averageOrderValue + customerLifetimeValue * churnRate;
}

/** An order oversells if its unit went elsewhere since the last poll: twice the time, twice the chance, while that is small. */
function rateAt({ oversellRate, syncIntervalMinutes }: LeakageRequest, minutes: number): number {
  return Math.min(1, (oversellRate * minutes) / syncIntervalMinutes);
}

function notesOn(
  { dailyOrders, oversellRate, syncIntervalMinutes }: LeakageRequest,
  wholePerWindow: number,
): string[] {
  const isHidden = wholePerWindow === 0 && dailyOrders > 0 && oversellRate > 0;
  const isOverADay = syncIntervalMinutes > minutesPerDay;
  return [
    ...(isHidden
      ? [
          "fewer than one order falls between two polls, so counted whole there is no loss: see dailyLeakageUnrounded",
        ]
      : []),
    ...(isOverADay
      ? ["polls are more than a day apart: figures per day are averages over several days"]
      : []),
  ];
}

/** The whole part; a number that only the arithmetic of fractions put just below a whole one counts as that. */
function floorOf(value: number): number {
  const nearest = Math.round(value);
  return Math.abs(value - nearest) <= nearest * Number.EPSILON * 4 ? nearest : Math.floor(value);
}

function tidy(value: number): number {
  return Number(value.toPrecision(significantDigits));
}

/** Rounds to the smallest unit of the currency (ISO 4217). Amounts are never negative. */
function roundingTo(currency: string | undefined): (amount: number) => number {
  const unitsPerWhole = 10 ** (currency === undefined ? 2 : minorDigitsOf(currency));
  return (amount) => Math.round(tidy(amount * unitsPerWhole)) / unitsPerWhole;
}

function minorDigitsOf(currency: string): number {
  const { maximumFractionDigits } = new Intl.NumberFormat("en", {
    style: "currency",
    currency,
  }).resolvedOptions();
  return maximumFractionDigits ?? 2;
}
