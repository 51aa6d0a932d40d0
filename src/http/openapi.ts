import { OpenAPIHono, type z } from "@hono/zod-openapi";
import { Problem } from "../protocol/problem.ts";
import type { AppEnv } from "./app-env.ts";
import { ProblemError } from "./problem.ts";

/** A router whose requests are checked against their schemas; what does not fit is answered as a problem. */
export function newRouter(): OpenAPIHono<AppEnv> {
  return new OpenAPIHono<AppEnv>({
    defaultHook: (result) => {
      if (result.success) return;
      const errors = result.error.issues.flatMap((issue) => {
        const path = issue.code === "unrecognized_keys" ? [...issue.path, issue.keys[0] ?? ""] : issue.path;
        const detail = issue.code === "unrecognized_keys" ? "this field is unknown" : issue.message;
        return [{ pointer: toPointer(result.target, path), detail }];
      });
      const detail = errors.map((error) => `${error.pointer}: ${error.detail}`).join("; ");
      throw new ProblemError("invalid-request", { detail, errors });
    },
  });
}

/** A JSON pointer (RFC 6901): into the body, or `/path/...`, `/query/...`, `/header/...`. */
function toPointer(target: string, path: readonly PropertyKey[]): string {
  const parts = target === "json" ? path : [target === "param" ? "path" : target, ...path];
  return parts.map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

export function jsonBody<Schema extends z.ZodType>(schema: Schema) {
  return { body: { required: true as const, content: { "application/json": { schema } } } };
}

export function jsonAnswer<Schema extends z.ZodType>(description: string, schema: Schema) {
  return { description, content: { "application/json": { schema } } };
}

/** The problems that a route may answer besides those of every route. */
export function problems(...statuses: readonly number[]) {
  const answer = { description: "Problem", content: { "application/problem+json": { schema: Problem } } };
  return Object.fromEntries([400, 401, 403, ...statuses].map((status) => [status, answer]));
}

/** A header of a request as OpenAPI describes it. Its route reads it; there is nothing to check beforehand. */
function header(name: string, description: string, example: string) {
  return {
    in: "header" as const,
    name,
    description,
    required: false,
    schema: { type: "string" as const, example },
  };
}

const idempotencyKey = header(
  "idempotency-key",
  "Required. A new key per mutation; the same one on a retry",
  "7f9c2ba4",
);
const ifMatch = header("if-match", "ETag the SKU must have", "*");
const ifNoneMatch = header("if-none-match", "ETag of what the caller has already", '"k3v9.42"');

export const idempotencyHeader = { parameters: [idempotencyKey] };
export const ifMatchHeader = { parameters: [idempotencyKey, ifMatch] };
export const ifNoneMatchHeader = { parameters: [ifNoneMatch] };
