import { comparePositions, type Position } from "../../../src/protocol/position.ts";
import type { Cloud } from "../cloud/cloud.ts";
import { type SimulatedRequest, SimulatedResponse } from "../code/web.ts";
import type { Random } from "../kernel/random.ts";
import type { Report } from "../check/violation.ts";

/** What a channel was told of a SKU. */
export interface Told extends Position {
  readonly quantity: number;
}

interface StockMessage {
  readonly data: Told & { readonly sku: string };
}

/** How long a server takes, usually, at the longest, and so long that its caller has given up. */
const answerMs = { typical: 20, longest: 1_000, slow: 30_000 };

/** What a server does about a request besides carrying it out. */
export interface Mood {
  readonly takes: boolean;
  /** Undefined: no answer at all. */
  readonly status: number | undefined;
  readonly retryAfterSeconds?: number;
  readonly afterMs: number;
}

/** How a channel's server feels about the next request. */
export function moodOf({ faults }: Cloud, name: string, random: Random): Mood {
  const afterMs = random.delay(answerMs.typical, answerMs.longest);
  if (faults.strikes("channel-throttles", name)) {
    return { takes: false, status: 429, retryAfterSeconds: random.int(1, 60), afterMs };
  }
  if (faults.strikes("channel-fails", name)) return { takes: false, status: 500, afterMs };
  if (faults.strikes("channel-rejects", name)) return { takes: false, status: 422, afterMs };
  if (faults.strikes("channel-unsure", name)) {
    return { takes: true, status: random.chance(0.5) ? 502 : undefined, afterMs };
  }
  return {
    takes: true,
    status: 200,
    afterMs: afterMs + faults.slowness("channel-slow", name, answerMs.slow),
  };
}

export function answerWith({ status, retryAfterSeconds, afterMs }: Mood, body: unknown) {
  if (status === undefined) return undefined;
  const headers = retryAfterSeconds === undefined ? {} : { "retry-after": String(retryAfterSeconds) };
  const response =
    status === 200
      ? SimulatedResponse.json(body)
      : new SimulatedResponse("in a bad mood", { status, headers });
  return { response, afterMs };
}

/** A channel that is told by webhooks, and does nothing else. */
export class Receiver {
  readonly shows = new Map<string, Told>();
  readonly #id: string;
  readonly #cloud: Cloud;
  readonly #random: Random;
  readonly #report: Report;

  constructor(id: string, cloud: Cloud, report: Report) {
    this.#id = id;
    this.#cloud = cloud;
    this.#random = cloud.chance.stream(`receiver ${id}`);
    this.#report = report;
    cloud.internet.serve(`${id}.example`, (request) => this.#serve(request));
  }

  #serve(request: SimulatedRequest) {
    const mood = moodOf(this.#cloud, this.#id, this.#random);
    const parsed = JSON.parse(new TextDecoder().decode(request.body?.bytes)) as StockMessage | StockMessage[];
    for (const { data } of Array.isArray(parsed) ? parsed : [parsed]) this.#hear(data, mood.takes);
    return answerWith(mood, {});
  }

  #hear({ sku, epoch, version, quantity }: StockMessage["data"], takes: boolean): void {
    const told = { epoch, version, quantity };
    const { nowMs } = this.#cloud.timeline;
    this.#cloud.trace.add(
      nowMs,
      "story",
      `${this.#id} is told ${quantity} of ${sku} at ${epoch}.${version}${takes ? "" : ", in vain"}`,
    );
    const before = this.shows.get(sku);
    if (before !== undefined && comparePositions(told, before) < 0) {
      this.#report(
        "a channel is never told an older number",
        `${this.#id} is told ${sku} at ${epoch}.${version} after ${before.epoch}.${before.version}`,
      );
    }
    if (takes) this.shows.set(sku, told);
  }
}
