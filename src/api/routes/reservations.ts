import { createRoute, z } from "@hono/zod-openapi";
import { ReservationView } from "../../protocol/answers.ts";
import { CommitBody, ExtendBody, ReservationBody } from "../../protocol/requests.ts";
import { idempotencyOf } from "../../http/idempotency.ts";
import {
  idempotencyHeader,
  ifMatchHeader,
  jsonAnswer,
  jsonBody,
  newRouter,
  problems,
} from "../../http/openapi.ts";
import { commitFor, extendFor, holdFor, readFor, releaseFor } from "../reservations/reservations.ts";

export const reservations = newRouter();

const tags = ["Reservations"];
const idPath = z.object({
  id: z
    .string()
    .min(1)
    .max(1_000)
    .meta({ description: "Reservation id", example: "rsv_VEVFLUJMSy1N.2.7f9c2ba4" }),
});

reservations.openapi(
  createRoute({
    method: "post",
    path: "/v1/reservations",
    tags,
    summary: "Hold stock for a buyer: all lines or none",
    description:
      "Several SKUs, or a kit, are held in the order of their names. If the service dies while it does so, what it " +
      "holds is free again after 10 s.",
    ...ifMatchHeader,
    request: jsonBody(ReservationBody),
    responses: {
      201: jsonAnswer("Held until expiresAt", ReservationView),
      ...problems(404, 409, 410, 412, 422),
    },
  }),
  async (c) => {
    const body = c.req.valid("json");
    const idempotency = await idempotencyOf(c, body);
    const answer = await holdFor(c, body, idempotency);
    return c.json(answer.view, 201, answer.headers);
  },
);

reservations.openapi(
  createRoute({
    method: "get",
    path: "/v1/reservations/{id}",
    tags,
    summary: "Read a reservation",
    request: { params: idPath },
    responses: { 200: jsonAnswer("Its state and lines", ReservationView), ...problems(404) },
  }),
  async (c) => {
    const { id } = c.req.valid("param");
    const answer = await readFor(c, id);
    return c.json(answer.view, 200, answer.headers);
  },
);

reservations.openapi(
  createRoute({
    method: "post",
    path: "/v1/reservations/{id}/commit",
    tags,
    summary: "Turn a reservation into an order",
    description: "With `lines`, only that much; what is left of the reservation is given back.",
    ...idempotencyHeader,
    request: { params: idPath, ...jsonBody(CommitBody) },
    responses: { 200: jsonAnswer("Committed", ReservationView), ...problems(404, 409, 410, 422) },
  }),
  async (c) => {
    const { id } = c.req.valid("param");
    const body = c.req.valid("json");
    const idempotency = await idempotencyOf(c, body);
    const answer = await commitFor(c, id, body, idempotency);
    return c.json(answer.view, 200, answer.headers);
  },
);

reservations.openapi(
  createRoute({
    method: "post",
    path: "/v1/reservations/{id}/extend",
    tags,
    summary: "Hold longer: ttlSeconds from now",
    ...idempotencyHeader,
    request: { params: idPath, ...jsonBody(ExtendBody) },
    responses: { 200: jsonAnswer("Extended", ReservationView), ...problems(404, 409, 410, 422) },
  }),
  async (c) => {
    const { id } = c.req.valid("param");
    const body = c.req.valid("json");
    const idempotency = await idempotencyOf(c, body);
    const answer = await extendFor(c, id, body.ttlSeconds, idempotency);
    return c.json(answer.view, 200, answer.headers);
  },
);

reservations.openapi(
  createRoute({
    method: "delete",
    path: "/v1/reservations/{id}",
    tags,
    summary: "Give a reservation back",
    ...idempotencyHeader,
    request: { params: idPath },
    responses: { 200: jsonAnswer("Released", ReservationView), ...problems(404, 409, 410, 422) },
  }),
  async (c) => {
    const { id } = c.req.valid("param");
    const idempotency = await idempotencyOf(c, {});
    const answer = await releaseFor(c, id, idempotency);
    return c.json(answer.view, 200, answer.headers);
  },
);
