import { load } from "./load.ts";
import { markdown } from "./report.ts";
import { hot, skus } from "./scenarios.ts";
import { stockwireCalls } from "./targets/stockwire.ts";
import type { Target } from "./targets/target.ts";

const connections = 32;
const parts = 10;

/** Resident memory of all processes under full load, in bytes, after each tenth of the time. */
export interface Memory {
  /** While caches fill: SQLite keeps up to 2 MB of each SKU that is open. */
  readonly warmUpBytes: readonly number[];
  /** For as long again. */
  readonly bytes: readonly number[];
}

/** Half of the load goes to one SKU, half to all others. */
export async function memoryOf(target: Target, run: string, minutes: number): Promise<Memory> {
  const watch = async (phase: string) => {
    const bytes: number[] = [];
    for (let part = 0; part < parts; part += 1) {
      const sell = (index: number) =>
        stockwireCalls.buy(
          index % 2 === 0 ? hot : (skus[index % skus.length] ?? hot),
          `${run}-${phase}-${part}-${index}`,
        );
      await load(target.url, sell, { connections, seconds: (minutes * 60) / parts });
      bytes.push(target.memoryBytes?.() ?? 0);
    }
    return bytes;
  };
  return { warmUpBytes: await watch("warm-up"), bytes: await watch("watched") };
}

export function memoryTable({ warmUpBytes, bytes }: Memory, minutes: number): string {
  const megabytes = (list: readonly number[]) => list.map((value) => Math.round(value / 1e6)).join(", ");
  return [
    "### Memory",
    "",
    ...markdown([
      ["under full load", "MB"],
      [`${minutes} minutes while caches fill`, megabytes(warmUpBytes)],
      [`the ${minutes} minutes after that`, megabytes(bytes)],
    ]),
    "",
  ].join("\n");
}
