import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import { mcp } from "./agents/mcp/mcp.ts";
import { protocolError } from "./agents/ucp/errors.ts";
import { endpointPath, isUcpOperation } from "./agents/ucp/names.ts";
import { api } from "./api/api.ts";
import { openApiDocument } from "./api/openapi-document.ts";
import { allowedMethods } from "./http/access.ts";
import type { AppEnv } from "./http/app-env.ts";
import { cors } from "./http/cors.ts";
import { countRequests } from "./http/count-requests.ts";
import { guard } from "./http/guard.ts";
import { newRouter } from "./http/openapi.ts";
import { securityHeaders } from "./http/security-headers.ts";
import { isTransient, ProblemError, problemResponse } from "./http/problem.ts";
import { InvalidCursorError } from "./ledger/page.ts";
import { log } from "./telemetry/log.ts";

/** Everything that answers HTTP: what is found nowhere, and what fails, becomes a problem here. */
export const app = newRouter();

app.use(countRequests);
app.use(securityHeaders);
app.use("/v1/*", cors);
app.use(`${endpointPath}/*`, cors);
// Before every route: who may use it stands in src/http/access.ts, and what is not there does not serve.
app.use(guard);
app.route("/", api);
app.route("/", mcp);
// It takes some 50 ms to write, and is always the same.
let description: string | undefined;
app.get("/openapi.json", (c) => {
  description ??= JSON.stringify(openApiDocument(app));
  return c.body(description, 200, { "content-type": "application/json" });
});

app.notFound((c) => {
  const allowed = allowedMethods(c.req.path);
  if (allowed.length === 0)
    return answerTo(c, new ProblemError("not-found", { detail: `nothing at ${c.req.path}; see /docs` }));
  const allow = allowed.join(", ");
  return answerTo(c, new ProblemError("method-not-allowed", { detail: `use ${allow}` }, { allow }));
});

app.onError((error, c) => answerTo(c, problemOf(error, c)));

/** A problem in the words of the protocol that was spoken. */
function answerTo(c: Context<AppEnv>, problem: ProblemError): Response {
  if (isUcpOperation(c.req.path)) return protocolError(problem);
  return problemResponse(problem.slug, problem.members, problem.headers);
}

function problemOf(error: Error, c: Context<AppEnv>): ProblemError {
  if (error instanceof ProblemError) return error;
  if (error instanceof InvalidCursorError) {
    return new ProblemError("invalid-cursor", { detail: "use the nextCursor of the page before, unchanged" });
  }
  if (error instanceof HTTPException && error.status === 400) {
    return new ProblemError("malformed-json", { detail: "send a body that is valid JSON" });
  }
  if (error instanceof HTTPException && error.status === 415) {
    return new ProblemError("unsupported-media-type", { detail: "send content-type: application/json" });
  }
  if (isTransient(error)) {
    const detail = "repeat with the same Idempotency-Key";
    return new ProblemError("unavailable", { detail }, { "retry-after": "1" });
  }
  log("request.failed", { method: c.req.method, path: c.req.path }, { error });
  return new ProblemError("internal-error", { detail: "repeat with the same Idempotency-Key" });
}
