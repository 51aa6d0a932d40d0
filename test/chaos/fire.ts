import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Service } from "../system/service.ts";
import type { Random } from "../simulation/kernel/random.ts";
import type { Recorder } from "./recorder.ts";

/** How long a service took to be back after it was killed, from the command that started it. */
export interface Recovery {
  /** Until it said `ready`. */
  readonly readyMs: number;
  /** Until the first mutation was acknowledged; undefined: none was, before the next kill. */
  readonly firstAcknowledgedMs: () => number | undefined;
}

/** Ports that no outgoing connection takes by itself, so that nobody sits on ours while the service is down. */
const ports = { least: 20_000, most: 29_999 };

export interface Bounds {
  readonly least: number;
  readonly most: number;
}

/** How long it starts before it is killed already. */
const startingMs = { least: 100, most: 1_200 };

/** Kills the whole process tree of a service at random times, and starts it again on its data. */
export class Fire {
  readonly recoveries: Recovery[] = [];
  /** How many of the kills came before it was ready. */
  killsWhileStarting = 0;
  /** How long it was there for callers, all lives together. */
  servedMs = 0;
  readonly #service: Service;
  readonly #port: number;
  readonly #lifeMs: Bounds;
  readonly #random: Random;
  readonly #recorder: Recorder;
  #readyAtMs = performance.now();

  /** `lifeMs`: how long it lives before it is killed. */
  constructor(service: Service, lifeMs: Bounds, random: Random, recorder: Recorder) {
    this.#service = service;
    this.#lifeMs = lifeMs;
    this.#port = Number(new URL(service.url).port);
    this.#random = random;
    this.#recorder = recorder;
  }

  async killAndRestart(): Promise<void> {
    await sleep(this.#between(this.#lifeMs));
    await this.#kill();
    if (this.#random.chance(0.15)) {
      this.killsWhileStarting += 1;
      const ended = this.#service.start(this.#port).catch(() => undefined);
      await sleep(this.#between(startingMs));
      await this.#service.kill();
      await ended;
    }
    await sleep(this.#between({ least: 0, most: 300 }));
    await this.#start();
  }

  /** Lets it live for once. */
  async lastLife(): Promise<void> {
    await sleep(this.#lifeMs.most);
  }

  /** Its last life ends here, without a kill. */
  end(): void {
    this.servedMs += performance.now() - this.#readyAtMs;
  }

  async #kill(): Promise<void> {
    this.servedMs += performance.now() - this.#readyAtMs;
    await this.#service.kill();
  }

  async #start(): Promise<void> {
    const startedAtMs = performance.now();
    let firstAcknowledgedMs: number | undefined;
    this.#recorder.onAcknowledged = (atMs) => {
      firstAcknowledgedMs ??= atMs - startedAtMs;
    };
    await this.#service.start(this.#port);
    this.#readyAtMs = performance.now();
    const readyMs = this.#readyAtMs - startedAtMs;
    // The rest is known once it has happened.
    this.recoveries.push({ readyMs, firstAcknowledgedMs: () => firstAcknowledgedMs });
  }

  #between({ least, most }: Bounds): number {
    return this.#random.between(least, most);
  }
}

/** A port that nobody listens at. */
export async function freePort(random: Random): Promise<number> {
  for (;;) {
    const port = random.int(ports.least, ports.most);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" });
    socket.once("connect", () => {
      socket.destroy();
      resolve(false);
    });
    socket.once("error", () => resolve(true));
  });
}
