import { ucp } from "../agents/ucp/ucp.ts";
import { documents } from "../agents/documents.ts";
import { asyncApi } from "./asyncapi.ts";
import { referencePage } from "./reference-page.ts";
import { limitBody } from "../http/body-limit.ts";
import { refuseOtherBodies } from "../http/json-body.ts";
import { newRouter } from "../http/openapi.ts";
import { ProblemError } from "../http/problem.ts";
import { audit } from "./routes/audit.ts";
import { bulk } from "./routes/bulk.ts";
import { channelCare } from "./routes/channel-care.ts";
import { channelDetails } from "./routes/channel-details.ts";
import { channels } from "./routes/channels.ts";
import { inbound } from "./routes/inbound.ts";
import { inbox } from "./routes/inbox.ts";
import { keys } from "./routes/keys.ts";
import { ledger } from "./routes/ledger.ts";
import { orders } from "./routes/orders.ts";
import { listings } from "./routes/listings.ts";
import { leakage } from "./routes/leakage.ts";
import { live } from "./routes/live.ts";
import { metrics } from "./routes/metrics.ts";
import { oversells } from "./routes/oversells.ts";
import { reservations } from "./routes/reservations.ts";
import { secretsKey } from "./routes/secrets-key.ts";
import { skuDetails } from "./routes/sku-details.ts";
import { skus } from "./routes/skus.ts";
import { stockChanges } from "./routes/stock-changes.ts";
import { system } from "./routes/system.ts";
import { unmatched } from "./routes/unmatched.ts";

/** The HTTP API: its routes, and what describes them. */
export const api = newRouter();

api.use("/v1/*", limitBody);
// Before JSON is asked for: a channel sends what it likes, and signs it in its own way.
api.route("/", inbound);
api.use("/v1/*", async (c, next) => {
  if (!isDecodable(c.req.path)) {
    throw new ProblemError("invalid-request", { detail: "the path must be percent-encoded UTF-8" });
  }
  await next();
});
api.use("/v1/*", refuseOtherBodies);

for (const router of [
  skus,
  skuDetails,
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
  channelDetails,
  leakage,
  listings,
  inbox,
  unmatched,
  keys,
  secretsKey,
  documents,
  metrics,
  ucp,
  system,
])
  api.route("/", router);

api.get("/asyncapi.json", (c) => c.json(asyncApi()));
api.get("/docs", referencePage);

function isDecodable(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}
