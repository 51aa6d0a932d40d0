import { defaultRatePerSecond } from "../lab/sync-gap.ts";
import type { LabDay } from "./sync-gap-worker.ts";
import { typedNumber } from "./typed-number.ts";

type Name = "skus" | "ordersPerHour" | "hours" | "channels" | "soldOutShare" | "rate" | "seed";

interface LabField {
  readonly name: Name;
  readonly label: string;
  readonly hint?: string;
  readonly min: number;
  readonly max: number;
  readonly isWhole: boolean;
  /** Of the day that is made up until somebody types another. */
  readonly standard: string;
}

export const labFields: readonly LabField[] = [
  { name: "skus", label: "SKUs", min: 1, max: 1_000, isWhole: true, standard: "300" },
  { name: "ordersPerHour", label: "Orders an hour", min: 1, max: 200, isWhole: false, standard: "50" },
  { name: "hours", label: "Hours", min: 1, max: 24, isWhole: false, standard: "12" },
  { name: "channels", label: "Channels", min: 2, max: 5, isWhole: true, standard: "2" },
  {
    name: "soldOutShare",
    label: "SKUs that run out, %",
    hint: "The most wanted ones first.",
    min: 0,
    max: 100,
    isWhole: false,
    standard: "10",
  },
  {
    name: "rate",
    label: "Calls a second a channel takes",
    hint: "Amazon’s listings API takes 5.",
    min: 0.1,
    max: 1_000,
    isWhole: false,
    standard: String(defaultRatePerSecond),
  },
  {
    name: "seed",
    label: "Seed",
    hint: "The same seed, the same day.",
    min: 0,
    max: 4_294_967_295,
    isWhole: true,
    standard: "1",
  },
];

export type LabTyped = Readonly<Record<Name, string>>;

export const labStandard = Object.fromEntries(
  labFields.map(({ name, standard }) => [name, standard]),
) as LabTyped;

/** What was typed, as a day to be sold, or what is wrong with it, by field. */
export function labDayOf(typed: LabTyped): {
  readonly day?: LabDay;
  readonly faults: Readonly<Partial<Record<Name, string>>>;
} {
  const faults = labFields.flatMap(({ name, min, max, isWhole }): [Name, string][] => {
    const value = typedNumber(typed[name]);
    if (value >= min && value <= max && (!isWhole || Number.isInteger(value))) return [];
    return [[name, `a ${isWhole ? "whole number" : "number"} from ${min} to ${max.toLocaleString("en")}`]];
  });
  if (faults.length > 0) return { faults: Object.fromEntries(faults) };
  const of = (name: Name) => typedNumber(typed[name]);
  return {
    day: {
      seed: of("seed"),
      skus: of("skus"),
      orders: Math.max(1, Math.round(of("ordersPerHour") * of("hours"))),
      hours: of("hours"),
      channels: of("channels"),
      soldOutShare: typedNumber(typed.soldOutShare, -2),
      ratePerSecond: of("rate"),
    },
    faults: {},
  };
}
