import { ledgerBinding } from "../../../src/ledger/places.ts";
import type { Realm } from "../code/realm.ts";
import type { SimulatedRequest, SimulatedResponse } from "../code/web.ts";
import { Faults } from "../faults/faults.ts";
import { Actor } from "../kernel/actor.ts";
import { Chance } from "../kernel/random.ts";
import { over, settled } from "../kernel/settled.ts";
import { Timeline } from "../kernel/timeline.ts";
import { Trace } from "../kernel/trace.ts";
import { classes, variables } from "./bindings.ts";
import { SimulatedD1 } from "./d1.ts";
import type { Callable, Instance, ObjectRecord } from "./instance.ts";
import { Internet } from "./internet.ts";
import { Network } from "./network.ts";
import { Objects } from "./objects.ts";
import { type Batch, SimulatedQueue } from "./queue.ts";
import { ClientSocket, ServerSocket } from "./sockets.ts";

const wayMs = { typical: 8, longest: 400 };
/** How long it takes to notice that nobody answers. */
const noticeMs = { least: 20, most: 15_000 };

export const adminKey = "swk_admin-of-the-simulation";

/** Where in which file an error came up is of no interest to a story, and differs from machine to machine. */
const stack = /,"stack":"(?:[^"\\]|\\.)*"/g;

export interface CloudSetup {
  readonly realm: Realm;
  readonly seed: string;
  readonly startMs: number;
  /** Whether the story may be asked for. */
  readonly keepsLines: boolean;
  /** Of all faults that chance would make, only these. */
  readonly onlyFaults?: ReadonlySet<string> | undefined;
  readonly observer: Observer;
}

/** Somebody who looks on, and changes nothing. */
export interface Observer {
  /** A turn of an object has become durable. */
  committed(record: ObjectRecord): void;
}

/** A platform that runs the product in virtual time: objects, queue, D1, Worker, sockets, and the world outside. */
export class Cloud {
  readonly timeline: Timeline;
  readonly chance: Chance;
  readonly trace: Trace;
  readonly faults: Faults;
  readonly objects: Objects;
  /** The databases of the ledger: one, or several if chance has it so. */
  readonly ledger: readonly SimulatedD1[];
  readonly internet: Internet;
  readonly queue: SimulatedQueue;
  readonly deadLetters: SimulatedQueue;
  readonly #realm: Realm;
  readonly #network: Network;
  /** Whether it says of itself that one process is all of it, as the embedded service does. */
  readonly #isOneProcess: boolean;
  readonly #workers = new Set<Worker>();

  constructor({ realm, seed, startMs, keepsLines, onlyFaults, observer }: CloudSetup) {
    this.#realm = realm;
    this.timeline = new Timeline(startMs);
    this.chance = new Chance(seed);
    this.trace = new Trace(keepsLines);
    this.faults = new Faults(this.timeline, this.chance, this.trace, onlyFaults);
    const parts = [this.timeline, this.chance, this.trace, this.faults] as const;
    this.objects = new Objects(...parts, {
      construct: (className, context, instance) => this.#construct(className, context, instance),
      committed: (record) => observer.committed(record),
    });
    this.#network = new Network(...parts, this.objects);
    this.#isOneProcess = this.chance.stream("one process").pick([true, false]);
    const shards = this.chance.stream("shards of the ledger").pick([1, 1, 4]);
    this.ledger = ["D1", "D1/1", "D1/2", "D1/3"]
      .slice(0, shards)
      .map((name) => new SimulatedD1(name, this.timeline, this.chance.stream(name), this.faults));
    this.internet = new Internet(this.timeline, this.chance);
    const queueWorld = {
      timeline: this.timeline,
      random: this.chance.stream("queue"),
      faults: this.faults,
      trace: this.trace,
      consume: (batch: Batch, ended: (isOk: boolean) => void) => this.#consume(batch, ended),
    };
    const dead = { name: "stock-events-dead", batchMax: 100, batchTimeoutMs: 5_000, retriesMax: 100 };
    const live = { name: "stock-events", batchMax: 100, batchTimeoutMs: 0, retriesMax: 10 };
    const consumersMax = this.chance.stream("consumers").int(1, 3);
    this.deadLetters = new SimulatedQueue({ ...dead, consumersMax: 1 }, queueWorld);
    this.queue = new SimulatedQueue(
      { ...live, consumersMax },
      { ...queueWorld, deadLetters: this.deadLetters },
    );
    realm.enter({
      nowMs: () => this.timeline.nowMs,
      actor: () => this.#actor(),
      fetch: (actor, request) => this.internet.fetch(actor, request),
      socketPair: () => this.#socketPair(),
      log: (actor, level, text) =>
        this.trace.add(this.timeline.nowMs, "detail", `${actor.name} ${level}: ${text.replace(stack, "")}`),
    });
  }

