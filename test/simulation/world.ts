import { adminKey, Cloud } from "./cloud/cloud.ts";
import type { Realm } from "./code/realm.ts";
import { SimulatedRequest } from "./code/web.ts";
import { Answers } from "./check/answers.ts";
import { Books } from "./check/books.ts";
import { checkCarts } from "./check/carts.ts";
import { checkConvergence, checkKits } from "./check/convergence.ts";
import { checkLeftovers } from "./check/leftovers.ts";
import { Hearing } from "./check/hearing.ts";
import { checkOrders } from "./check/orders.ts";
import { checkQuiet } from "./check/quiet.ts";
import { Watching } from "./check/watching.ts";
import type { Rule, Violation } from "./check/violation.ts";
import type { Actor } from "./kernel/actor.ts";
import type { Line } from "./kernel/trace.ts";
import { Callers } from "./load/callers.ts";
import { History } from "./load/history.ts";
import { Watchers } from "./load/watchers.ts";
import type { Plan } from "./load/plan.ts";
import { openingMs } from "./load/planner.ts";
import type { Blow, Step } from "./load/steps.ts";
import { Shops } from "./market/shops.ts";

const hourMs = 3_600_000;
export const startMs = Date.parse("2026-11-02T00:00:00Z");
/** How long everything has to become quiet after the last step. */
const quietMs = 4 * hourMs;
/** Ten times as many turns as the busiest of forty days had: whoever needs more goes round in circles. */
const turnsMax = 600_000;

export interface RunOptions {
  readonly realm: Realm;
  readonly plan: Plan;
  readonly keepsLines?: boolean;
  readonly onlyFaults?: ReadonlySet<string> | undefined;
}

export interface RunResult {
  readonly violation: Violation | undefined;
  readonly digest: string;
  readonly lines: readonly Line[];
  readonly faults: readonly string[];
  readonly turns: number;
  readonly steps: number;
}

/** Runs a plan in a world of its own, until all is quiet or a promise is broken. Call it from a macrotask. */
export function runPlan(options: RunOptions): RunResult {
  const world = new World(options);
  try {
    return world.run();
  } finally {
    world.close();
  }
}

class World {
  readonly #plan: Plan;
  readonly #cloud: Cloud;
  readonly #books: Books;
  readonly #history = new History();
  readonly #callers: Callers;
  readonly #watchers: Watchers;
  readonly #shops: Shops;
  #violation: Violation | undefined;

