import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const main = fileURLToPath(new URL("../../../src/cli/main.ts", import.meta.url));

function leakage(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, "leakage", ...args], {
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

describe("stockwire leakage", () => {
  it("reckons the reference case unless it is told another shop", () => {
    const { status, stdout } = leakage("--currency", "INR");
    expect(status).toBe(0);
    expect(stdout).toMatch(/loss a day\s+37,440 INR\s+39,000 INR/);
    const other = leakage("--daily-orders", "96", "--json");
    expect(JSON.parse(other.stdout)).toMatchObject({ ordersPerWindow: 1, dailyLeakage: 7_488 });
  });

  it("names the option at fault", () => {
    const { status, stderr } = leakage("--churn-rate", "30", "--daily-orders", "many");
    expect(status).toBe(2);
    expect(stderr).toContain("--churn-rate: a rate is a fraction from 0 to 1: write 0.02 for 2 %");
    expect(stderr).toContain("--daily-orders: ");
    expect(leakage("--orders", "5").status).toBe(2);
  });
});
