import { vi } from "vitest";

/** Waits until a check passes, far longer than it takes: no test fails because a machine is slow. */
export function eventually<Result>(check: () => Result | Promise<Result>): Promise<Result> {
  return vi.waitFor(check, { timeout: 20_000, interval: 20 });
}
