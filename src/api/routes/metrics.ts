import { createRoute, z } from "@hono/zod-openapi";
import { newRouter, problems } from "../../http/openapi.ts";
import { exposition, expositionType } from "../../telemetry/exposition.ts";
import { collectMetrics } from "../collect-metrics.ts";

export const metrics = newRouter();

metrics.openapi(
  createRoute({
    method: "get",
    path: "/metrics",
    tags: ["System"],
    summary: "Metrics in the Prometheus text format",
    description:
      "For a key with the scope `metrics:read`, which opens nothing else. docs/operations.md says what each metric means, and which of " +
      "them speak for one isolate only.",
    responses: {
      200: {
        description: "The metrics",
        content: { "text/plain": { schema: z.string() } },
      },
      ...problems(),
    },
  }),
  async (c) =>
    c.text(exposition(await collectMetrics(c.env, Date.now())), 200, {
      "content-type": expositionType,
      "cache-control": "no-store",
    }),
);
