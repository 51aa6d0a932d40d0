import { HTTPException } from "hono/http-exception";
import { mcp } from "./agents/mcp/mcp.ts";
import { api } from "./api/api.ts";
import { openApiDocument } from "./api/openapi-document.ts";
import { allowedMethods } from "./http/access.ts";
import { cors } from "./http/cors.ts";
import { guard } from "./http/guard.ts";
import { newRouter } from "./http/openapi.ts";
import { isTransient, ProblemError, problemResponse } from "./http/problem.ts";
import { InvalidCursorError } from "./ledger/page.ts";
import { log } from "./telemetry/log.ts";

/** Everything that answers HTTP: what is found nowhere, and what fails, becomes a problem here. */
export const app = newRouter();

app.use("/v1/*", cors);
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
    return problemResponse("not-found", { detail: `nothing at ${c.req.path}; see /docs` });
  const allow = allowed.join(", ");
  return problemResponse("method-not-allowed", { detail: `use ${allow}` }, { allow });
});

app.onError((error, c) => {
  if (error instanceof ProblemError) return problemResponse(error.slug, error.members, error.headers);
  if (error instanceof InvalidCursorError) {
    return problemResponse("invalid-cursor", { detail: "use the nextCursor of the page before, unchanged" });
  }
  if (error instanceof HTTPException && error.status === 400) {
    return problemResponse("malformed-json", { detail: "send a body that is valid JSON" });
  }
  if (isTransient(error)) {
    return problemResponse(
      "unavailable",
      { detail: "repeat with the same Idempotency-Key" },
      { "retry-after": "1" },
    );
  }
  log("request.failed", { method: c.req.method, path: c.req.path }, { error });
  return problemResponse("internal-error", { detail: "repeat with the same Idempotency-Key" });
});
