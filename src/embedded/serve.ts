import { flushCompileCache } from "node:module";
import { endSignals } from "./signals.ts";
import { startEmbedded } from "./start.ts";

export interface ServeOptions {
  readonly port: number;
  readonly host: string;
  readonly data: string;
  readonly allowPrivateChannels?: true;
  readonly publicUrl?: string;
  readonly keepAwake?: true;
}

/** Serves until a signal ends the process. */
export async function serve(options: ServeOptions): Promise<void> {
  const { port, host, data, publicUrl } = options;
  const service = await startEmbedded({
    port,
    host,
    dataDir: data,
    adminKey: process.env["STOCKWIRE_ADMIN_KEY"],
    allowPrivateChannels: options.allowPrivateChannels === true,
    publicUrl,
    keepAwake: options.keepAwake === true,
    handlesSignals: true,
    vars: process.env,
  });

  if (service.isNewAdminKey) console.log(`admin key (shown this once): ${service.adminKey}`);
  console.log(`ready ${service.url}`);
  // Else it is written when the process exits, and one that is killed does not.
  flushCompileCache();

  let stopping: Promise<never> | undefined;
  for (const signal of endSignals) {
    // A signal to the whole process group comes twice: npm passes its own on.
    process.on(signal, () => {
      stopping ??= service.stop().then(() => process.exit(0));
    });
  }
}
