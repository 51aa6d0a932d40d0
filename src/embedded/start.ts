import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { unstable_getMiniflareWorkerOptions } from "wrangler";
import { startCrons } from "./cron.ts";
import { Descriptors } from "./descriptors.ts";
import { outbound } from "./outbound.ts";
import { spreadOverdueAlarms } from "./overdue-alarms.ts";
import { prepareLedger } from "./prepare-ledger.ts";
import { restoredAtOf } from "./restore.ts";
import { adminKeyOf, secretsKeysOf } from "./secrets.ts";
import { withoutSignalHandlers } from "./signals.ts";
import { ensureSite, sitePaths } from "./site.ts";
import { loopbackHosts, wayIn } from "./way-in.ts";
import { type LogLine, print, withoutExpected } from "./worker-log.ts";
import { bundle, cronsOf, databasesOf, objectsOf, siteWorker, varsOf } from "./worker-options.ts";
import { ledgerBindings } from "../ledger/places.ts";
import { log } from "../telemetry/log.ts";

export interface EmbeddedOptions {
  /** 0 or absent takes any free port. */
  readonly port?: number;
  readonly host?: string;
  /** Where objects and the ledger are kept. */
  readonly dataDir: string;
  /** The admin's API key; absent, the one kept in the data directory, made at the first start. */
  readonly adminKey?: string | undefined;
  /** Lets channels be http and private addresses. */
  readonly allowPrivateChannels?: boolean;
  /** Where others reach it, if that is not where it listens; as in `https://stock.example.com`. */
  readonly publicUrl?: string | undefined;
  /**
   * Keeps every object open instead of closing it after 10 s without a request. Opening one costs about 2 ms on ext4,
   * more than all else that a sale costs; keeping one costs three file descriptors and 0.5 to 2.5 MB. Left out, with a
   * warning, if the process may not open so many files; if there are too many objects while it serves, it restarts without.
   */
  readonly keepAwake?: boolean;
  /** Whether the caller says what a signal to end does; absent, the process ends at once, and workerd with it. */
  readonly handlesSignals?: boolean;
  /** Told of every line that the Worker logs; without it they go to standard output and standard error. */
  readonly onLog?: (line: LogLine) => void;
  /** Values for variables of `[vars]` in `wrangler.toml`; names that are none are left out. */
  readonly vars?: Readonly<Record<string, string | undefined>>;
}

export interface Embedded {
  readonly url: string;
  readonly adminKey: string;
  /** Whether the admin key was made just now, and must be shown once. */
  readonly isNewAdminKey: boolean;
  stop(): Promise<void>;
}

// The secrets that wrangler.toml asks for are given below; its reader would warn that they are not in a file.
process.env["WRANGLER_LOG"] ??= "error";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");

/**
 * Runs the Worker on this machine: workerd through Miniflare, on the options of `wrangler.toml`, with no dev proxy
 * between. D1 migrations are applied before it resolves; from then on it serves.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const { port = 0, host = "127.0.0.1", dataDir, allowPrivateChannels = false } = options;
  await mkdir(dataDir, { recursive: true });
  const admin = await adminKeyOf(dataDir, options.adminKey);
  const secrets = await secretsKeysOf(dataDir);
  const restoredAt = await restoredAtOf(dataDir, options.vars?.["RESTORED_AT"]);
  const worker = unstable_getMiniflareWorkerOptions(join(root, "wrangler.toml"));
  const wayOut = outbound(allowPrivateChannels);
  // The site has a Worker of its own: see worker/front.ts.
  const { assets: _assets, ...ownOptions } = worker.workerOptions;
  const vars = varsOf(worker.workerOptions, { ...options.vars, RESTORED_AT: restoredAt });
  const ledger = ledgerBindings(vars["LEDGER_SHARDS"] ?? "1");
  const databases = databasesOf(worker.workerOptions.d1Databases, ledger);
  const tell = withoutExpected(options.onLog ?? print);
  const [script, paths] = await Promise.all([
    bundle(root),
    ensureSite().then(sitePaths),
    prepareLedger(dataDir, databases, tell),
  ]);
  const publicHost = options.publicUrl === undefined ? [] : [new URL(options.publicUrl).hostname];
  const bindings = {
    ...vars,
    SITE_PATHS: paths,
    STOCKWIRE_ADMIN_KEY: admin.key,
    STOCKWIRE_SECRETS_KEY: secrets.current,
    STOCKWIRE_SECRETS_KEY_PREVIOUS: secrets.previous ?? "",
    ALLOW_PRIVATE_CHANNELS: String(allowPrivateChannels),
    PUBLIC_URL: options.publicUrl ?? "",
    ONE_PROCESS: "true",
    // One process has one thread for all feeds: several would only send more messages than it bears.
    LIVE_FEEDS_PER_REGION: "1",
    // No network stands before this one: a page that calls itself by another name is somebody else's.
    MCP_HOSTS: [...loopbackHosts, host, ...publicHost].join(" "),
  };

  const begin = async (ownPort: number, keepAwake: boolean): Promise<Running> => {
    spreadOverdueAlarms(dataDir, Date.now());
    const way = wayIn(host, ownPort);
    const miniflare = new Miniflare(
      convertV4MiniflareOptions({
        ...way.miniflare,
        resourcePersistencePath: dataDir,
        handleStructuredLogs: tell,
        workers: [
          {
            ...ownOptions,
            serviceBindings: { SITE: "site" },
            d1Databases: databases,
            durableObjects: objectsOf(worker.workerOptions.durableObjects, keepAwake),
            name: "stockwire",
            ...way.worker,
            ...wayOut.option,
            modules: [{ type: "ESModule", path: "worker.js", contents: script }],
            bindings,
          },
          ...wayOut.workers,
          siteWorker(worker.workerOptions),
        ],
      }),
    );
    const url = await way.ready(miniflare, "stockwire");
    const stopCrons = startCrons(cronsOf(worker.workerOptions), async (cron, scheduledTime) => {
      try {
        const service = await miniflare.getWorker("stockwire");
        await service.scheduled({ cron, scheduledTime });
      } catch (error) {
        log("cron.failed", { cron }, { error });
      }
    });
    return {
      url,
      stop: () => {
        stopCrons();
        return miniflare.dispose();
      },
    };
  };

  const run = (ownPort: number, keepAwake: boolean) => {
    const start = () => begin(ownPort, keepAwake);
    return options.handlesSignals === true ? withoutSignalHandlers(start) : start();
  };

  const descriptors = new Descriptors(dataDir);
  const keepAwake = options.keepAwake === true && (await descriptors.suffice());
  const first = await run(port, keepAwake);
  let running = Promise.resolve(first);
  if (keepAwake) {
    descriptors.watch(() => {
      running = running.then(async (before) => {
        await before.stop();
        return run(Number(first.url.port), false);
      });
    });
  }
  return {
    url: first.url.origin,
    adminKey: admin.key,
    isNewAdminKey: admin.isNew,
    stop: async () => {
      descriptors.unwatch();
      await (await running).stop();
    },
  };
}

/** The service while it serves. */
interface Running {
  readonly url: URL;
  stop(): Promise<void>;
}
