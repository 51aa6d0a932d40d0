import { ProblemError } from "../../http/problem.ts";
import type { z } from "@hono/zod-openapi";
import type { ReservationView } from "../../protocol/answers.ts";
import type { CommitBody, ReservationBody } from "../../protocol/requests.ts";

/** A reservation as it is answered, with the headers that go with it. */
export interface ReservationAnswer {
  readonly view: z.infer<typeof ReservationView>;
  readonly headers: Record<string, string>;
}

export type HoldBody = z.infer<typeof ReservationBody>;
export type CommitBodyOf = z.infer<typeof CommitBody>;

export function unknownReservation(): ProblemError {
  return new ProblemError("reservation-not-found", { detail: "there is no reservation of this id" });
}

/** The channel of orders that were made here, not on a channel. */
export const directChannel = "direct";

/** The channel of what agents sell. */
export const agentChannel = "agent";
