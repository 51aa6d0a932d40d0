import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { logEvents } from "../../../src/telemetry/log.ts";

const page = await readFile(new URL("../../../docs/operations.md", import.meta.url), "utf8");

describe("docs/operations.md", () => {
  it("lists every log event at its level, and no other", () => {
    const listed = [...page.matchAll(/^\| `([a-z_.]+)` \| (info|warn|error) \|/gm)];
    const documented = listed.map(([, event, level]) => `${event} ${level}`);
    const logged = Object.entries(logEvents).map(([event, [level]]) => `${event} ${level}`);
    expect(documented.toSorted()).toEqual(logged.toSorted());
  });
});
