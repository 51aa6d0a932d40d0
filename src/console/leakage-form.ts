import { LeakageRequest } from "../protocol/leakage.ts";
import { typedNumber } from "./typed-number.ts";

/** A number of the calculator's form. */
export interface LeakageField {
  readonly name: Exclude<keyof LeakageRequest, "currency">;
  readonly label: string;
  readonly hint: string;
  /** Typed in percent, sent as a fraction. */
  readonly isPercent?: true;
  /** Of the shop that is reckoned until somebody types another. */
  readonly standard: string;
}

export const leakageFields: readonly LeakageField[] = [
  { name: "dailyOrders", label: "Orders a day", hint: "Over all channels.", standard: "500" },
  {
    name: "syncIntervalMinutes",
    label: "Sync interval, minutes",
    hint: "From one poll to the next.",
    standard: "15",
  },
  {
    name: "averageOrderValue",
    label: "Average order value",
    hint: "What an order that cannot be filled would have brought.",
    standard: "1500",
  },
  {
    name: "oversellRate",
    label: "Oversell rate, %",
    hint: "Orders that find their unit sold already, at this interval.",
    isPercent: true,
    standard: "2",
  },
  {
    name: "customerLifetimeValue",
    label: "Customer lifetime value",
    hint: "What a customer who stays brings in all.",
    standard: "8000",
  },
  {
    name: "churnRate",
    label: "Churn rate, %",
    hint: "Customers who do not come back after a cancelled order.",
    isPercent: true,
    standard: "30",
  },
];

export type LeakageTyped = Readonly<Record<keyof LeakageRequest, string>>;
export type LeakageFaults = Readonly<Partial<Record<keyof LeakageRequest, string>>>;

export const typedStandard: LeakageTyped = {
  ...(Object.fromEntries(leakageFields.map(({ name, standard }) => [name, standard])) as Omit<
    LeakageTyped,
    "currency"
  >),
  currency: "",
};

/** What was typed, as `POST /v1/leakage` takes it, or what is wrong with it, by field. */
export function leakageRequestOf(typed: LeakageTyped): {
  readonly request?: LeakageRequest;
  readonly faults: LeakageFaults;
} {
  const numbers = leakageFields.map(({ name, isPercent }) => [
    name,
    typedNumber(typed[name], isPercent === true ? -2 : 0),
  ]);
  const currency = typed.currency.trim().toUpperCase();
  const parsed = LeakageRequest.safeParse({
    ...Object.fromEntries(numbers),
    ...(currency !== "" && { currency }),
  });
  if (parsed.success) return { request: parsed.data, faults: {} };
  const faults = parsed.error.issues.map(({ path: [name], code, message }) => {
    const field = leakageFields.find((one) => one.name === name);
    if (code === "invalid_type") return [name, "a number is wanted, such as 1500 or 2.5"];
    return [name, field?.isPercent === true ? "a share is from 0 to 100 %" : message];
  });
  return { faults: Object.fromEntries(faults) };
}
