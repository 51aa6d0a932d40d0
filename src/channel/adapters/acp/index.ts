import type { Adapter } from "../../kit/adapter.ts";
import { register } from "../../kit/registered.ts";
import { check } from "./check.ts";
import { availabilityOf } from "./products.ts";
import { publish } from "./publish.ts";
import {
  AcpCredentials,
  AcpExternal,
  AcpSettings,
  batchDefault,
  feedUrl,
  refuse,
  variantIdIn,
} from "./settings.ts";

/** A product feed of the Agentic Commerce Protocol. See docs/channels/acp.md. */
const adapter: Adapter<AcpSettings> = {
  kind: "acp",
  semantics: "available",
  settings: AcpSettings,
  credentials: AcpCredentials,
  listing: AcpExternal,
  refuse,
  destination: feedUrl,
  // One at a time: what is read must be what is written over. The protocol names no rate.
  limits: ({ batchMax = batchDefault }) => ({ batchMax, concurrency: 1, ratePerSecond: 1, burst: 2 }),
  // The feed has no quantity, so most sales change nothing there.
  shown: (publication) => availabilityOf(publication).status,
  itemKey: variantIdIn,
  publish,
  check,
};

export const acp = register(adapter);
