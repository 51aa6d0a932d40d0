import type { Actor } from "../kernel/actor.ts";
import type { Chance } from "../kernel/random.ts";
import { settled } from "../kernel/settled.ts";
import type { Timeline } from "../kernel/timeline.ts";
import type { Trace } from "../kernel/trace.ts";
import type { Faults } from "../faults/faults.ts";
import { cloned } from "./clone.ts";
import type { Instance } from "./instance.ts";
import type { Objects } from "./objects.ts";
import { SimulatedRequest, SimulatedResponse } from "../code/web.ts";

/** One way between two objects: usually, at the longest, and in bad times. */
const wayMs = { typical: 1, longest: 60, slow: 40_000 };
/** How long it takes to notice that nobody answers. */
const noticeMs = { least: 5, most: 2_000 };

/** Calls from anybody to objects. Each is on its way by itself: nothing keeps two calls in order. */
export class Network {
  readonly #timeline: Timeline;
  readonly #trace: Trace;
  readonly #faults: Faults;
  readonly #chance: Chance;
  readonly #objects: Objects;

  constructor(timeline: Timeline, chance: Chance, trace: Trace, faults: Faults, objects: Objects) {
    this.#timeline = timeline;
    this.#chance = chance;
    this.#trace = trace;
    this.#faults = faults;
    this.#objects = objects;
  }

  /** The binding of a class of objects, for one caller. */
  namespace(caller: Actor, className: string) {
    return { getByName: (name: string) => this.#stub(caller, className, name) };
  }

  #stub(caller: Actor, className: string, name: string): object {
    return new Proxy(
      {},
      {
        get: (_, method) =>
          typeof method === "string" && method !== "then"
            ? (...args: unknown[]) => this.#call(caller, className, name, method, args)
            : undefined,
      },
    );
  }

  #call(caller: Actor, className: string, name: string, method: string, args: unknown[]): Promise<unknown> {
    const sent = method === "fetch" ? [toRequest(args)] : args.map(cloned);
    const link = `${className} ${name}`;
    const chance = this.#chance.stream(`way to ${link}`);
    return caller.ask<unknown>((answer) => {
      const what = `${method} of ${link}`;
      const givenUpAtMs = () => this.#timeline.nowMs + chance.between(noticeMs.least, noticeMs.most);
      if (this.#faults.strikes("call-lost", link)) {
        return answer.reject(lost(`the call ${what} was lost`), givenUpAtMs());
      }
      const thereMs = this.#way(chance, link);
      this.#timeline.after(thereMs, undefined, () => {
        this.#trace.add(this.#timeline.nowMs, "detail", `${caller.name} -> ${what}`);
        const fail = (error: Error) => answer.reject(error, givenUpAtMs());
        const finish = (settle: (atMs: number) => void) => {
          if (this.#faults.strikes("answer-lost", link)) fail(lost(`the answer of ${what} was lost`));
          else settle(this.#timeline.nowMs + this.#way(chance, link));
        };
        this.#objects.deliver(
          this.#objects.record(className, name),
          (instance) => {
            run(instance, method, sent, {
              done: (value) => finish((atMs) => answer.resolve(value, atMs)),
              failed: (error) => finish((atMs) => answer.reject(error, atMs)),
              died: fail,
            });
          },
          fail,
        );
      });
    });
  }

  #way(chance: { delay(typicalMs: number, longestMs: number): number }, link: string): number {
    return chance.delay(wayMs.typical, wayMs.longest) + this.#faults.slowness("call-slow", link, wayMs.slow);
  }
}

interface Outcome {
  done(value: unknown): void;
  failed(error: Error): void;
  died(error: Error): void;
}

function run(instance: Instance, method: string, args: unknown[], outcome: Outcome): void {
  const pending = { fail: (error: Error) => outcome.died(error) };
  instance.pending.add(pending);
  const leave = (answer: () => void) =>
    instance.emit(() => {
      instance.pending.delete(pending);
      answer();
    });
  const { object } = instance;
  const call = object[method];
  if (call === undefined) throw new Error(`${instance.name} has no method ${method}`);
  void settled(() => Reflect.apply(call, object, args), {
    done: (value: unknown) => {
      const copy = value instanceof SimulatedResponse ? value : cloned(value);
      leave(() => outcome.done(copy));
    },
    failed: (error) => leave(() => outcome.failed(remote(error))),
  });
}

function toRequest([from, settings]: unknown[]): SimulatedRequest {
  if (from instanceof SimulatedRequest && settings === undefined) return from;
  return new SimulatedRequest(from as string, settings as { headers?: Record<string, string> });
}

/** An error of the platform's: the caller may try again. */
function lost(text: string): Error {
  return Object.assign(new Error(text), { retryable: true });
}

/** An error that a method threw, as its caller sees it. */
function remote({ message }: Error): Error {
  return Object.assign(new Error(message), { remote: true });
}
