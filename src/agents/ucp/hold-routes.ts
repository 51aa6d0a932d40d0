import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { agentChannel, type ReservationAnswer } from "../../api/reservations/answer.ts";
import { commitFor, extendFor, holdFor, readFor, releaseFor } from "../../api/reservations/reservations.ts";
import type { AppEnv } from "../../http/app-env.ts";
import { idempotencyOf } from "../../http/idempotency.ts";
import { idempotencyHeader, jsonAnswer, jsonBody, newRouter, problems } from "../../http/openapi.ts";
import { ProblemError } from "../../http/problem.ts";
import { publicOrigin } from "../../http/public-url.ts";
import { errorAnswer } from "./catalog.ts";
import { holdsEnvelope, UcpAnswer } from "./envelope.ts";
import { outcomeMessages } from "./errors.ts";
import {
  holdAnswer,
  HoldCommit,
  HoldCreate,
  HoldExtend,
  HoldRelease,
  toCommitLines,
  toHoldBody,
} from "./holds.ts";
import { endpointPath, ownNames } from "./names.ts";

/** Holds, as a capability of our own beside UCP's: see docs/commerce-protocols.md. */
export const holds = newRouter();

const path = `${endpointPath}/holds`;
const common = { tags: ["Agents"] };
const idPath = z.object({
  id: z
    .string()
    .min(1)
    .max(1_000)
    .meta({ description: "The hold's id", example: "rsv_VEVFLUJMSy1N.2.7f9c2ba4" }),
});
const held = { 200: jsonAnswer("The hold, or why it cannot be", UcpAnswer), ...problems(409) };

holds.openapi(
  createRoute({
    ...common,
    method: "post",
    path,
    summary: "UCP: hold units for a buyer",
    ...idempotencyHeader,
    request: jsonBody(HoldCreate),
    responses: { 201: jsonAnswer("Held until expires_at", UcpAnswer), ...held },
  }),
  async (c) => {
    const body = c.req.valid("json");
    const idempotency = await idempotencyOf(c, body);
    const skus = body.line_items.map(({ item }) => item.id);
    return answered(c, 201, () => holdFor(c, toHoldBody(body), idempotency), skus);
  },
);

holds.openapi(
  createRoute({
    ...common,
    method: "get",
    path: `${path}/{id}`,
    summary: "UCP: read a hold",
    request: { params: idPath },
    responses: held,
  }),
  async (c) => answered(c, 200, () => readFor(c, c.req.valid("param").id)),
);

holds.openapi(
  createRoute({
    ...common,
    method: "post",
    path: `${path}/{id}/extend`,
    summary: "UCP: hold longer",
    ...idempotencyHeader,
    request: { params: idPath, ...jsonBody(HoldExtend) },
    responses: held,
  }),
  async (c) => {
    const { id } = c.req.valid("param");
    const body = c.req.valid("json");
    const idempotency = await idempotencyOf(c, body);
    return answered(c, 200, async () => {
      const extended = await extendFor(c, id, body.expires_in_seconds, idempotency);
      // An extension is answered without lines: they are as they were.
      const { view } = extended.view.lines.length > 0 ? extended : await readFor(c, id);
      return { ...extended, view: { ...extended.view, lines: view.lines } };
    });
  },
);

holds.openapi(
  createRoute({
    ...common,
    method: "post",
    path: `${path}/{id}/commit`,
    summary: "UCP: turn a hold into an order",
    ...idempotencyHeader,
    request: { params: idPath, ...jsonBody(HoldCommit) },
    responses: held,
  }),
  async (c) => {
    const { id } = c.req.valid("param");
    const body = c.req.valid("json");
    const idempotency = await idempotencyOf(c, body);
    const order = { channel: agentChannel, lines: toCommitLines(body) };
    return answered(c, 200, () => commitFor(c, id, order, idempotency));
  },
);

holds.openapi(
  createRoute({
    ...common,
    method: "post",
    path: `${path}/{id}/release`,
    summary: "UCP: give a hold back",
    ...idempotencyHeader,
    request: { params: idPath, ...jsonBody(HoldRelease) },
    responses: held,
  }),
  async (c) => {
    const { id } = c.req.valid("param");
    const idempotency = await idempotencyOf(c, c.req.valid("json"));
    return answered(c, 200, () => releaseFor(c, id, idempotency));
  },
);

/** The hold that `run` leads to, or why it cannot be; what is no outcome but an error of the protocol is thrown. */
async function answered<Status extends 200 | 201>(
  c: Context<AppEnv>,
  status: Status,
  run: () => Promise<ReservationAnswer>,
  skus: readonly string[] = [],
) {
  const names = ownNames(publicOrigin(c));
  try {
    const answer = await run();
    return c.json(holdAnswer(answer, names), status, answer.headers);
  } catch (error) {
    const messages = error instanceof ProblemError ? outcomeMessages(error, skus, names) : undefined;
    if (messages === undefined || !(error instanceof ProblemError)) throw error;
    return c.json(errorAnswer(holdsEnvelope(names, "error"), messages), 200, { ...error.headers });
  }
}
