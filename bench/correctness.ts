import { load } from "./load.ts";
import { markdown } from "./report.ts";
import { rush as sku } from "./scenarios.ts";
import type { Target } from "./targets/target.ts";

const buyers = 2_000;
const units = 500;
const keys = 300;

/** What became of a rush, and of keys that were sent twice at once. */
export interface Correctness {
  readonly target: string;
  readonly accepted: number;
  /** Accepted beyond what there was. */
  readonly oversold: number;
  /** Units that were there, while buyers were refused or failed. */
  readonly unsold: number;
  readonly serverErrors: number;
  /** Units taken more than keys were sent. */
  readonly doubleDecrements: number;
  /** Whether idempotency keys mean anything to it. */
  readonly knowsKeys: boolean;
}

/** 2,000 buyers at once for 500 units; then 300 keys, each twice at once. */
export async function correctnessOf(target: Target, run: string): Promise<Correctness | undefined> {
  const { buy, left } = target;
  if (buy === undefined || left === undefined) return undefined;
  await target.stock([sku], units);
  const rush = await load(target.url, (index) => buy(sku, `${run}-rush-${index}`), {
    connections: 32,
    calls: buyers,
  });
  const accepted = Object.entries(rush.statuses).reduce(
    (sum, [status, count]) => sum + (status.startsWith("2") ? count : 0),
    0,
  );
  const leftAfterRush = await left(sku);
  await target.stock([sku], buyers);
  await load(target.url, (index) => buy(sku, `${run}-twice-${Math.floor(index / 2)}`), {
    connections: 32,
    calls: 2 * keys,
  });
  return {
    target: target.name,
    accepted,
    oversold: Math.max(0, accepted - units),
    unsold: Math.max(0, leftAfterRush),
    serverErrors: Object.entries(rush.statuses).reduce(
      (sum, [status, count]) => sum + (status.startsWith("5") || status === "0" ? count : 0),
      0,
    ),
    doubleDecrements: buyers - (await left(sku)) - keys,
    knowsKeys: target.knowsKeys ?? true,
  };
}

/** What was lost and doubled by a power cut: purchases that were acknowledged against units that are gone. */
export interface CrashLoss {
  readonly target: string;
  readonly acknowledged: number;
  readonly lost: number;
}

/** Kills a target under load and starts it again. */
export async function crashLossOf(target: Target, run: string): Promise<CrashLoss | undefined> {
  const { buy, left, crash } = target;
  if (buy === undefined || left === undefined || crash === undefined) return undefined;
  const there = 1_000_000;
  await target.stock([sku], there);
  let acknowledged = 0;
  let isDown = false;
  const rush = load(target.url, (index) => buy(sku, `${run}-crash-${index}`), {
    connections: 32,
    seconds: 4,
    answered: (_, { status }) => {
      if (status === 200 && !isDown) acknowledged += 1;
    },
  });
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  const restarted = crash().then(() => undefined);
  isDown = true;
  await rush;
  await restarted;
  const gone = there - (await left(sku));
  return { target: target.name, acknowledged, lost: Math.max(0, acknowledged - gone) };
}

export function correctnessTable(
  correct: readonly (Correctness | undefined)[],
  crashed: readonly (CrashLoss | undefined)[],
): string {
  const lines = correct
    .filter((one) => one !== undefined)
    .map((one) => {
      const crash = crashed.find((other) => other?.target === one.target);
      const { target, accepted, oversold, unsold, serverErrors, doubleDecrements, knowsKeys } = one;
      const figures = [accepted, oversold, unsold, serverErrors].map(String);
      const double = knowsKeys ? String(doubleDecrements) : `${doubleDecrements} (knows no keys)`;
      return [
        target,
        ...figures,
        double,
        crash === undefined ? "" : `${crash.lost} of ${crash.acknowledged}`,
      ];
    });
  const head = ["target", "accepted", "oversold", "unsold", "server errors", "double", "lost by kill -9"];
  return [
    `### ${buyers} buyers at once for ${units} units; ${keys} keys, each twice at once; a kill -9 under load`,
    "",
    ...markdown([head, ...lines]),
    "",
  ].join("\n");
}
