import { StockwireError, UnauthorizedError } from "../client/errors.ts";
import type { Query } from "../client/path.ts";
import { Transport } from "../client/transport.ts";
import type { Attempt } from "./attempt.ts";
import { session, signOut } from "./session.ts";

export { path } from "../client/path.ts";

/** People wait for it: what is not answered until then is told as a failure, with a way to try again. */
const deadlineMs = 10_000;

export interface Request {
  readonly method?: "GET" | "PUT" | "POST" | "DELETE";
  readonly body?: object;
  /** Query of the address; what is undefined or empty is left out. */
  readonly query?: Query;
  readonly signal?: AbortSignal | undefined;
  /** Another key than the session's, to try it. */
  readonly key?: string;
}

/**
 * Sends a request with the session's key and answers its body. What is not answered is sent again, but for what would do
 * something twice. Throws `StockwireError`; a refused key ends the session.
 */
export async function ask<Answer>(address: string, request: Request = {}): Promise<Answer> {
  const { method = "GET", body, query = {}, signal, key } = request;
  const repeat = method === "POST" ? "once" : "harmless";
  const sent = { method, path: address, query: filled(query), body, repeat } as const;
  return watched(key === undefined, async () => {
    const { body: answer } = await transport(key).send<Answer>(sent, { signal });
    return answer;
  });
}

export interface Mutation extends Pick<Request, "method" | "body"> {
  readonly path: string;
  /** ETag that the SKU must have, or `*`. */
  readonly ifMatch?: string;
}

/** Sends a mutation until it is answered, each time under the attempt's key, so that it is done once. Throws as `ask`. */
export async function mutate<Answer>(mutation: Mutation, attempt: Attempt): Promise<Answer> {
  const { path: address, method = "POST", body, ifMatch } = mutation;
  const idempotencyKey = attempt.keyFor(JSON.stringify([method, address, body, ifMatch]));
  try {
    const answer = await watched(true, () =>
      transport().mutate<Answer>({ method, path: address, body }, { idempotencyKey, ifMatch }),
    );
    attempt.answered();
    return answer.body;
  } catch (error) {
    if (!(error instanceof StockwireError && error.retryable)) attempt.answered();
    throw error;
  }
}

function transport(key = session.value?.key): Transport {
  return new Transport({ url: location.origin, key, fetch: uncached, deadlineMs });
}

/** What the browser has kept is never what people want to see here. */
function uncached(url: string, init: RequestInit): Promise<Response> {
  return fetch(url, { ...init, cache: "no-store" });
}

async function watched<Answer>(isSession: boolean, send: () => Promise<Answer>): Promise<Answer> {
  const asked = session.value;
  try {
    return await send();
  } catch (error) {
    const isOver = isSession && error instanceof UnauthorizedError && asked === session.value;
    if (isOver) signOut(error.problem?.detail);
    throw error;
  }
}

function filled(query: Query): Query {
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== ""));
}
