import { writeFile } from "node:fs/promises";
import type { Command } from "commander";
import { computeLeakage } from "../../lab/leakage.ts";
import { formatMinutes, leakageChart } from "../../lab/leakage-chart.ts";
import { renderCharts } from "../../lab/svg-chart.ts";
import { type LeakageAnswer, LeakageRequest } from "../../protocol/leakage.ts";
import { UsageError } from "../exit-codes.ts";
import type { Io } from "../io.ts";
import { table } from "../terminal.ts";

interface LeakageOptions {
  readonly currency?: string;
  readonly svg?: string;
  readonly json?: true;
}

const description = `what a shop loses to oversells because its channels learn of a sale only at the next poll

Without options an example is reckoned. Rates are fractions: 0.02 is 2 %. docs/leakage.md has the formulas.`;

/** Options of the command, with the shop that is reckoned unless they say otherwise. */
export function leakageCommand(command: Command): Command {
  return command
    .description(description)
    .summary("what a shop loses to oversells because it polls")
    .option("--daily-orders <n>", "orders a day, over all channels", "500")
    .option("--sync-interval-minutes <n>", "minutes between two polls", "15")
    .option("--average-order-value <n>", "what an order that cannot be filled would have brought", "1500")
    .option(
      "--oversell-rate <0..1>",
      "share of the orders that find their unit sold, at this interval",
      "0.02",
    )
    .option("--customer-lifetime-value <n>", "what a customer who stays brings in all", "8000")
    .option("--churn-rate <0..1>", "share of the customers who do not come back after that", "0.3")
    .option("--currency <code>", "ISO 4217, such as EUR")
    .option("--svg <file>", "write the chart there")
    .option("--json", "print the answer of POST /v1/leakage");
}

/** Reckons and prints. Throws UsageError that names the options at fault. */
export async function showLeakage(
  given: LeakageOptions & Readonly<Record<string, unknown>>,
  io: Io,
): Promise<void> {
  const number = (field: string) => {
    const text = String(given[field]);
    return text.trim() === "" ? Number.NaN : Number(text);
  };
  const parsed = LeakageRequest.safeParse({
    dailyOrders: number("dailyOrders"),
    syncIntervalMinutes: number("syncIntervalMinutes"),
    averageOrderValue: number("averageOrderValue"),
    oversellRate: number("oversellRate"),
    customerLifetimeValue: number("customerLifetimeValue"),
    churnRate: number("churnRate"),
    ...(given.currency !== undefined && { currency: given.currency }),
  });
  if (!parsed.success) {
    const faults = parsed.error.issues.map(({ path, message }) => `--${optionOf(path)}: ${message}`);
    throw new UsageError(faults.join("\n"));
  }
  const answer = computeLeakage(parsed.data);
  if (given.svg !== undefined) await writeFile(given.svg, renderCharts([leakageChart(parsed.data, answer)]));
  io.out(given.json === true ? JSON.stringify(answer, undefined, 2) : render(parsed.data, answer));
}

/** `dailyOrders` is `--daily-orders`. */
function optionOf(path: readonly PropertyKey[]): string {
  return String(path[0] ?? "").replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function render(request: LeakageRequest, answer: LeakageAnswer): string {
  const { eventDriven } = answer;
  const amount = (value: number) =>
    `${value.toLocaleString("en")}${answer.currency === undefined ? "" : ` ${answer.currency}`}`;
  const count = (value: number) => value.toLocaleString("en", { maximumFractionDigits: 4 });
  const rows = [
    ["", "whole orders per window", "as they are"],
    ["windows a day", count(answer.windowsPerDay), ""],
    ["orders in a window", count(answer.ordersPerWindow), count(answer.ordersPerWindowUnrounded)],
    ["loss of an oversell", amount(answer.lossPerOversell), ""],
    ["loss in a window", amount(answer.lossPerWindow), ""],
    ["oversells a day", count(answer.oversellsPerDay), count(answer.oversellsPerDayUnrounded)],
    ["loss a day", amount(answer.dailyLeakage), amount(answer.dailyLeakageUnrounded)],
    ["loss a year", amount(answer.yearlyLeakage), amount(answer.yearlyLeakageUnrounded)],
  ];
  const pushed = [
    [`left if each change is pushed within ${eventDriven.windowSeconds} s`, ""],
    ["oversells a day", count(eventDriven.oversellsPerDay)],
    ["loss a day", amount(eventDriven.dailyLeakage)],
    ["loss a year", amount(eventDriven.yearlyLeakage)],
  ];
  const intervals = [
    ["polling every", "oversell rate", "loss a day"],
    ...answer.byInterval.map((one) => [
      `${formatMinutes(one.syncIntervalMinutes)}${one.syncIntervalMinutes === request.syncIntervalMinutes ? " *" : ""}`,
      `${count(one.oversellRate * 100)} %`,
      amount(one.dailyLeakage),
    ]),
  ];
  return [table(rows), table(pushed), table(intervals), ...answer.notes.map((note) => `Note: ${note}.`)].join(
    "\n\n",
  );
}
