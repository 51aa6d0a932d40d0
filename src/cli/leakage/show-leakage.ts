import { writeFile } from "node:fs/promises";
import type { Command } from "commander";
import { computeLeakage } from "../../lab/leakage.ts";
import { leakageChart } from "../../lab/leakage-chart.ts";
import { intervalRows, leakageRows, pushedRows } from "../../lab/leakage-text.ts";
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
  const tables = [leakageRows(answer), pushedRows(answer), intervalRows(request, answer)];
  return [...tables.map((rows) => table(rows)), ...answer.notes.map((note) => `Note: ${note}.`)].join("\n\n");
}
