import { z } from "zod";
import type { AdapterContext } from "../../kit/adapter.ts";
import type { InboundRequest, Received } from "../../kit/inbound.ts";
import type { ApprovalQuestion, AvailabilityQuestion, Question } from "../../kit/question.ts";
import {
  abandoned,
  CheckoutEvent,
  Envelope,
  OrderApproval,
  orderApproval,
  PriceAndAvailability,
  priceAndAvailability,
} from "./hooks.ts";
import type { StripeSettings } from "./settings.ts";
import { verify } from "./signature.ts";

export type StripeContext = AdapterContext<StripeSettings>;

/** Verifies a hook over its raw body, and says what it asks. */
export async function receive(context: StripeContext, request: InboundRequest): Promise<Received> {
  if (request.method !== "POST") return malformed("Stripe sends POST requests");
  const { hookSecret, webhookSecret } = context.credentials;
  const secrets = [hookSecret, webhookSecret].filter((secret) => secret !== undefined);
  const header = request.headers["stripe-signature"];
  const verdict = await verify(header, request.body, secrets, context.now());
  if (!verdict.isGenuine) return { outcome: "forged", detail: verdict.detail };
  const hook = parseJson(new TextDecoder().decode(request.body));
  const envelope = Envelope.safeParse(hook);
  if (!envelope.success) return malformed(`no hook of Stripe's: ${z.prettifyError(envelope.error)}`);
  const { id, type, livemode, context: account } = envelope.data;
  const foreign = foreignOf(context.settings, livemode, account ?? undefined);
  if (foreign !== undefined) return malformed(foreign);
  switch (type) {
    case priceAndAvailability:
      return ask(type, PriceAndAvailability.safeParse(hook), ({ data }): AvailabilityQuestion => {
        return { type: "availability", item: data.sku_id, account: account ?? "" };
      });
    case orderApproval:
      return ask(type, OrderApproval.safeParse(hook), ({ data }): ApprovalQuestion => {
        const lines = data.lines.map((line) => ({
          lineId: line.id,
          item: line.sku_id ?? line.id,
          quantity: line.quantity,
        }));
        const { signedAtMs } = verdict;
        return { type: "approval", delivery: id, orderId: data.session ?? id, lines, signedAtMs };
      });
    default:
      if (!abandoned.has(type)) return { outcome: "ignored", detail: `${type} says nothing about stock` };
      return ask(type, CheckoutEvent.safeParse(hook), ({ data }) => {
        return { type: "abandoned", orderId: data.object.id };
      });
  }
}

/** Why a hook is not for this channel; undefined if it is. */
function foreignOf(
  settings: StripeSettings,
  livemode: boolean,
  account: string | undefined,
): string | undefined {
  const { livemode: isLive = true } = settings;
  if (livemode !== isLive) {
    return `the hook says livemode ${livemode}, and this channel is set up for ${isLive}: connect another one for it`;
  }
  if (settings.account === undefined || account === undefined || account === settings.account)
    return undefined;
  return `the hook is for the account ${account}, and this channel is that of ${settings.account}`;
}

function ask<Hook>(
  type: string,
  parsed: z.ZodSafeParseResult<Hook>,
  question: (hook: Hook) => Question,
): Received {
  if (!parsed.success) return malformed(`${type}: ${z.prettifyError(parsed.error)}`);
  const asked = question(parsed.data);
  if (
    asked.type === "approval" &&
    new Set(asked.lines.map(({ lineId }) => lineId)).size < asked.lines.length
  ) {
    return malformed(`${type}: two of its lines have the same id`);
  }
  return { outcome: "question", question: asked };
}

function malformed(detail: string): Received {
  return { outcome: "malformed", detail };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Whatever is not JSON is no hook, as the schema will say.
    return undefined;
  }
}
