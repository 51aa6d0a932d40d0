import { createRoute, z } from "@hono/zod-openapi";
import { newRouter } from "../http/openapi.ts";
import { publicOrigin } from "../http/public-url.ts";
import { llmsTxt } from "./llms-txt.ts";

/** What anybody may read without a key, and keep for an hour. */
export const documents = newRouter();

export const documentCaching = "public, max-age=3600";

documents.openapi(
  createRoute({
    method: "get",
    path: "/llms.txt",
    tags: ["Agents"],
    summary: "What the service is, for language models",
    responses: {
      200: { description: "Markdown", content: { "text/markdown": { schema: z.string() } } },
    },
  }),
  (c) =>
    c.body(llmsTxt(publicOrigin(c)), 200, {
      "content-type": "text/markdown; charset=utf-8",
      "cache-control": documentCaching,
    }),
);