  /** Somebody outside of the platform. */
  client(name: string): Actor {
    return new Actor(this.timeline, name, this.chance.stream(name));
  }

  /** A request to the Worker. Throws if it, or its answer, is lost. */
  http(caller: Actor, request: SimulatedRequest): Promise<SimulatedResponse> {
    const chance = this.chance.stream(`front of ${caller.name}`);
    const way = () => chance.delay(wayMs.typical, wayMs.longest);
    return caller.ask<SimulatedResponse>((answer) => {
      const giveUp = () =>
        answer.reject(
          new Error("no answer"),
          this.timeline.nowMs + chance.between(noticeMs.least, noticeMs.most),
        );
      if (this.faults.strikes("request-lost", caller.name)) return giveUp();
      this.timeline.after(way(), undefined, () => {
        const worker = this.#begin(`request of ${caller.name}`, giveUp);
        const { fetch } = this.#realm.product.default;
        void settled<unknown>(() => fetch(request as never, this.#env(worker), executionContext() as never), {
          done: (response) =>
            worker.end(() => {
              if (this.faults.strikes("response-lost", caller.name)) {
                abandon(response as SimulatedResponse);
                giveUp();
              } else answer.resolve(response as SimulatedResponse, this.timeline.nowMs + way());
            }),
          failed: () => worker.end(giveUp),
        });
      });
    });
  }

  /** The cron of wrangler.toml. */
  schedule(): void {
    const worker = this.#begin("cron", () => undefined);
    const event = { scheduledTime: Math.floor(this.timeline.nowMs), cron: "" };
    void over(
      () => this.#realm.product.default.scheduled(event as never, this.#env(worker)),
      () => worker.end(() => undefined),
    );
  }

  /** A new version goes live: everything that runs is cut off, and memory is lost everywhere. */
  deploy(forgetsQueue: boolean): void {
    this.trace.add(
      this.timeline.nowMs,
      "story",
      `! everything is restarted${forgetsQueue ? ", and the queue is empty" : ""}`,
    );
    this.faults.lastAtMs = this.timeline.nowMs;
    for (const record of this.objects.records.values()) this.objects.crash(record, "restart");
    if (forgetsQueue) this.queue.forget();
    this.#killWorker();
  }

  /** Looks at the ledger's data, from outside: the rows of all its databases. */
  inLedger(sql: string, ...values: string[]): Record<string, unknown>[] {
    return this.ledger.flatMap((database) => database.query(sql, ...values));
  }

  close(): void {
    this.objects.close();
    for (const database of this.ledger) database.close();
  }

  /** All runs of the Worker share a memory, and end together. */
  #killWorker(): void {
    for (const worker of this.#workers) worker.die();
    this.#realm.forget();
  }