  constructor({ realm, plan, keepsLines = false, onlyFaults }: RunOptions) {
    this.#plan = plan;
    const report = (rule: Rule, detail: string) => this.#report(rule, detail);
    const nowMs = () => this.#cloud.timeline.nowMs;
    this.#books = new Books(report, nowMs, (text) => this.#cloud.trace.add(nowMs(), "story", text));
    this.#cloud = new Cloud({
      realm,
      seed: plan.seed,
      startMs,
      keepsLines,
      onlyFaults,
      observer: {
        committed: (record) => {
          if (record.className === "SkuObject") this.#books.read(record);
        },
      },
    });
    const lastFaultAtMs = () => this.#cloud.faults.lastAtMs;
    this.#callers = new Callers(
      this.#cloud,
      this.#history,
      new Answers(this.#books, this.#history, report, lastFaultAtMs),
    );
    const watching = new Watching(this.#books, report, nowMs, lastFaultAtMs);
    this.#watchers = new Watchers(this.#cloud, watching, new Hearing(this.#cloud.ledger, report));
    this.#shops = new Shops(plan.shops, this.#cloud, this.#books, report);
  }

  run(): RunResult {
    const { timeline, faults, trace } = this.#cloud;
    const report = (rule: Rule, detail: string) => this.#report(rule, detail);
    const endMs = startMs + openingMs + this.#plan.hours * hourMs;
    this.#connect();
    for (const step of this.#plan.steps) {
      const caller = this.#cloud.client(`step ${step.id}`);
      timeline.at(startMs + step.atMs, caller, () => this.#begin(step, caller));
    }
    for (const weather of this.#plan.weather) {
      const untilMs = Math.min(endMs, startMs + weather.untilMs);
      faults.expect({ ...weather, fromMs: startMs + weather.fromMs, untilMs });
    }
    for (const blow of this.#plan.blows)
      timeline.at(startMs + blow.atMs, undefined, () => this.#strike(blow));
    for (let hour = 0; hour < this.#plan.hours + 4; hour += 1) {
      const atMs = startMs + hour * hourMs;
      timeline.at(atMs + 6 * 60_000, undefined, () =>
        checkQuiet(this.#cloud, this.#books, this.#shops, report),
      );
      timeline.at(atMs + 7 * 60_000, undefined, () => this.#cloud.schedule());
    }
    timeline.at(endMs + 60_000, undefined, () => this.#takeCare());
    const last = this.#cloud.client("last watcher");
    const all = [...this.#plan.skus, ...this.#plan.kits.keys()];
    timeline.at(endMs + hourMs, last, () => void this.#watchers.watch(last, all, 5 * 60_000));
    timeline.run(endMs + quietMs, () => {
      if (timeline.turns > turnsMax)
        report("the service comes to rest", `${turnsMax} turns, and no end of it`);
      return this.#violation !== undefined;
    });
    if (this.#violation === undefined) this.#check();
    return {
      violation: this.#violation,
      digest: trace.digest(),
      lines: trace.lines,
      faults: faults.injected.map(({ id }) => id),
      turns: timeline.turns,
      steps: this.#history.deeds.size,
    };
  }

  close(): void {
    this.#cloud.close();
  }

  #connect(): void {
    for (const plan of this.#shops.plans) {
      this.#manage("PUT", `/v1/channels/${plan.id}`, this.#shops.configOf(plan));
    }
  }

  #begin(step: Step, caller: Actor): void {
    const { id, action } = step;
    switch (action.type) {
      case "sale":
      case "sale-change":
      case "edit":
        return this.#shops.act(id, action);
      case "watch":
        return void this.#watchers.watch(caller, action.skus, action.forMs);
      case "listen":
        return void this.#watchers.listen(caller, action.forMs);
      default:
        void this.#callers.perform(caller, step);
    }
  }

  /** What a person does when the trouble is over: what was refused is tried again. */
  #takeCare(): void {
    for (const { id } of this.#shops.plans) {
      this.#manage("POST", `/v1/channels/${id}/resume`);
      this.#manage("POST", `/v1/channels/${id}/retry`);
    }
  }

  #manage(method: string, path: string, body?: object): void {
    const person = this.#cloud.client(`${method} ${path}`);
    const request = new SimulatedRequest(`http://stockwire${path}`, {
      method,
      headers: { authorization: `Bearer ${adminKey}`, ...(body && { "content-type": "application/json" }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    this.#cloud.timeline.at(this.#cloud.timeline.nowMs, person, () => void this.#send(person, request));
  }

  async #send(person: Actor, request: SimulatedRequest): Promise<void> {
    const what = `${request.method} ${request.url}`;
    try {
      const response = await this.#cloud.http(person, request);
      if (response.status < 300) return;
      this.#report("nothing fails without a cause", `${what} is answered ${await response.text()}`);
    } catch (error) {
      this.#report("nothing fails without a cause", `${what}: ${String(error)}`);
    }
  }

  #strike(blow: Blow): void {
    if (blow.type === "restart") return this.#cloud.deploy(blow.forgetsQueue);
    const records = this.#cloud.objects.of(blow.className).filter(({ instance }) => instance !== undefined);
    const record = records[blow.which % Math.max(1, records.length)];
    if (record === undefined) return;
    if (blow.type === "crash") this.#cloud.objects.crash(record, "a blow");
    else if (record.instance?.isIdle === true) this.#cloud.objects.evict(record);
  }

  #check(): void {
    const report = (rule: Rule, detail: string) => this.#report(rule, detail);
    checkConvergence(this.#cloud, this.#books, this.#shops, report);
    checkKits(this.#plan.kits, this.#books, report);
    checkCarts(this.#cloud, this.#books, report);
    checkLeftovers(this.#cloud, this.#books, report);
    checkOrders(this.#cloud, this.#books, this.#shops.selling, this.#plan.kits, this.#history, report);
  }

  /** The first broken promise counts. */
  #report(rule: Rule, detail: string): void {
    this.#violation ??= { rule, detail, atMs: this.#cloud.timeline.nowMs };
  }
}
