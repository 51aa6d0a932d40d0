import { undoneIn } from "./bulk-items.ts";
import { load } from "./load.ts";
import { markdown } from "./report.ts";
import { hot, skus } from "./scenarios.ts";
import { stockwireCalls, stockwireHeaders } from "./targets/stockwire.ts";
import type { Target } from "./targets/target.ts";

const catalogue = 10_000;
const perRequest = 500;

/** How long a catalogue takes to get in, a start on it, and what memory does under load. */
export interface Life {
  readonly importSeconds: number;
  readonly startSeconds: number;
  /** Resident memory at the start of the load and after each part of it, in bytes. */
  readonly memoryBytes: readonly number[];
}

export async function lifeOf(target: Target, run: string, minutes: number): Promise<Life> {
  const importedAtMs = performance.now();
  const items = (from: number) =>
    Array.from({ length: perRequest }, (_, index) => ({
      key: `${run}-import-${from + index}`,
      sku: `CATALOGUE-${from + index}`,
      type: "count",
      onHand: 100,
      ifMatch: "*",
    }));
  let undone = 0;
  const imported = await load(
    target.url,
    (index) => ({
      method: "POST",
      path: "/v1/mutations",
      headers: stockwireHeaders,
      body: JSON.stringify({ items: items(index * perRequest) }),
    }),
    {
      connections: 4,
      calls: catalogue / perRequest,
      answered: (_call, { body }) => (undone += undoneIn(body)),
    },
  );
  if (imported.statuses[200] !== imported.calls || undone > 0) {
    throw new Error(`the import failed: ${JSON.stringify(imported.statuses)}, ${undone} SKUs were not taken`);
  }
  const importSeconds = (performance.now() - importedAtMs) / 1_000;
  const killedAtMs = performance.now();
  await target.crash?.();
  const startSeconds = (performance.now() - killedAtMs) / 1_000;

  const memoryBytes: number[] = [];
  const parts = 10;
  for (let part = 0; part <= parts; part += 1) {
    const sell = (index: number) =>
      stockwireCalls.buy(
        index % 2 === 0 ? hot : (skus[index % skus.length] ?? hot),
        `${run}-${part}-${index}`,
      );
    // The first part is not counted: caches and compiled code grow while they fill.
    await load(target.url, sell, { connections: 32, seconds: (minutes * 60) / parts });
    memoryBytes.push(target.memoryBytes?.() ?? 0);
  }
  return { importSeconds, startSeconds, memoryBytes };
}

export function lifeTable({ importSeconds, startSeconds, memoryBytes }: Life, minutes: number): string {
  const megabytes = memoryBytes.map((bytes) => Math.round(bytes / 1e6));
  return [
    "### Import, start, memory",
    "",
    ...markdown([
      ["what", "figure"],
      [
        `import of ${catalogue} SKUs by POST /v1/mutations, ${perRequest} at a time`,
        `${importSeconds.toFixed(1)} s`,
      ],
      [`from kill -9 to ready, with ${catalogue} SKUs on disk`, `${startSeconds.toFixed(1)} s`],
      [`memory over ${minutes} minutes of load, MB`, megabytes.join(", ")],
    ]),
    "",
  ].join("\n");
}
