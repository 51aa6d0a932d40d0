import type { Command } from "commander";
import type { Stage } from "../on-service.ts";
import { LiveLines, progressBar } from "../terminal.ts";

const backupHelp = `
The service may run meanwhile. The archive has its keys in it: keep it as you keep those.

Example: stockwire backup backups/monday`;

const restoreHelp = `
The directory must be new or empty. Nothing is restored from an archive that is not whole. Every SKU begins a new epoch, so that
callers, channels and followers notice; docs/backup.md says what to do after the start.

Example: stockwire restore backups/monday --data .stockwire`;

/** Copies of what the embedded service keeps. What they run is loaded only when it is run. */
export function addBackup(program: Command, { io }: Stage): void {
  const live = new LiveLines(io.screen);
  const onFile = (done: number, total: number) => live.draw([progressBar(done, total, "files")]);

  program
    .command("backup <archive>")
    .description("copy the data of the service on this machine into a new directory")
    .option("--data <directory>", "where the service keeps everything", ".stockwire")
    .addHelpText("after", backupHelp)
    .action(async (archive: string, { data }: { readonly data: string }) => {
      const { backUp } = await import("../../embedded/backup.ts");
      const { files, bytes } = await shown(() => backUp({ dataDir: data, archive, onFile }), live);
      io.out(`${files} files, ${(bytes / 1e6).toFixed(1)} MB in ${archive}`);
    });

  program
    .command("restore <archive>")
    .description("make a data directory of a backup")
    .option("--data <directory>", "where the service is to keep everything", ".stockwire")
    .addHelpText("after", restoreHelp)
    .action(async (archive: string, { data }: { readonly data: string }) => {
      const { restore } = await import("../../embedded/restore.ts");
      const { files, endedAt } = await shown(() => restore({ archive, dataDir: data, onFile }), live);
      io.out(`${files.length} files, as of ${endedAt}, in ${data}`);
    });
}

/** Takes the progress away, whatever comes of it. */
async function shown<Result>(work: () => Promise<Result>, live: LiveLines): Promise<Result> {
  try {
    return await work();
  } finally {
    live.clear();
  }
}
