import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { StockwireClient } from "../../src/client/index.ts";
import { Random } from "../simulation/kernel/random.ts";
import { adminKey, Service } from "../system/service.ts";
import { type Bounds, Fire, freePort } from "./fire.ts";
import { judge } from "./judge.ts";
import { Load } from "./load.ts";
import { Market } from "./market.ts";
import { Recorder } from "./recorder.ts";
import type { ChaosReport } from "./report.ts";
import { Follower, Watcher } from "./watchers.ts";

export interface ChaosOptions {
  readonly seed: string;
  readonly kills: number;
  /** Mutations offered in a second. */
  readonly rate: number;
  readonly skus: number;
  /** How long it lives before each kill. */
  readonly lifeMs: Bounds;
  /** Where the service's own error output goes. */
  readonly logDir: string;
  readonly onProgress?: (line: string) => void;
}

const patienceMs = 120_000;

/** Runs the real service under load while it is killed again and again, then checks all that anybody saw. */
export async function chaos(options: ChaosOptions): Promise<ChaosReport> {
  const random = (name: string) => new Random(`${options.seed} ${name}`);
  const { onProgress = () => undefined } = options;
  const onError = (chunk: Buffer) => appendFileSync(join(options.logDir, "service.log"), chunk);
  const service = await Service.start(await freePort(random("port")), { onError });
  const recorder = new Recorder();
  const market = new Market(recorder);
  const closing: (() => unknown)[] = [];
  try {
    const { url } = service;
    const client = new StockwireClient({ url, key: adminKey });
    await market.open(client);
    closing.push(() => market.close());
    const skus = Array.from({ length: options.skus }, (_, index) => `SKU-${index}`);
    const watchers = watchersOf(url, recorder, skus);
    const follower = new Follower(url, adminKey);
    const follow = await follower.begin();
    const watching = [...watchers.map((watcher) => watcher.run()), follow()];
    closing.push(() => {
      for (const watcher of [...watchers, follower]) watcher.stop();
    });
    const load = new Load({ url, key: adminKey, random: random("load"), recorder, skus, rate: options.rate });
    await load.open();

    const fire = new Fire(service, options.lifeMs, random("fire"), recorder);
    const startedAtMs = performance.now();
    const asking = load.run();
    const failing = market.run(random("market"));
    for (let kill = 1; kill <= options.kills; kill += 1) {
      await fire.killAndRestart();
      onProgress(
        `${kill} of ${options.kills} kills, ${recorder.acknowledgedAtMs.length} mutations acknowledged`,
      );
    }
    await fire.lastLife();
    const loadMs = performance.now() - startedAtMs;
    market.heal();
    await load.end(patienceMs);
    await Promise.all([asking, failing]);
    fire.end();
    const acknowledged = recorder.acknowledgedAtMs.length;
    // A channel that answered 404 is told again on the next change, or when somebody asks for it.
    for (const { receiver } of market.shops) await client.channels.retry(receiver.id);
    onProgress("waiting until everybody agrees, then checking");
    const verdict = await judge({ client, recorder, market, watchers, follower, patienceMs });
    for (const watcher of [...watchers, follower]) watcher.stop();
    await Promise.all(watching);
    return {
      seed: options.seed,
      kills: options.kills + fire.killsWhileStarting,
      killsWhileStarting: fire.killsWhileStarting,
      loadMs,
      servedMs: fire.servedMs,
      offered: load.offered,
      acknowledged,
      readyMs: fire.recoveries.map(({ readyMs }) => readyMs),
      firstAcknowledgedMs: fire.recoveries.flatMap((recovery) => recovery.firstAcknowledgedMs() ?? []),
      outages: market.outages,
      deliveries: market.deliveries,
      messages: watchers.reduce((sum, watcher) => sum + watcher.messages, 0),
      connections: watchers.reduce((sum, watcher) => sum + watcher.connections, 0),
      followed: follower.events.length,
      followerErrors: follower.errors.length,
      ...verdict,
    };
  } finally {
    for (const close of closing) await close();
    await service.remove();
  }
}

function watchersOf(url: string, recorder: Recorder, skus: readonly string[]): Watcher[] {
  const common = { url, key: adminKey, recorder };
  const [hot = ""] = skus;
  return [
    new Watcher({ ...common, name: "a socket that resumes", skus, resumes: true }),
    new Watcher({ ...common, name: "a socket that begins anew", skus, resumes: false }),
    new Watcher({ ...common, name: "a socket on one SKU", skus: hot, resumes: false }),
  ];
}
