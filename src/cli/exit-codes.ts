import { CommanderError } from "commander";
import {
  ConflictError,
  ForbiddenError,
  GoneError,
  InvalidRequestError,
  NoAnswerError,
  NotFoundError,
  RateLimitedError,
  StockwireError,
  UnauthorizedError,
  UnavailableError,
  VersionMismatchError,
} from "../client/index.ts";
import { ArchiveError } from "../embedded/archive.ts";
import { AddressError } from "../embedded/way-in.ts";
import { LedgerPlaceError } from "../ledger/places.ts";
import { Interruption } from "./io.ts";

/** How a command ends; docs/cli.md and the help list them. */
export const exitCodes = {
  done: 0,
  /** It went wrong, or a check found something. */
  failed: 1,
  /** The command line, a file or a value in it is not right. */
  usage: 2,
  /** The service refused: not enough stock, the reservation is over, the version has moved on. */
  refused: 3,
  notFound: 4,
  /** The key is missing, unknown, or may not do this. */
  notAllowed: 5,
  /** Nobody answered, or the service cannot at the moment: it may be tried again. */
  unavailable: 6,
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** What is wrong with what the user gave. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

const byClass = [
  [UsageError, exitCodes.usage],
  [LedgerPlaceError, exitCodes.usage],
  [ArchiveError, exitCodes.usage],
  [AddressError, exitCodes.usage],
  [InvalidRequestError, exitCodes.usage],
  [Interruption, exitCodes.interrupted],
  [ConflictError, exitCodes.refused],
  [GoneError, exitCodes.refused],
  [VersionMismatchError, exitCodes.refused],
  [NotFoundError, exitCodes.notFound],
  [UnauthorizedError, exitCodes.notAllowed],
  [ForbiddenError, exitCodes.notAllowed],
  [NoAnswerError, exitCodes.unavailable],
  [RateLimitedError, exitCodes.unavailable],
  [UnavailableError, exitCodes.unavailable],
] as const;

export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  return byClass.find(([Class]) => error instanceof Class)?.[1] ?? exitCodes.failed;
}

/** What went wrong, and what to do about it, for people. */
export function explain(error: unknown, url: string): string {
  if (error instanceof UnauthorizedError)
    return `${messageOf(error)}\nSet STOCKWIRE_KEY to an API key of ${url}, or pass --key.`;
  if (error instanceof NoAnswerError)
    return `nobody answers at ${url}: ${messageOf(error)}\nStart a service with: stockwire serve`;
  return messageOf(error);
}

function messageOf(error: unknown): string {
  if (error instanceof StockwireError) return error.problem?.detail ?? error.problem?.title ?? error.message;
  return error instanceof Error ? error.message : String(error);
}