  #consume(batch: Batch, ended: (isOk: boolean) => void): void {
    const worker = this.#begin(`consumer of ${batch.queue}`, () => ended(false));
    void settled(() => this.#realm.product.default.queue(batch as never, this.#env(worker)), {
      done: () => worker.end(() => ended(true)),
      failed: () => worker.end(() => ended(false)),
    });
  }

  /** A run of the Worker; this turn is its first. `died`: it comes to no end. */
  #begin(what: string, died: () => void): Worker {
    const name = `Worker (${what})`;
    const random = this.chance.stream(name);
    const worker = new Worker(this.timeline, name, random, {
      died,
      over: () => this.#workers.delete(worker),
      turn: () => {
        if (this.faults.strikes("worker-dies", name)) this.#killWorker();
        else if (this.faults.strikes("run-cut", name)) worker.die();
      },
    });
    this.#workers.add(worker);
    this.timeline.become(worker);
    return worker;
  }

  #construct(className: string, context: unknown, instance: Instance): Callable {
    const ObjectClass = this.#realm.product[className] as new (ctx: unknown, env: unknown) => Callable;
    return new ObjectClass(context, this.#env(instance));
  }

  #env(caller: Actor): Env {
    const namespaces = classes.map(([binding, name]) => [binding, this.#network.namespace(caller, name)]);
    const env: Record<string, unknown> = {
      ...variables,
      ...Object.fromEntries(namespaces),
      ...Object.fromEntries(
        this.ledger.map((database, shard) => [ledgerBinding(shard), database.for(caller)]),
      ),
      LEDGER_SHARDS: String(this.ledger.length),
      STOCK_EVENTS: this.queue.for(caller),
      ALLOW_PRIVATE_CHANNELS: "true",
      LIVE_FEEDS_PER_REGION: "2",
      ONE_PROCESS: String(this.#isOneProcess),
      ADMIN_RATE_LIMIT: "unlimited",
      KEY_RATE_LIMIT: "unlimited",
      PAGE_RATE_LIMIT: "unlimited",
      ADDRESS_RATE_LIMIT: "unlimited",
      FAILURE_RATE_LIMIT: "unlimited",
      STOCKWIRE_ADMIN_KEY: adminKey,
      STOCKWIRE_SECRETS_KEY: "secret-of-the-simulation",
    };
    return env as unknown as Env;
  }

  #socketPair(): { 0: ClientSocket; 1: ServerSocket } {
    const world = {
      timeline: this.timeline,
      faults: this.faults,
      deliver: (...call: Parameters<Objects["deliver"]>) => this.objects.deliver(...call),
    };
    const client = new ClientSocket(world);
    return { 0: client, 1: new ServerSocket(world, client) };
  }

  #actor(): Actor {
    const actor = this.timeline.current;
    if (actor === undefined) throw new Error("the product runs in nobody's turn");
    return actor;
  }
}

/** A socket that nobody was told of. */
function abandon({ webSocket }: SimulatedResponse): void {
  if (webSocket instanceof ClientSocket) webSocket.abandon();
}

interface WorkerFate {
  /** It comes to no end. */
  died(): void;
  /** Nothing of it goes on. */
  over(): void;
  /** A turn of it ends. */
  turn(): void;
}

/** How long work goes on that a run leaves behind (`waitUntil`). */
const afterlifeMs = 30_000;

/** One run of the Worker. */
class Worker extends Actor {
  readonly #fate: WorkerFate;
  #isAnswered = false;

  constructor(timeline: Timeline, name: string, random: Actor["random"], fate: WorkerFate) {
    super(timeline, name, random);
    this.#fate = fate;
  }

  /** It has done what it was called for; what it waits for besides goes on for a while. */
  end(leave: () => void): void {
    this.emit(() => {
      this.#isAnswered = true;
      leave();
      if (this.waiting === 0) this.#fate.over();
      else this.timeline.after(afterlifeMs, this, () => this.die());
    });
  }

  die(): void {
    if (!this.isAlive) return;
    this.isAlive = false;
    this.#fate.over();
    if (!this.#isAnswered) this.#fate.died();
  }

  protected override settle(): number {
    this.#fate.turn();
    return 0;
  }
}

function executionContext() {
  return {
    waitUntil: (work: Promise<unknown>) =>
      void over(
        () => work,
        () => undefined,
      ),
    passThroughOnException: () => undefined,
  };
}
