import { createRoute, z } from "@hono/zod-openapi";
import { capsOf } from "../../api/reservations/agents.ts";
import { limitBody } from "../../http/body-limit.ts";
import { refuseOtherBodies } from "../../http/json-body.ts";
import { jsonAnswer, newRouter } from "../../http/openapi.ts";
import { publicOrigin } from "../../http/public-url.ts";
import { documentAnswer } from "../documents.ts";
import { catalog } from "./catalog-routes.ts";
import { holds } from "./hold-routes.ts";
import { endpointPath, schemaPaths } from "./names.ts";
import { checkPlatform } from "./platform.ts";
import { businessProfile } from "./profile.ts";
import { freshnessSchema, holdsSchema } from "./schemas.ts";

/** The Universal Commerce Protocol: profile, catalog lookup, and holds as a capability of our own. */
export const ucp = newRouter();

const anyDocument = z.looseObject({});
const notChanged = { description: "Still that of If-None-Match" };

ucp.openapi(
  createRoute({
    method: "get",
    path: "/.well-known/ucp",
    tags: ["Agents"],
    summary: "UCP: the business profile",
    responses: {
      200: jsonAnswer("As UCP's profile.json has it", z.looseObject({ ucp: anyDocument })),
      304: notChanged,
    },
  }),
  async (c) => documentAnswer(c, businessProfile(publicOrigin(c), capsOf(c.env))),
);

for (const [what, path, schema] of [
  ["stock with its freshness", schemaPaths.freshness, freshnessSchema],
  ["holds", schemaPaths.holds, holdsSchema],
] as const) {
  ucp.openapi(
    createRoute({
      method: "get",
      path,
      tags: ["Agents"],
      summary: `UCP: the JSON Schema of ${what}`,
      responses: { 200: jsonAnswer("A JSON Schema, 2020-12", anyDocument), 304: notChanged },
    }),
    async (c) => documentAnswer(c, schema(publicOrigin(c))),
  );
}

const operations = `${endpointPath}/*`;
for (const middleware of [limitBody, refuseOtherBodies, checkPlatform]) ucp.use(operations, middleware);
ucp.route("/", catalog);
ucp.route("/", holds);
