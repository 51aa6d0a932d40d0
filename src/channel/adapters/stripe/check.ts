import type { Finding } from "../../kit/adapter.ts";
import type { StripeContext } from "./receive.ts";

/** What can be said without Stripe: the hooks come from there, and nothing is asked of it. */
export async function check({ credentials }: StripeContext): Promise<Finding[]> {
  const hooks: Finding = { isOk: true, check: "There is a secret to verify hooks with" };
  const unpaid = "Checkouts that are not paid give their units back";
  if (credentials["webhookSecret"] !== undefined) return [hooks, { isOk: true, check: unpaid }];
  const advice =
    "Send checkout.session.expired to this channel's inbound address, and store the signing secret of that event " +
    "destination as `webhookSecret`. Until then, cancel such orders yourself.";
  return [hooks, { isOk: false, check: unpaid, advice }];
}
