import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { StockwireClient } from "../client/index.ts";
import { explain, exitCodeOf, type ExitCode, UsageError } from "./exit-codes.ts";
import type { Io } from "./io.ts";
import { number } from "./values.ts";

/** Options of every command that asks a service. */
interface ServiceOptions {
  readonly url?: string;
  readonly key?: string;
  readonly timeout: number;
  readonly json?: true;
}

const urlDefault = "http://127.0.0.1:8787";
/** Where `stockwire serve` keeps the admin's key unless it is told another directory. */
const ownKeyFile = join(".stockwire", "admin-key");

/** A service, and how the command that asks it shows what it gets. */
export interface Session {
  readonly client: StockwireClient;
  readonly io: Io;
  readonly isJson: boolean;
  /** Shows an answer: as a line of JSON, or in words. */
  show(answer: unknown, words: () => string): void;
}

/** Where commands stand: what they have of the world, and whom they tell how they ended. */
export interface Stage {
  readonly io: Io;
  /** Told how a command ended, unless it is simply done. */
  readonly end: (code: ExitCode) => void;
}

/**
 * Makes a command one that asks a service. `run` is given its arguments and its options as commander has read them, and may answer an exit
 * code; what it throws is explained.
 */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- what commander reads has no type: its command says which
export function onService<Args extends readonly unknown[], Options = object>(
  command: Command,
  { io, end }: Stage,
  run: (session: Session, args: Args, options: Options) => Promise<ExitCode | void>,
): Command {
  return command
    .option("--url <url>", `where the service runs (STOCKWIRE_URL, else ${urlDefault})`)
    .option("--key <key>", `API key (STOCKWIRE_KEY, else, on this machine, ${ownKeyFile})`)
    .option("--timeout <seconds>", "give up on a request after so long", number(0.1, 3_600), 15)
    .option("--json", "print JSON, one document per line")
    .action(async () => {
      const options = command.opts<ServiceOptions & Options>();
      const url = options.url ?? io.env["STOCKWIRE_URL"] ?? urlDefault;
      try {
        const code = await run(sessionOf(options, io, url), command.processedArgs as never, options);
        if (code !== undefined) end(code);
      } catch (error) {
        io.note(`stockwire: ${explain(error, url)}`);
        end(exitCodeOf(error));
      }
    });
}

function sessionOf(options: ServiceOptions, io: Io, url: string): Session {
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? ""))
    throw new UsageError(`the address of a service is as in ${urlDefault}, not ${url}`);
  const isJson = options.json === true;
  const deadlineMs = options.timeout * 1_000;
  return {
    client: new StockwireClient({ url, key: keyOf(options, io, url), deadlineMs }),
    io,
    isJson,
    show: (answer, words) => io.out(isJson ? JSON.stringify(answer) : words()),
  };
}

/** The key of this directory's own service goes nowhere but to this machine. */
function keyOf(options: ServiceOptions, io: Io, url: string): string | undefined {
  const given = options.key ?? io.env["STOCKWIRE_KEY"];
  if (given !== undefined) return given;
  if (!/^(localhost|127\.0\.0\.1|\[::1\])$/.test(new URL(url).hostname)) return undefined;
  try {
    return readFileSync(ownKeyFile, "utf8").trim();
  } catch {
    // There is none: the service will say that it wants one.
    return undefined;
  }
}
