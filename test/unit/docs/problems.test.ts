import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { problemTypes } from "../../../src/protocol/problem.ts";

it("the API's documentation says of every problem, by its status, what to do about it", () => {
  const rows = readFileSync("docs/api.md", "utf8").matchAll(/^\| (\d{3}) \| `([a-z-]+)` \| \S/gm);
  const documented = new Map([...rows].map(([, status, slug]) => [slug, Number(status)]));
  const known = new Map(Object.entries(problemTypes).map(([slug, [status]]) => [slug, status]));
  expect(documented).toEqual(known);
});
