import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { MutationAnswer } from "../../protocol/answers.ts";
import type { Position } from "../../protocol/position.ts";
import { Location, Sku } from "../../protocol/primitives.ts";
import {
  AdjustmentBody,
  CountBody,
  IncomingBody,
  ReceiptBody,
  TransferBody,
  UnavailableBody,
} from "../../protocol/requests.ts";
import type { AppEnv } from "../../http/app-env.ts";
import { idempotencyOf } from "../../http/idempotency.ts";
import { ifMatchHeader, jsonAnswer, jsonBody, newRouter, problems } from "../../http/openapi.ts";
import { ifMatchOf, requiredIfMatchOf } from "../../http/precondition.ts";
import { mutateSku, mutationResponse } from "../sku-call.ts";
import { type Change, toMutation } from "../stock-mutation.ts";

/** What changes the units of one SKU: stocktakes, adjustments, and moves between places and states. */
export const stockChanges = newRouter();

const common = { tags: ["Stock"], ...ifMatchHeader };
const skuPath = z.object({ sku: Sku });
const address = { params: skuPath };
const refusals = problems(404, 409, 412, 422);

stockChanges.openapi(
  createRoute({
    ...common,
    method: "post",
    path: "/v1/skus/{sku}/adjustments",
    summary: "Change on hand by a delta",
    description:
      "Taking units away is refused beyond what is available. What is gone in fact is told with a count.",
    request: { ...address, ...jsonBody(AdjustmentBody) },
    responses: { 200: jsonAnswer("Adjusted", MutationAnswer), ...refusals },
  }),
  async (c) => {
    const body = c.req.valid("json");
    return apply(c, c.req.valid("param").sku, body, { type: "adjust", ...body }, ifMatchOf(c));
  },
);

stockChanges.openapi(
  createRoute({
    ...common,
    method: "put",
    path: "/v1/skus/{sku}/levels/{location}",
    summary: "Record a stocktake at a location",
    description: "A fact: it stands even if more was sold than is there. Creates the SKU if it is new.",
    request: { ...address, params: skuPath.extend({ location: Location }), ...jsonBody(CountBody) },
    responses: { 200: jsonAnswer("Counted", MutationAnswer), ...problems(409, 412, 422, 428) },
  }),
  async (c) => {
    const { sku, location } = c.req.valid("param");
    const body = c.req.valid("json");
    return apply(c, sku, body, { type: "count", ...body, location }, requiredIfMatchOf(c));
  },
);

stockChanges.openapi(
  createRoute({
    ...common,
    method: "post",
    path: "/v1/skus/{sku}/transfers",
    summary: "Move units from one location to another",
    description: "Both locations change at once. Units that somebody was promised stay where they are.",
    request: { ...address, ...jsonBody(TransferBody) },
    responses: { 200: jsonAnswer("Moved", MutationAnswer), ...refusals },
  }),
  async (c) => {
    const body = c.req.valid("json");
    return apply(c, c.req.valid("param").sku, body, { type: "transfer", ...body }, ifMatchOf(c));
  },
);

stockChanges.openapi(
  createRoute({
    ...common,
    method: "post",
    path: "/v1/skus/{sku}/unavailable",
    summary: "Take units out of what can be sold, or put them back",
    description: "They stay on hand: damaged, in quality control, on display.",
    request: { ...address, ...jsonBody(UnavailableBody) },
    responses: { 200: jsonAnswer("Moved", MutationAnswer), ...refusals },
  }),
  async (c) => {
    const body = c.req.valid("json");
    return apply(c, c.req.valid("param").sku, body, { type: "unavailable", ...body }, ifMatchOf(c));
  },
);

stockChanges.openapi(
  createRoute({
    ...common,
    method: "post",
    path: "/v1/skus/{sku}/incoming",
    summary: "Record units ordered from a supplier",
    description: "Incoming units are never part of available. When they arrive, post a receipt.",
    request: { ...address, ...jsonBody(IncomingBody) },
    responses: { 200: jsonAnswer("Recorded", MutationAnswer), ...refusals },
  }),
  async (c) => {
    const body = c.req.valid("json");
    return apply(c, c.req.valid("param").sku, body, { type: "incoming", ...body }, ifMatchOf(c));
  },
);

stockChanges.openapi(
  createRoute({
    ...common,
    method: "post",
    path: "/v1/skus/{sku}/receipts",
    summary: "Record units that arrived",
    description: "On hand grows. As many of them as were incoming at the location are incoming no longer.",
    request: { ...address, ...jsonBody(ReceiptBody) },
    responses: { 200: jsonAnswer("Received", MutationAnswer), ...refusals },
  }),
  async (c) => {
    const body = c.req.valid("json");
    return apply(c, c.req.valid("param").sku, body, { type: "receive", ...body }, ifMatchOf(c));
  },
);

async function apply(c: Context<AppEnv>, sku: string, body: object, change: Change, ifMatch?: Position[]) {
  const idempotency = await idempotencyOf(c, body);
  return mutationResponse(c, await mutateSku(c, sku, toMutation(change), idempotency, ifMatch), 200);
}
