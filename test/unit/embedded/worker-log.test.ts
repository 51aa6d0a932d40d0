import { afterEach, describe, expect, it, vi } from "vitest";
import { type LogLine, print, withoutExpected } from "../../../src/embedded/worker-log.ts";

const overdue =
  "NOSENTRY SQLite alarm overdue, running despite AlarmManager mismatch; scheduledTime = 2026-11-26T12:00:00Z";

describe("lines of the Worker", () => {
  const out = vi.spyOn(console, "log").mockReturnValue();
  const wrong = vi.spyOn(console, "error").mockReturnValue();
  afterEach(() => vi.clearAllMocks());

  it("are passed on, but for what workerd notes at each start", () => {
    const told: LogLine[] = [];
    const tell = withoutExpected((line) => told.push(line));
    tell({ level: "error", message: overdue });
    tell({ level: "error", message: "NOSENTRY something nobody expects" });
    tell({ level: "warn", message: '{"event":"outbox.look_failed"}' });
    expect(told.map(({ message }) => message)).toEqual([
      "NOSENTRY something nobody expects",
      '{"event":"outbox.look_failed"}',
    ]);
  });

  it("go to standard error if something is wrong, else to standard output", () => {
    for (const level of ["error", "warn", "log", "info"]) print({ level, message: level });
    expect(wrong.mock.calls).toEqual([["error"], ["warn"]]);
    expect(out.mock.calls).toEqual([["log"], ["info"]]);
  });
});
