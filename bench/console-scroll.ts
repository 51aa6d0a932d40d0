import { performance } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { chromium } from "playwright-core";
import { withEmbeddedService } from "../src/cli/with-service.ts";

/**
 * Whether 10,000 SKUs scroll without lag: makes them, opens the console in Chromium, and scrolls through all of them twice while
 * stock keeps changing. Counts what the browser itself calls long tasks (over 50 ms), and the time between frames. Run it
 * alone on the machine.
 */
const { values } = parseArgs({
  options: {
    skus: { type: "string", default: "10000" },
    rate: { type: "string", default: "20" },
    chromium: { type: "string", default: process.env["CHROMIUM"] ?? "/usr/bin/chromium" },
  },
});
const skus = Number(values.skus);
const changesPerSecond = Number(values.rate);
const longTaskMs = 100;

await withEmbeddedService(async ({ url, key }) => {
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  const nameOf = (index: number) => `BENCH-${String(index).padStart(6, "0")}`;

  async function mutate(items: readonly object[]): Promise<void> {
    const body = JSON.stringify({ items });
    const response = await fetch(`${url}/v1/mutations`, { method: "POST", headers, body });
    if (!response.ok) throw new Error(await response.text());
  }

  for (let start = 0; start < skus; start += 500) {
    const items = Array.from({ length: Math.min(500, skus - start) }, (_, at) => {
      const sku = nameOf(start + at);
      return { type: "count", key: sku, sku, onHand: 1 + ((start + at) % 40), ifMatch: "*" };
    });
    await mutate(items);
  }
  const listed = async () => {
    const response = await fetch(`${url}/v1/skus?counts=true&limit=1`, { headers });
    const { counts } = (await response.json()) as { counts: Record<string, number> };
    return Object.values(counts).reduce((sum, count) => sum + count, 0);
  };
  while ((await listed()) < skus) await new Promise((resolve) => setTimeout(resolve, 200));

  const browser = await chromium.launch({
    executablePath: values.chromium,
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
  });
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    const startedAtMs = performance.now();
    await page.goto(url);
    await page.getByLabel("API key").fill(key);
    await page.getByRole("button", { name: "Sign in" }).click();
    const rows = page.getByRole("table", { name: "Stock" });
    await rows.getByRole("link").first().waitFor();
    const readyMs = performance.now() - startedAtMs;

    const scrolled = new AbortController();
    const changing = (async () => {
      for (let turn = 0; !scrolled.signal.aborted; turn += 1) {
        const sku = nameOf((turn * 137) % skus);
        await mutate([{ type: "adjust", key: crypto.randomUUID(), sku, delta: 1, reason: "received" }]);
        await new Promise((resolve) => setTimeout(resolve, 1000 / changesPerSecond));
      }
    })();
    const seen = await page.evaluate(scrollThrough, { passes: 2, stepRows: 20 });
    scrolled.abort();
    await changing;
    const text = (await rows.getByRole("link").last().textContent()) ?? "";

    const sorted = seen.framesMs.toSorted((a, b) => a - b);
    const at = (share: number) => Math.round(sorted[Math.ceil(share * sorted.length) - 1] ?? 0);
    console.table({
      SKUs: skus,
      "changes a second meanwhile": changesPerSecond,
      "from the address to the first rows, with sign-in, ms": Math.round(readyMs),
      "rows in the document at once": seen.rowsMax,
      "seconds of scrolling": Math.round(sorted.reduce((sum, ms) => sum + ms, 0) / 1000),
      "long tasks (over 50 ms)": seen.tasksMs.length,
      [`of them over ${longTaskMs} ms`]: seen.tasksMs.filter((ms) => ms > longTaskMs).length,
      "longest task, ms": Math.round(Math.max(0, ...seen.tasksMs)),
      "time between frames p50, ms": at(0.5),
      "time between frames p99, ms": at(0.99),
      "last row": text,
    });
  } finally {
    await browser.close();
  }
});

/** Runs in the page: scrolls to the end, a step each frame, and starts again; a scroll bar that is dragged looks so too. */
async function scrollThrough({ passes, stepRows }: { passes: number; stepRows: number }) {
  const tasksMs: number[] = [];
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) tasksMs.push(entry.duration);
  });
  observer.observe({ type: "longtask" });
  const box = document.querySelector(".rows");
  if (box === null) throw new Error("there is no list");
  const framesMs: number[] = [];
  let rowsMax = 0;
  const frame = () => new Promise<number>((resolve) => requestAnimationFrame(resolve));
  let beforeMs = await frame();
  for (let pass = 0; pass < passes; pass += 1) {
    box.scrollTop = 0;
    for (;;) {
      const top = box.scrollTop;
      box.scrollTop = top + stepRows * 36;
      const nowMs = await frame();
      framesMs.push(nowMs - beforeMs);
      beforeMs = nowMs;
      rowsMax = Math.max(rowsMax, box.querySelectorAll("[data-row]").length);
      if (box.scrollTop === top) break;
    }
  }
  // What the last steps set off is part of it.
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  observer.disconnect();
  return { tasksMs, framesMs, rowsMax };
}
