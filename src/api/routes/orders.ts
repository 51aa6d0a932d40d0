import { createRoute, z } from "@hono/zod-openapi";
import { orderObjectName } from "../../order/address.ts";
import type { ChangeResult } from "../../order/contract.ts";
import { OrderAnswer, OrderChangeAnswer, OrderChangeWaiting } from "../../protocol/answers.ts";
import { ChannelId, KnownId } from "../../protocol/primitives.ts";
import { OrderBody, OrderChangeBody, OrderReturnBody } from "../../protocol/requests.ts";
import { unreachable } from "../../stock/refusal.ts";
import { idempotencyOf } from "../../http/idempotency.ts";
import { idempotencyHeader, jsonAnswer, jsonBody, newRouter, problems } from "../../http/openapi.ts";
import { toChangeLine, toLine } from "../order-line.ts";
import { unchangedProblem } from "../order-refusal.ts";
import { refuseIfMatch } from "../../http/precondition.ts";
import { ProblemError, replayHeaders } from "../../http/problem.ts";

export const orders = newRouter();

const tags = ["Orders"];
const orderPath = z.object({
  channel: ChannelId,
  orderId: KnownId.meta({ description: "The order's number on its channel", example: "1001" }),
});

orders.openapi(
  createRoute({
    method: "post",
    path: "/v1/orders",
    tags,
    summary: "Record an order that was made on a channel",
    description:
      "A fact: it is recorded even if it takes more than there is, and then says `oversold`. Each line is known by " +
      "(channel, orderId, lineId), so telling an order again changes nothing; an Idempotency-Key is not needed.",
    request: jsonBody(OrderBody),
    responses: { 201: jsonAnswer("Recorded, line by line", OrderAnswer), ...problems(409) },
  }),
  async (c) => {
    const { channel, orderId, occurredAt, reference, ...body } = c.req.valid("json");
    const lines = body.lines.map((line, index) => ({ ...line, lineId: line.lineId ?? String(index + 1) }));
    const repeated = lines.findIndex(
      (line, index) => lines.findIndex((l) => l.lineId === line.lineId) < index,
    );
    if (repeated >= 0) {
      const detail = "each line of an order needs a lineId of its own";
      throw new ProblemError("invalid-request", {
        detail,
        errors: [{ pointer: `/lines/${repeated}/lineId`, detail }],
      });
    }
    refuseIfMatch(c, "an order");
    const actor = c.get("principal").id;
    const order = c.env.ORDER.getByName(orderObjectName(channel, orderId));
    const result = await order.place({ channel, orderId, lines, occurredAt, reference, actor });
    if (result.outcome === "conflict")
      throw new ProblemError("order-line-conflict", { detail: result.detail });
    const oversold = result.lines.some((line) => line.status === "oversold");
    return c.json(
      { channel, orderId, oversold, lines: result.lines.map(toLine) },
      201,
      replayHeaders(undefined, result.replayed),
    );
  },
);

for (const [type, summary] of [
  ["cancel", "Cancel lines: their units can be sold again"],
  ["fulfil", "Record that lines left the building"],
  ["return", "Record goods that came back; without lines, all that left the building"],
] as const) {
  orders.openapi(
    createRoute({
      method: "post",
      path: `/v1/orders/{channel}/{orderId}/${type}`,
      tags,
      summary,
      description:
        "A fact: told before its order, it is kept and applied when the order comes (202). If no SKU has that much to " +
        "change, it is 409 `quantity-not-open`, which says how much there is: `open` units of `lineId`.",
      ...idempotencyHeader,
      request: {
        params: orderPath,
        ...jsonBody(type === "return" ? OrderReturnBody : OrderChangeBody),
      },
      responses: {
        200: jsonAnswer("What was done, SKU by SKU", OrderChangeAnswer),
        202: jsonAnswer("Kept until the order comes", OrderChangeWaiting),
        ...problems(404, 409, 422),
      },
    }),
    async (c) => {
      const { channel, orderId } = c.req.valid("param");
      const body = c.req.valid("json");
      refuseIfMatch(c, "an order");
      const idempotency = await idempotencyOf(c, body);
      const actor = c.get("principal").id;
      const order = c.env.ORDER.getByName(orderObjectName(channel, orderId));
      const result: ChangeResult = await order.change({
        ...body,
        type,
        channel,
        orderId,
        ...idempotency,
        actor,
      });
      switch (result.outcome) {
        case "waiting":
          return c.json({ channel, orderId, status: "waiting" as const }, 202);
        case "not-found":
          throw new ProblemError("order-not-found", {
            detail:
              "the order has no such line that can be changed; tell the line first with POST /v1/orders",
          });
        case "changed": {
          const problem = unchangedProblem(type, result.skus, result.replayed);
          if (problem !== undefined) throw problem;
          return c.json(
            { channel, orderId, skus: result.skus.map(toChangeLine) },
            200,
            replayHeaders(undefined, result.replayed),
          );
        }
        default:
          return unreachable(result);
      }
    },
  );
}
