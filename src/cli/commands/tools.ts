import type { Command } from "commander";
import { leakageCommand, showLeakage } from "../leakage/show-leakage.ts";
import { UsageError } from "../exit-codes.ts";
import type { Stage } from "../on-service.ts";
import { replayCommand, replayOptions } from "../replay/options.ts";
import { type SyncGapOptions, syncGapCommand } from "../sync-gap/options.ts";
import { integer, number } from "../values.ts";
import type { DemoShow } from "../demo/show-demo.ts";
import type { ServeOptions } from "../../embedded/serve.ts";

const port = integer(0, 65_535);

const serveHelp = `
STOCKWIRE_ADMIN_KEY sets the admin's API key; without it one is made and printed once. Variables of [vars] in wrangler.toml
are taken from the environment too.`;

const demoDescription = `a shop on two channels, live

Starts the service, loads a catalogue, registers two channels that really receive HTTP, and lets people
buy on both and directly. One channel breaks down for a while: the other one must not notice.
Enter ends it and takes stock of everything; Ctrl-C just ends it.`;

/** Commands that bring a service of their own, or need none. What they run is loaded only when it is run. */
export function addTools(program: Command, { io, end }: Stage): void {
  program
    .command("serve")
    .description("run the service on this machine")
    .option("--port <number>", "port to listen on; 0 takes any free one", port, 8787)
    .option("--host <address>", "address to listen on", "127.0.0.1")
    .option("--data <directory>", "where everything is kept", ".stockwire")
    .option("--allow-private-channels", "let channels be http and private addresses")
    .option("--public-url <url>", "where others reach it, if it stands behind a proxy", publicUrl)
    .option("--keep-awake", "keep every object open: faster, for 3 file descriptors and 0.5 to 2.5 MB a SKU")
    .addHelpText("after", serveHelp)
    .action(async (options: ServeOptions) => {
      const { serve } = await import("../../embedded/serve.ts");
      await serve(options);
    });

  program
    .command("demo")
    .description(demoDescription)
    .summary("a shop on two channels, live")
    .option("--once", "stop after --seconds, print a summary, exit 1 if a promise was broken")
    .option("--seconds <n>", "length of a round with one outage in it", number(0.1, 86_400), 20)
    .option("--port <number>", "port of the service (any free one)", port, 0)
    .action(async (options: DemoShow) => {
      const { showDemo } = await import("../demo/show-demo.ts");
      end(await showDemo(options));
    });

  const replay = replayCommand(program.command("replay"));
  replay.action(async () => {
    const options = replayOptions(replay);
    const { showReplay } = await import("../replay/show-replay.ts");
    end(await showReplay(options));
  });

  const syncGap = syncGapCommand(program.command("sync-gap"));
  syncGap.action(async (file: string | undefined) => {
    const { showSyncGap } = await import("../sync-gap/show-sync-gap.ts");
    end(await showSyncGap(file, syncGap.opts<SyncGapOptions>(), io));
  });

  const leakage = leakageCommand(program.command("leakage"));
  leakage.action(async () => showLeakage(leakage.opts(), io));
}

function publicUrl(text: string): string {
  if (/^https?:$/.test(URL.parse(text)?.protocol ?? "")) return text;
  throw new UsageError(`--public-url must be as in https://stock.example.com, not ${text}`);
}
