import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { findAdapter } from "../../channel/adapters/index.ts";
import type { InboundRequest } from "../../channel/kit/inbound.ts";
import type { Asked } from "../../channel/kit/question.ts";
import { Accepted } from "../../protocol/inbound.ts";
import { ChannelId } from "../../protocol/primitives.ts";
import { unreachable } from "../../stock/refusal.ts";
import type { AppEnv } from "../../http/app-env.ts";
import { jsonAnswer, newRouter, problems } from "../../http/openapi.ts";
import { ProblemError } from "../../http/problem.ts";
import { answerTo } from "../answer-question.ts";

/** Where channels tell what happened there. No API key: each kind of channel signs in its own way. */
export const inbound = newRouter();

const path = "/v1/channels/{id}/inbound";
const common = { path, tags: ["Channels"] };
const params = z.object({ id: ChannelId });
const responses = {
  200: jsonAnswer("Kept. What it means for the stock is applied in the background", Accepted),
  ...problems(401, 404, 413, 503),
  default: { description: "A handshake, or the answer to a question, as the channel wants it" },
};

inbound.openAPIRegistry.registerPath({
  ...common,
  method: "post",
  summary: "A channel's own webhook",
  description:
    "Needs no API key: the channel's signature is the key. The body is what the channel sends, in any content type. " +
    "A delivery that comes twice is kept once. A channel may also ask, and is answered in its own terms: Stripe whether an " +
    "order may be paid, and how many there are. The example is of WooCommerce.",
  request: {
    params,
    body: {
      required: true,
      content: { "application/json": { schema: z.unknown(), example: { id: 700, line_items: [] } } },
    },
  },
  responses,
});

inbound.openAPIRegistry.registerPath({
  ...common,
  method: "get",
  summary: "A channel's handshake",
  description: "Some channels ask for an answer to a challenge before they send webhooks.",
  request: { params },
  responses,
});

inbound.get("/v1/channels/:id/inbound", async (c) => receive(c, "GET", c.req.param("id")));
inbound.post("/v1/channels/:id/inbound", async (c) => receive(c, "POST", c.req.param("id")));

async function receive(c: Context<AppEnv>, method: InboundRequest["method"], id: string): Promise<Response> {
  const arrivedAtMs = Date.now();
  if (!ChannelId.safeParse(id).success) throw new ProblemError("channel-not-found");
  const body = method === "GET" ? new Uint8Array() : new Uint8Array(await c.req.arrayBuffer());
  const headers = Object.fromEntries(c.req.raw.headers);
  const result = await c.env.CHANNEL.getByName(id).receive({ method, url: c.req.url, headers, body });
  switch (result.outcome) {
    case "kept":
      return c.json({ accepted: result.accepted }, 200);
    case "reply":
      return new Response(result.body, {
        status: result.status,
        headers: { "content-type": result.contentType },
      });
    case "question":
      return answer(c, { id, kind: result.kind, asked: result.asked, arrivedAtMs });
    case "forged":
      throw new ProblemError("signature-invalid", { detail: result.detail });
    case "malformed":
      throw new ProblemError("malformed-delivery", { detail: result.detail });
    case "unavailable":
      throw new ProblemError("unavailable", { detail: "send it again later" }, { "retry-after": "60" });
    case "refused":
      // Strangers come here too: no word about how it could be connected.
      throw new ProblemError("channel-not-found");
    default:
      return unreachable(result);
  }
}

interface Asking {
  readonly id: string;
  readonly kind: string;
  readonly asked: Asked;
  readonly arrivedAtMs: number;
}

async function answer(c: Context<AppEnv>, { id, kind, asked, arrivedAtMs }: Asking): Promise<Response> {
  const answering = {
    env: c.env,
    channel: id,
    arrivedAtMs,
    now: () => Date.now(),
    waitUntil: (work: Promise<unknown>) => c.executionCtx.waitUntil(work),
  };
  const given = await answerTo(asked, answering);
  const body = given && findAdapter(kind)?.reply(given);
  if (body === undefined)
    throw new ProblemError("unavailable", { detail: "ask again" }, { "retry-after": "1" });
  return Response.json(body);
}
