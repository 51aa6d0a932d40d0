import { Command, CommanderError } from "commander";
import { addCommands } from "./commands/index.ts";
import { exitCodeOf, type ExitCode, exitCodes, UsageError } from "./exit-codes.ts";
import { ArchiveError } from "../embedded/archive.ts";
import { AddressError } from "../embedded/way-in.ts";
import { LedgerPlaceError } from "../ledger/places.ts";
import { Interruption, type Io } from "./io.ts";

const epilogue = `
Exit codes: ${exitCodes.done} done, ${exitCodes.failed} failed or a check found something, ${exitCodes.usage} wrong usage, ${exitCodes.refused} refused,
${exitCodes.notFound} not found, ${exitCodes.notAllowed} not allowed, ${exitCodes.unavailable} nobody answered, ${exitCodes.interrupted} interrupted. docs/cli.md has more.`;

/** The whole command line, as a tree of commands. */
export function programOf(io: Io, end: (code: ExitCode) => void): Command {
  const program = new Command("stockwire")
    .description("How many of each SKU can be sold, and telling every channel at once.")
    .addHelpText("after", epilogue)
    .showHelpAfterError("(--help shows how)")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.out(text.trimEnd()),
      writeErr: (text) => io.note(text.trimEnd()),
    });
  addCommands(program, { io, end });
  return program;
}

/** Runs a command line (without `node` and the script); answers the exit code and never throws. */
export async function runCli(args: readonly string[], io: Io): Promise<ExitCode> {
  let code: ExitCode = exitCodes.done;
  const program = programOf(io, (ended) => {
    code = ended;
  });
  try {
    await program.parseAsync(args, { from: "user" });
    return code;
  } catch (error) {
    // Commander has said itself what is wrong.
    if (!(error instanceof CommanderError)) io.note(`stockwire: ${textOf(error)}`);
    return exitCodeOf(error);
  }
}

function textOf(error: unknown): string {
  const isPlain = [UsageError, LedgerPlaceError, ArchiveError, AddressError, Interruption].some(
    (Class) => error instanceof Class,
  );
  if (isPlain && error instanceof Error) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
