import { createRoute } from "@hono/zod-openapi";
import { jsonAnswer, jsonBody, newRouter, problems } from "../../http/openapi.ts";
import { computeLeakage } from "../../lab/leakage.ts";
import { LeakageAnswer, LeakageRequest } from "../../protocol/leakage.ts";

/** The revenue leakage calculator. Needs no key: it is arithmetic on what the caller sends, and touches nothing. */
export const leakage = newRouter();

leakage.openapi(
  createRoute({
    method: "post",
    path: "/v1/leakage",
    tags: ["Lab"],
    summary: "What a shop loses to oversells because it syncs by polling",
    description:
      "Needs no API key and may be called by any page: it reads and writes nothing. Rates are fractions. Orders between " +
      "two polls are counted whole; the fields that end in `Unrounded` count them as they are.",
    request: jsonBody(LeakageRequest),
    responses: {
      200: jsonAnswer("The loss, and what pushing each change leaves of it", LeakageAnswer),
      ...problems(),
    },
  }),
  (c) => c.json(computeLeakage(c.req.valid("json")), 200, { "access-control-allow-origin": "*" }),
);
