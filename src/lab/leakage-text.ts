import type { LeakageAnswer, LeakageRequest } from "../protocol/leakage.ts";
import { formatMinutes } from "./leakage-chart.ts";

/** Rows of the table of what polling costs, the head first. */
export function leakageRows(answer: LeakageAnswer): string[][] {
  const amount = amountsOf(answer);
  return [
    ["", "whole orders per window", "as they are"],
    ["windows a day", formatFigure(answer.windowsPerDay), ""],
    [
      "orders in a window",
      formatFigure(answer.ordersPerWindow),
      formatFigure(answer.ordersPerWindowUnrounded),
    ],
    ["loss of an oversell", amount(answer.lossPerOversell), ""],
    ["loss in a window", amount(answer.lossPerWindow), ""],
    ["oversells a day", formatFigure(answer.oversellsPerDay), formatFigure(answer.oversellsPerDayUnrounded)],
    ["loss a day", amount(answer.dailyLeakage), amount(answer.dailyLeakageUnrounded)],
    ["loss a year", amount(answer.yearlyLeakage), amount(answer.yearlyLeakageUnrounded)],
  ];
}

/** Rows of the table of what is left when each change is pushed, the head first. */
export function pushedRows(answer: LeakageAnswer): string[][] {
  const { eventDriven } = answer;
  const amount = amountsOf(answer);
  return [
    [`left if each change is pushed within ${eventDriven.windowSeconds} s`, ""],
    ["oversells a day", formatFigure(eventDriven.oversellsPerDay)],
    ["loss a day", amount(eventDriven.dailyLeakage)],
    ["loss a year", amount(eventDriven.yearlyLeakage)],
  ];
}

/** Rows of the table of other intervals, the head first; the shop's own is marked. */
export function intervalRows(request: LeakageRequest, answer: LeakageAnswer): string[][] {
  const amount = amountsOf(answer);
  return [
    ["polling every", "oversell rate", "loss a day"],
    ...answer.byInterval.map((one) => [
      `${formatMinutes(one.syncIntervalMinutes)}${one.syncIntervalMinutes === request.syncIntervalMinutes ? " *" : ""}`,
      `${formatFigure(one.oversellRate * 100)} %`,
      amount(one.dailyLeakage),
    ]),
  ];
}

/** How amounts of an answer are written: with the currency, if it has one. */
export function amountsOf({ currency }: Pick<LeakageAnswer, "currency">): (value: number) => string {
  return (value) => `${value.toLocaleString("en")}${currency === undefined ? "" : ` ${currency}`}`;
}

function formatFigure(value: number): string {
  return value.toLocaleString("en", { maximumFractionDigits: 4 });
}
