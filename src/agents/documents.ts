import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { AppEnv } from "../http/app-env.ts";
import { sha256Hex } from "../http/key-format.ts";
import { newRouter } from "../http/openapi.ts";
import { publicOrigin } from "../http/public-url.ts";
import { llmsTxt } from "./llms-txt.ts";

/** What anybody may read without a key, and keep for an hour. */
export const documents = newRouter();

const caching = "public, max-age=3600";

/** A document as it is served: to be kept for an hour, and asked for again by its digest (RFC 9110, section 8.8). */
export async function documentAnswer<Document extends object>(c: Context<AppEnv>, document: Document) {
  const etag = `"${(await sha256Hex(JSON.stringify(document))).slice(0, 32)}"`;
  const headers = { etag, "cache-control": caching };
  const known = (c.req.header("if-none-match") ?? "").split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  return known.includes(etag) ? c.body(null, 304, headers) : c.json(document, 200, headers);
}

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
      "cache-control": caching,
    }),
);
