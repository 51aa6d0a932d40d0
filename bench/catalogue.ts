import { undoneIn } from "./bulk-items.ts";
import { load } from "./load.ts";
import { markdown } from "./report.ts";
import { stockwireHeaders } from "./targets/stockwire.ts";
import type { Target } from "./targets/target.ts";

const catalogue = 10_000;
const perRequest = 500;
const requestsAtOnce = 4;
/** As many as the service has under way of so many requests. */
const objectsAtOnce = 64;

/** How long a catalogue takes to get in, and a start on it. */
export interface Catalogue {
  readonly importSeconds: number;
  /** How long as many new objects take that only do what that floor does. */
  readonly floorSeconds: Readonly<Record<string, number>>;
  readonly startSeconds: number;
}

/** `floors` close their objects as the service does. */
export async function catalogueOf(
  target: Target,
  floors: readonly Target[],
  run: string,
): Promise<Catalogue> {
  const floorSeconds: Record<string, number> = {};
  for (const floor of floors) floorSeconds[floor.name] = await newObjectsSeconds(floor, run);
  const importSeconds = await importInto(target, run);
  const killedAtMs = performance.now();
  await target.crash?.();
  return { importSeconds, floorSeconds, startSeconds: (performance.now() - killedAtMs) / 1_000 };
}

async function importInto({ url }: Target, run: string): Promise<number> {
  const items = (from: number) =>
    Array.from({ length: perRequest }, (_, index) => ({
      key: `${run}-import-${from + index}`,
      sku: `CATALOGUE-${from + index}`,
      type: "count",
      onHand: 100,
      ifMatch: "*",
    }));
  const begunAtMs = performance.now();
  let undone = 0;
  const { calls, statuses } = await load(
    url,
    (index) => ({
      method: "POST",
      path: "/v1/mutations",
      headers: stockwireHeaders,
      body: JSON.stringify({ items: items(index * perRequest) }),
    }),
    {
      connections: requestsAtOnce,
      calls: catalogue / perRequest,
      answered: (_call, { body }) => (undone += undoneIn(body)),
    },
  );
  if (statuses[200] !== calls || undone > 0) {
    throw new Error(`the import failed: ${JSON.stringify(statuses)}, ${undone} SKUs were not taken`);
  }
  return (performance.now() - begunAtMs) / 1_000;
}

async function newObjectsSeconds({ name, url, buy }: Target, run: string): Promise<number> {
  if (buy === undefined) throw new Error(`${name} has nothing to compare an import with`);
  const begunAtMs = performance.now();
  const { statuses } = await load(url, (index) => buy(`NEW-${index}`, `${run}-new-${index}`), {
    connections: objectsAtOnce,
    calls: catalogue,
  });
  if (statuses[200] !== catalogue) throw new Error(`${name} failed: ${JSON.stringify(statuses)}`);
  return (performance.now() - begunAtMs) / 1_000;
}

export function catalogueTable({ importSeconds, floorSeconds, startSeconds }: Catalogue): string {
  const seconds = (value: number) => `${value.toFixed(1)} s`;
  return [
    "### Import and start",
    "",
    ...markdown([
      ["what", "figure"],
      [`import of ${catalogue} SKUs by POST /v1/mutations, ${perRequest} at a time`, seconds(importSeconds)],
      ...Object.entries(floorSeconds).map(([name, value]) => [
        `${catalogue} new objects of ${name}`,
        seconds(value),
      ]),
      [`from kill -9 to ready, with ${catalogue} SKUs on disk`, seconds(startSeconds)],
    ]),
    "",
  ].join("\n");
}
