import { HTTPException } from "hono/http-exception";
import { mcp } from "./agents/mcp/mcp.ts";
import { api } from "./api/api.ts";
import { allowedMethods } from "./http/methods.ts";
import { newRouter } from "./http/openapi.ts";
import { isTransient, ProblemError, problemResponse } from "./http/problem.ts";
import { InvalidCursorError } from "./ledger/page.ts";
import { log } from "./telemetry/log.ts";

/** Everything that answers HTTP: what is found nowhere, and what fails, becomes a problem here. */
export const app = newRouter();

app.route("/", api);
app.route("/", mcp);

app.notFound((c) => {
  const allowed = allowedMethods(app.openAPIRegistry.definitions, c.req.path);
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
