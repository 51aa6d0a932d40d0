import { StockwireClient } from "../client/index.ts";
import type { RunningService } from "./with-service.ts";

/** How patient the tools are: they load a service as much as it bears, and its answers may take their time. */
const patience = { attemptTimeoutMs: 60_000, deadlineMs: 240_000, backoff: { baseMs: 100, maxMs: 3_000 } };

/** Sends requests for a tool and counts them, every attempt. */
export class RequestCount {
  #sent = 0;

  get sent(): number {
    return this.#sent;
  }

  readonly fetch = (url: string, init: RequestInit): Promise<Response> => {
    this.#sent += 1;
    return fetch(url, init);
  };
}

export function toolClient({ url, key }: RunningService, count = new RequestCount()): StockwireClient {
  return new StockwireClient({ url, key, fetch: count.fetch, ...patience });
}

/** When something was asked and when its answer was there, on the clock of `performance.now()`. */
export interface Timed<Body> {
  readonly body: Body;
  readonly sentAtMs: number;
  readonly answeredAtMs: number;
}

export async function timed<Body>(call: () => Promise<Body>): Promise<Timed<Body>> {
  const sentAtMs = performance.now();
  const body = await call();
  return { body, sentAtMs, answeredAtMs: performance.now() };
}
