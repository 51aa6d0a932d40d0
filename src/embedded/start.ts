import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { convertV4MiniflareOptions, Miniflare, type V4WorkerOptions } from "miniflare";
import { unstable_getMiniflareWorkerOptions } from "wrangler";
import { startCrons } from "./cron.ts";
import { canKeepAwake } from "./descriptors.ts";
import { outbound } from "./outbound.ts";
import { spreadOverdueAlarms } from "./overdue-alarms.ts";
import { nothing, prepareLedger } from "./prepare-ledger.ts";
import { restoredAtOf } from "./restore.ts";
import { adminKeyOf, secretsKeysOf } from "./secrets.ts";
import { ensureSite, sitePaths } from "./site.ts";
import { loopbackHosts, wayIn } from "./way-in.ts";
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
   * more than all else that a sale costs; keeping one costs three file descriptors and about 0.5 MB. Left out, with a
   * warning, if the process may not open so many files.
   */
  readonly keepAwake?: boolean;
  /** Told of every line that the Worker logs; without it they go to standard output and standard error. */
  readonly onLog?: (line: { readonly level: string; readonly message: string }) => void;
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
  const keepAwake = options.keepAwake === true && (await canKeepAwake(dataDir));
  await ensureSite();
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
  await prepareLedger(dataDir, databases);
  spreadOverdueAlarms(dataDir, Date.now());
  const way = wayIn(host, port);
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      ...way.miniflare,
      resourcePersistencePath: dataDir,
      ...(options.onLog !== undefined && { handleStructuredLogs: options.onLog }),
      workers: [
        {
          ...ownOptions,
          serviceBindings: { SITE: "site" },
          d1Databases: databases,
          durableObjects: objectsOf(worker.workerOptions.durableObjects, keepAwake),
          name: "stockwire",
          ...way.worker,
          ...wayOut.option,
          modules: [{ type: "ESModule", path: "worker.js", contents: await bundle() }],
          bindings: {
            ...vars,
            SITE_PATHS: await sitePaths(),
            STOCKWIRE_ADMIN_KEY: admin.key,
            STOCKWIRE_SECRETS_KEY: secrets.current,
            STOCKWIRE_SECRETS_KEY_PREVIOUS: secrets.previous ?? "",
            ALLOW_PRIVATE_CHANNELS: String(allowPrivateChannels),
            PUBLIC_URL: options.publicUrl ?? "",
            ONE_PROCESS: "true",
            // One process has one thread for all feeds: several would only send more messages than it bears.
            LIVE_FEEDS_PER_REGION: "1",
            // No network stands before this one: a page that calls itself by another name is somebody else's.
            MCP_HOSTS: [...loopbackHosts, host, ...hostOf(options.publicUrl)].join(" "),
          },
        },
        ...wayOut.workers,
        siteWorker(worker.workerOptions),
      ],
    }),
  );
  const url = await way.ready(miniflare, "stockwire");
  const service = await miniflare.getWorker("stockwire");
  const stopCrons = startCrons(cronsOf(worker.workerOptions), async (cron, scheduledTime) => {
    try {
      await service.scheduled({ cron, scheduledTime });
    } catch (error) {
      log("cron.failed", { cron }, { error });
    }
  });
  return {
    url: url.origin,
    adminKey: admin.key,
    isNewAdminKey: admin.isNew,
    stop: () => {
      stopCrons();
      return miniflare.dispose();
    },
  };
}

/** Serves the files of the site, and nothing else. */
function siteWorker(options: WorkerOptions): V4WorkerOptions {
  // Their types are lost on the way through wrangler.
  const { assets, compatibilityDate } = options as Pick<V4WorkerOptions, "assets" | "compatibilityDate">;
  return {
    name: "site",
    modules: [nothing],
    ...(compatibilityDate !== undefined && { compatibilityDate }),
    ...(assets !== undefined && { assets }),
  };
}

/** The first database is the one of `wrangler.toml`; the others are kept under the names they are bound as. */
function databasesOf(databases: WorkerOptions["d1Databases"], ledger: readonly string[]) {
  const others = Object.fromEntries(ledger.map((name) => [name, { id: name }]));
  return Object.assign(others, databases);
}

function varsOf({ bindings }: WorkerOptions, given: Readonly<Record<string, string | undefined>>) {
  const vars = Object.entries(bindings as Record<string, string>);
  return Object.fromEntries(vars.map(([name, value]) => [name, given[name] ?? value]));
}

function hostOf(url: string | undefined): string[] {
  return url === undefined ? [] : [new URL(url).hostname];
}

type WorkerOptions = ReturnType<typeof unstable_getMiniflareWorkerOptions>["workerOptions"];

function cronsOf({ cronTriggers }: WorkerOptions): string[] {
  return Array.isArray(cronTriggers) ? cronTriggers.map(String) : [];
}

function objectsOf(objects: WorkerOptions["durableObjects"], keepAwake: boolean) {
  const settings = Object.entries(objects ?? {}).map(([binding, object]) => {
    const designator = typeof object === "string" ? { className: object } : object;
    return [binding, { ...designator, unsafePreventEviction: keepAwake }] as const;
  });
  return Object.fromEntries(settings);
}

async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(root, "src/embedded/worker/front.ts")],
    bundle: true,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:*"],
    write: false,
    logLevel: "error",
  });
  const [worker] = outputFiles;
  if (worker === undefined) throw new Error("the Worker's bundle is empty");
  return worker.text;
}
