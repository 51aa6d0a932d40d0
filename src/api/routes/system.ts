import { ledgerOf } from "../../ledger/bindings.ts";
import { createRoute, z } from "@hono/zod-openapi";
import { jsonAnswer, newRouter } from "../../http/openapi.ts";

export const system = newRouter();

system.openapi(
  createRoute({
    method: "get",
    path: "/healthz",
    tags: ["System"],
    summary: "Whether the service and its ledger answer",
    responses: { 200: jsonAnswer("Well", z.object({ status: z.literal("ok") })) },
  }),
  async (c) => {
    await ledgerOf(c.env).each((db) => db.prepare("SELECT 1").first());
    return c.json({ status: "ok" as const }, 200);
  },
);
