import { readdir, readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { logEvents } from "../../../src/telemetry/log.ts";

const page = await readFile(new URL("../../../docs/operations.md", import.meta.url), "utf8");

/** Every name of a metric that stands in the code; the page's tests of the service see that they are served. */
async function metricNames(): Promise<string[]> {
  const root = new URL("../../../src/", import.meta.url);
  const files = (await readdir(root, { recursive: true })).filter((file) => file.endsWith(".ts"));
  const texts = await Promise.all(files.map((file) => readFile(new URL(file, root), "utf8")));
  const names = texts.flatMap((text) =>
    [...text.matchAll(/"(stockwire_[a-z_]+)",/g)].map(([, name = ""]) => name),
  );
  return [...new Set(names)].toSorted((a, b) => (a < b ? -1 : 1));
}

describe("docs/operations.md", () => {
  it("lists every metric, and no other", async () => {
    const rows = page.split("\n").filter((line) => line.startsWith("| `stockwire_"));
    const listed = rows.flatMap((row) => [...(row.split(" | ")[0] ?? "").matchAll(/`(stockwire_[a-z_]+)`/g)]);
    expect(listed.map(([, name = ""]) => name).toSorted((a, b) => (a < b ? -1 : 1))).toEqual(
      await metricNames(),
    );
  });

  it("alerts on metrics that there are, and leads to runbooks that there are", async () => {
    const names = await metricNames();
    const rules = /```yaml\ngroups:\n([\s\S]*?)```/.exec(page)?.[1] ?? "";
    const used = [...rules.matchAll(/\bstockwire_[a-z_]+/g)].map(([name]) => name.replace(/_bucket$/, ""));
    expect(used.length).toBeGreaterThan(10);
    expect(used.filter((name) => !names.includes(name))).toEqual([]);
    const headings = new Set(
      [...page.matchAll(/^#+ (.+)$/gm)].map(([, text = ""]) => `#${text.toLowerCase().replaceAll(" ", "-")}`),
    );
    const anchors = [...rules.matchAll(/runbook: "(#[a-z-]+)"/g)].map(([, anchor]) => anchor);
    expect(anchors.filter((anchor) => !headings.has(anchor ?? ""))).toEqual([]);
  });

  it("lists every log event at its level, and no other", () => {
    const listed = [...page.matchAll(/^\| `([a-z_.]+)` \| (info|warn|error) \|/gm)];
    const documented = listed.map(([, event, level]) => `${event} ${level}`);
    const logged = Object.entries(logEvents).map(([event, [level]]) => `${event} ${level}`);
    expect(documented.toSorted()).toEqual(logged.toSorted());
  });
});
