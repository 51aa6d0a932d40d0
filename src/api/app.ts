import { Scalar } from "@scalar/hono-api-reference";
import { HTTPException } from "hono/http-exception";
import { InvalidCursorError } from "../ledger/page.ts";
import { asyncApi } from "./asyncapi.ts";
import { authenticate } from "./auth.ts";
import { limitBody } from "./body-limit.ts";
import { cors } from "./cors.ts";
import { allowedMethods } from "./methods.ts";
import { newRouter } from "./openapi.ts";
import { ProblemError, problemResponse } from "./problem.ts";
import { audit } from "./routes/audit.ts";
import { bulk } from "./routes/bulk.ts";
import { channelCare } from "./routes/channel-care.ts";
import { channels } from "./routes/channels.ts";
import { inbound } from "./routes/inbound.ts";
import { inbox } from "./routes/inbox.ts";
import { keys } from "./routes/keys.ts";
import { ledger } from "./routes/ledger.ts";
import { orders } from "./routes/orders.ts";
import { listings } from "./routes/listings.ts";
import { live } from "./routes/live.ts";
import { oversells } from "./routes/oversells.ts";
import { reservations } from "./routes/reservations.ts";
import { skus } from "./routes/skus.ts";
import { stockChanges } from "./routes/stock-changes.ts";
import { system } from "./routes/system.ts";
import { unmatched } from "./routes/unmatched.ts";

/** The page at /docs loads its viewer from here; pinned, so that it changes only with a release of ours. */
const referenceScript = "https://cdn.jsdelivr.net/npm/@scalar/api-reference@1.72.1";

/** The HTTP API. */
export const app = newRouter();

app.use("/v1/*", limitBody);
// Before the key is asked for: a channel signs what it sends, in its own way and form.
app.route("/", inbound);
app.use("/v1/*", cors);
app.use("/v1/*", authenticate);
app.use("/v1/*", async (c, next) => {
  if (!isDecodable(c.req.path)) {
    throw new ProblemError("invalid-request", { detail: "the path must be percent-encoded UTF-8" });
  }
  await next();
});
app.use("/v1/*", async (c, next) => {
  const type = c.req.header("content-type") ?? "";
  const isEmpty = (c.req.header("content-length") ?? "0") === "0" && !c.req.header("transfer-encoding");
  if (!isEmpty && !/^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(type)) {
    throw new ProblemError("unsupported-media-type", { detail: "send content-type: application/json" });
  }
  await next();
});

for (const router of [
  skus,
  stockChanges,
  bulk,
  reservations,
  orders,
  ledger,
  audit,
  live,
  oversells,
  channels,
  channelCare,
  listings,
  inbox,
  unmatched,
  keys,
  system,
])
  app.route("/", router);

app.openAPIRegistry.registerComponent("securitySchemes", "apiKey", {
  type: "http",
  scheme: "bearer",
  description: "An API key, `swk_...`",
});

app.doc31("/openapi.json", {
  openapi: "3.1.0",
  info: {
    title: "Stockwire",
    version: "1",
    description: "How many of each SKU can be sold, and telling every channel in under half a second.",
    license: { name: "Apache-2.0", url: "https://www.apache.org/licenses/LICENSE-2.0" },
  },
});
app.get("/asyncapi.json", (c) => c.json(asyncApi()));
app.get("/docs", Scalar({ url: "/openapi.json", pageTitle: "Stockwire API", cdn: referenceScript }));

app.notFound((c) => {
  const allowed = allowedMethods(app.openAPIRegistry.definitions, c.req.path);
  if (allowed.length === 0)
    return problemResponse("not-found", { detail: `nothing at ${c.req.path}; see /docs` });
  const allow = allowed.join(", ");
  return problemResponse("method-not-allowed", { detail: `use ${allow}` }, { allow });
});

app.onError((error) => {
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
  console.error(JSON.stringify({ message: "request failed", error: String(error), stack: error.stack }));
  return problemResponse("internal-error", { detail: "repeat with the same Idempotency-Key" });
});

function isDecodable(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

/** Errors of the platform that a caller may simply try again (Durable Objects mark them). */
function isTransient(error: Error): boolean {
  return (
    ("retryable" in error && error.retryable === true) || ("overloaded" in error && error.overloaded === true)
  );
}
