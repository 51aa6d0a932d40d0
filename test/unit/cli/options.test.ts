import { Command } from "commander";
import { expect, test } from "vitest";
import { exitCodeOf, exitCodes } from "../../../src/cli/exit-codes.ts";
import { replayCommand, replayOptions } from "../../../src/cli/replay/options.ts";

function parseOptions(args: readonly string[]) {
  const command = replayCommand(new Command().exitOverride().configureOutput({ writeErr: () => undefined }));
  return replayOptions(command.parse(args, { from: "user" }));
}

test("without options: embedded, ten orders a second, two channels, a tenth sold out", () => {
  expect(parseOptions(["day.csv"])).toMatchObject({
    file: "day.csv",
    service: "embedded",
    pace: { kind: "rate", ordersPerSecond: 10 },
    channels: 2,
    opening: { soldOutShare: 0.1 },
    mode: "marketplace",
  });
});

test.each([
  [[]],
  [["a.csv", "b.csv"]],
  [["a.csv", "--url", "http://localhost:8787"]],
  [["a.csv", "--rate", "10", "--fast"]],
  [["a.csv", "--speed", "-1"]],
  [["a.csv", "--channels", "1.5"]],
  [["a.csv", "--mode", "auction"]],
  [["a.csv", "--opening", "x.csv", "--sold-out-share", "0.2"]],
  [["a.csv", "--nonsense"]],
])("%j is refused with what would be right", (args) => {
  let refused: unknown;
  try {
    parseOptions(args);
  } catch (error) {
    refused = error;
  }
  expect(exitCodeOf(refused)).toBe(exitCodes.usage);
});
