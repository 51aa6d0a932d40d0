import type { MiddlewareHandler } from "hono";
import type { AppEnv } from "./app-env.ts";
import { refuseShape } from "./json-shape.ts";
import { ProblemError } from "./problem.ts";

/** Refuses bodies that are no JSON, are compressed, or do not mean the same to every reader. */
export const refuseOtherBodies: MiddlewareHandler<AppEnv> = async (c, next) => {
  const type = c.req.header("content-type") ?? "";
  const length = c.req.header("content-length");
  // Looking at the body costs time; only what comes without saying how long it is must be looked at.
  const isEmpty = length === undefined ? c.req.raw.body === null : length === "0";
  if (isEmpty) return next();
  if (!/^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(type)) {
    throw new ProblemError("unsupported-media-type", { detail: "send content-type: application/json" });
  }
  const coding = c.req.header("content-encoding") ?? "identity";
  if (coding.toLowerCase() !== "identity") {
    const detail = "send the body as it is, without content-encoding";
    // RFC 9110, section 15.5.16.
    throw new ProblemError("unsupported-media-type", { detail }, { "accept-encoding": "identity" });
  }
  // Kept by the request: its validator gets the same text.
  const detail = refuseShape(await c.req.text());
  if (detail !== undefined) throw new ProblemError("invalid-request", { detail });
  return next();
};
