import { spawn } from "node:child_process";
import { expect, it } from "vitest";

/** The example as its readers run it. Takes about 8 s. */
it("the example: of two agents that want the last unit exactly one gets it, and the other is told why", async () => {
  const child = spawn("npm", ["run", "--silent", "example:agent"], { stdio: ["ignore", "pipe", "inherit"] });
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  const said = Buffer.concat(chunks).toString();
  const times = (pattern: RegExp) => [...said.matchAll(pattern)].length;
  expect(times(/^Agent [AB] found TEE-BLK-M$/gm)).toBe(2);
  expect(times(/^Agent [AB] bought it: order rsv_/gm)).toBe(1);
  expect(times(/^Agent [AB] is refused: .*\(0 available now\)$/gm)).toBe(1);
  expect(said).toContain("The shop has 0 available, 0 held, 1 sold.");
  expect(code).toBe(0);
});
