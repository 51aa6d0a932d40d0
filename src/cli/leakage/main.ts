import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { computeLeakage } from "../../lab/leakage.ts";
import { formatMinutes, leakageChart } from "../../lab/leakage-chart.ts";
import { renderCharts } from "../../lab/svg-chart.ts";
import { type LeakageAnswer, LeakageRequest } from "../../protocol/leakage.ts";
import { table } from "../terminal.ts";

/** The shop that is reckoned unless the options say otherwise. */
const example = {
  "daily-orders": "500",
  "sync-interval-minutes": "15",
  "average-order-value": "1500",
  "oversell-rate": "0.02",
  "customer-lifetime-value": "8000",
  "churn-rate": "0.3",
} as const;
type Option = keyof typeof example;

const usage = `Usage: npm run leakage -- [options]

What a shop loses to oversells because its channels learn of a sale only at the next poll. Without options an
example is reckoned. Rates are fractions: 0.02 is 2 %. docs/leakage.md has the formulas.

  --daily-orders <n>              orders a day, over all channels (${example["daily-orders"]})
  --sync-interval-minutes <n>     minutes between two polls (${example["sync-interval-minutes"]})
  --average-order-value <n>       (${example["average-order-value"]})
  --oversell-rate <0..1>          share of the orders that find their unit sold, at this interval (${example["oversell-rate"]})
  --customer-lifetime-value <n>   (${example["customer-lifetime-value"]})
  --churn-rate <0..1>             share of the customers who do not come back after that (${example["churn-rate"]})
  --currency <code>               ISO 4217, such as EUR
  --svg <file>                    write the chart there
  --json                          print the answer of POST /v1/leakage
  --help                          this text`;

async function main(): Promise<number> {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    options: {
      "daily-orders": text,
      "sync-interval-minutes": text,
      "average-order-value": text,
      "oversell-rate": text,
      "customer-lifetime-value": text,
      "churn-rate": text,
      currency: text,
      svg: text,
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const number = (option: Option) => {
    const given = values[option] ?? example[option];
    return given.trim() === "" ? Number.NaN : Number(given);
  };
  const parsed = LeakageRequest.safeParse({
    dailyOrders: number("daily-orders"),
    syncIntervalMinutes: number("sync-interval-minutes"),
    averageOrderValue: number("average-order-value"),
    oversellRate: number("oversell-rate"),
    customerLifetimeValue: number("customer-lifetime-value"),
    churnRate: number("churn-rate"),
    ...(values.currency !== undefined && { currency: values.currency }),
  });
  if (!parsed.success) {
    const faults = parsed.error.issues.map(({ path, message }) => `--${optionOf(path)}: ${message}`);
    console.error(`${faults.join("\n")}\n\n${usage}`);
    return 2;
  }
  const answer = computeLeakage(parsed.data);
  if (values.svg !== undefined)
    await writeFile(values.svg, renderCharts([leakageChart(parsed.data, answer)]));
  console.log(values.json ? JSON.stringify(answer, undefined, 2) : render(parsed.data, answer));
  return 0;
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

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? `${error.message}\n\n${usage}` : error);
  process.exitCode = 2;
}
