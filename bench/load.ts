import { Agent, request } from "node:http";
import { type Spread, spreadOf } from "../src/cli/percentiles.ts";

/** One request of a load. */
export interface Call {
  readonly method: "GET" | "POST" | "PUT";
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What came of a load. */
export interface Load {
  readonly calls: number;
  readonly perSecond: number;
  readonly latency: Spread;
  /** How many answers had each status; 0 counts connections that broke. */
  readonly statuses: Readonly<Record<number, number>>;
}

export interface LoadOptions {
  readonly connections: number;
  /** How long new calls are begun. */
  readonly seconds?: number;
  /** How many calls are made, if it is not time that ends it. */
  readonly calls?: number;
  /** The rate that calls keep to, in all, if it is not as fast as they are answered. */
  readonly perSecond?: number;
  /** Told of every answer, and when its call was sent, on the clock of `performance.now()`. */
  readonly answered?: (call: Call, answer: Answer, sentAtMs: number) => void;
}

export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** Closed loop: each connection makes its next call when the one before is answered. `callOf` is asked for each in turn. */
export async function load(
  url: string,
  callOf: (index: number) => Call,
  { connections, seconds, calls, perSecond, answered }: LoadOptions,
): Promise<Load> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const startMs = performance.now();
  const untilMs = seconds === undefined ? Number.POSITIVE_INFINITY : startMs + seconds * 1_000;
  const callsMax = calls ?? Number.POSITIVE_INFINITY;
  const latenciesMs: number[] = [];
  const statuses: Record<number, number> = {};
  let begun = 0;
  const connection = async () => {
    while (begun < callsMax && performance.now() < untilMs) {
      const index = begun;
      begun += 1;
      if (perSecond !== undefined) await sleepUntil(startMs + (index * 1_000) / perSecond);
      const call = callOf(index);
      const sentAtMs = performance.now();
      const answer = await ask(agent, url, call);
      latenciesMs.push(performance.now() - sentAtMs);
      statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
      answered?.(call, answer, sentAtMs);
    }
  };
  await Promise.all(Array.from({ length: connections }, connection));
  agent.destroy();
  const tookSeconds = (performance.now() - startMs) / 1_000;
  return {
    calls: latenciesMs.length,
    perSecond: latenciesMs.length / tookSeconds,
    latency: spreadOf(latenciesMs),
    statuses,
  };
}

/** One call and its answer; status 0 if the connection broke. */
export function ask(agent: Agent, url: string, { method, path, headers, body }: Call): Promise<Answer> {
  return new Promise((resolve) => {
    const broken = () => resolve({ status: 0, body: "", headers: {} });
    const outgoing = request(
      url + path,
      {
        method,
        agent,
        headers: { ...headers, ...(body !== undefined && { "content-type": "application/json" }) },
      },
      (incoming) => {
        let text = "";
        incoming.setEncoding("utf8");
        incoming.on("data", (chunk: string) => (text += chunk));
        incoming.on("end", () =>
          resolve({ status: incoming.statusCode ?? 0, body: text, headers: incoming.headers }),
        );
        incoming.on("error", broken);
      },
    );
    outgoing.on("error", broken);
    outgoing.end(body);
  });
}

async function sleepUntil(atMs: number): Promise<void> {
  const waitMs = atMs - performance.now();
  if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
}
