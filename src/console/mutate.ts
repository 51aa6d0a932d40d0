import { ask, type Request } from "./api.ts";
import { ApiError } from "./api-error.ts";
import type { Attempt } from "./attempt.ts";

/** How long to wait before each further try of a request that nobody answered, in ms. */
const pausesMs = [300, 1_000];

export interface Mutation extends Pick<Request, "method" | "body"> {
  readonly path: string;
  /** ETag that the SKU must have, or `*`. */
  readonly ifMatch?: string;
}

/** Sends a mutation. What was not answered is tried again under the same key, so that it is done once. Throws `ApiError`. */
export async function mutate<Answer>(mutation: Mutation, attempt: Attempt): Promise<Answer> {
  const { path, method = "POST", body, ifMatch } = mutation;
  const key = attempt.keyFor(JSON.stringify([method, path, body, ifMatch]));
  const headers = { "idempotency-key": key, ...(ifMatch !== undefined && { "if-match": ifMatch }) };
  const request = { method, headers, ...(body !== undefined && { body }) };
  for (let tries = 0; ; tries += 1) {
    try {
      const answer = await ask<Answer>(path, request);
      attempt.answered();
      return answer;
    } catch (error) {
      const isPassing = error instanceof ApiError && error.isPassing;
      if (!isPassing) attempt.answered();
      const pauseMs = pausesMs[tries];
      if (!isPassing || pauseMs === undefined) throw error;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
}
