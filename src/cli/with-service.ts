import { rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface RunningService {
  readonly url: string;
  readonly key: string;
}

/** A tool has oversells and breaks channels on purpose: only what it did not ask for is shown. */
function showErrors({ level, message }: { readonly level: string; readonly message: string }): void {
  if (level === "error") console.error(message);
}

/** Runs an embedded service in a directory of its own for as long as `use` takes, and leaves nothing behind. */
export async function withEmbeddedService<Result>(
  use: (service: RunningService) => Promise<Result>,
  options: { readonly port?: number; readonly keepAwake?: boolean } = {},
): Promise<Result> {
  // Loaded only here: against a running service the tools do not need the whole embedded runtime.
  const { startEmbedded } = await import("../embedded/start.ts");
  const dataDir = await mkdtemp(join(tmpdir(), "stockwire-"));
  // Ctrl-C ends the process before anything below gets its turn.
  const removeNow = () => rmSync(dataDir, { recursive: true, force: true });
  process.once("exit", removeNow);
  try {
    const service = await startEmbedded({
      ...options,
      dataDir,
      allowPrivateChannels: true,
      onLog: showErrors,
    });
    try {
      return await use({ url: service.url, key: service.adminKey });
    } finally {
      await service.stop();
    }
  } finally {
    process.off("exit", removeNow);
    await rm(dataDir, { recursive: true, force: true });
  }
}
