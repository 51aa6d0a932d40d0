import { ExternalId } from "../../../protocol/primitives.ts";
import type { Adapter } from "../../kit/adapter.ts";
import { register } from "../../kit/registered.ts";
import { check } from "./check.ts";
import { receive } from "./receive.ts";
import { reply } from "./reply.ts";
import { StripeCredentials, StripeSettings } from "./settings.ts";

/** Stripe's agentic commerce hooks: Stripe asks, and is answered. See docs/channels/stripe.md. */
const adapter: Adapter<StripeSettings> = {
  kind: "stripe",
  semantics: "available",
  settings: StripeSettings,
  credentials: StripeCredentials,
  listing: ExternalId.optional().meta({
    description: "The `id` of the product in the catalogue that Stripe has",
  }),
  refuse: () => [],
  destination: ({ account = "", livemode = true }) => `${account} ${livemode}`,
  limits: () => ({ batchMax: 1_000, concurrency: 1, ratePerSecond: 1_000, burst: 1_000 }),
  // Nothing is sent: whatever Stripe is shown, it asks for.
  shown: () => "asked for",
  itemKey: (external) => (typeof external === "string" ? external : JSON.stringify(external)),
  publish: async (_, publications) => publications.map(() => ({ outcome: "ok" })),
  check,
  receive,
  reply,
};

export const stripe = register(adapter);
