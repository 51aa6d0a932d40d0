import type { SimulatedRequest, SimulatedResponse } from "../code/web.ts";
import type { Actor } from "../kernel/actor.ts";
import type { Chance } from "../kernel/random.ts";
import type { Timeline } from "../kernel/timeline.ts";

const wayMs = { typical: 15, longest: 600 };

/** A server somewhere: what it answers, and how long it takes to. Undefined: it never does. */
export type Server = (
  request: SimulatedRequest,
) => { response: SimulatedResponse; afterMs: number } | undefined;

/** Servers that the service calls, by host. */
export class Internet {
  readonly #timeline: Timeline;
  readonly #chance: Chance;
  readonly #servers = new Map<string, Server>();

  constructor(timeline: Timeline, chance: Chance) {
    this.#timeline = timeline;
    this.#chance = chance;
  }

  serve(host: string, server: Server): void {
    this.#servers.set(host, server);
  }

  /** A request never arrives if it is given up before, or if its sender dies: the connection breaks. */
  fetch(caller: Actor, request: SimulatedRequest): Promise<SimulatedResponse> {
    const { host } = new URL(request.url);
    const chance = this.#chance.stream(`way to ${host}`);
    return caller.ask<SimulatedResponse>((answer) => {
      const { signal } = request;
      signal?.addEventListener("abort", () => {
        const reason: unknown = signal.reason;
        answer.reject(reason instanceof Error ? reason : new Error("aborted"), this.#timeline.nowMs);
      });
      this.#timeline.after(chance.delay(wayMs.typical, wayMs.longest), undefined, () => {
        if (signal?.aborted === true || !caller.isAlive) return;
        const server = this.#servers.get(host);
        const atMs = () => this.#timeline.nowMs + chance.delay(wayMs.typical, wayMs.longest);
        if (server === undefined) return answer.reject(new Error(`nobody serves ${host}`), atMs());
        const answered = server(request);
        if (answered !== undefined) answer.resolve(answered.response, atMs() + answered.afterMs);
      });
    });
  }
}
