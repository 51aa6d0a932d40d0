/** What Stripe's agentic commerce hooks send, signed as Stripe signs. Runs in Node and in workerd. */

export const hookSecret = "whsec_of_the_hooks";
export const webhookSecret = "whsec_of_the_events";
export const account = "acct_1032D82eZvKYlo2C";

export interface HookLine {
  readonly id: string;
  readonly sku_id?: string;
  readonly quantity: number;
}

export interface SignedHook {
  readonly headers: Record<string, string>;
  readonly body: string;
}

const encoder = new TextEncoder();

/** `Stripe-Signature` of a body, signed at a time (ms). */
export async function signature(body: string, secret: string, atMs: number): Promise<string> {
  const seconds = Math.floor(atMs / 1_000);
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", encoder.encode(secret), algorithm, false, ["sign"]);
  const digest = new Uint8Array(await crypto.subtle.sign("HMAC", key, encoder.encode(`${seconds}.${body}`)));
  const hex = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `t=${seconds},v1=${hex},v0=${"0".repeat(64)}`;
}

export async function signed(hook: object, atMs: number, secret = hookSecret): Promise<SignedHook> {
  const body = JSON.stringify(hook);
  return {
    headers: { "content-type": "application/json", "stripe-signature": await signature(body, secret, atMs) },
    body,
  };
}

/** Asks whether an order may be paid. */
export function finalize(id: string, session: string | undefined, lines: readonly HookLine[]) {
  return {
    id,
    type: "v1.delegated_checkout.finalize_checkout",
    livemode: true,
    context: account,
    data: {
      ...(session !== undefined && { checkout_session: session }),
      currency: "eur",
      amount_total: 1999,
      line_item_details: lines.map((line) => ({ ...line, unit_amount: 1999, name: "Tee" })),
    },
  };
}

/** Asks what a product costs and how many there are. */
export function priceAvailability(skuId: string) {
  return {
    id: "dcpe_1",
    type: "delegated_commerce.product_price_availability",
    livemode: true,
    context: account,
    data: { sku_id: skuId },
  };
}

/** Says that a checkout was never paid; of an ordinary event destination. */
export function expired(session: string) {
  const object = { id: session, object: "checkout.session" };
  return { id: "evt_expired", type: "checkout.session.expired", livemode: true, data: { object } };
}
