import { z } from "zod";
import type { InboundRequest, Received } from "../../kit/inbound.ts";
import { parseJson, words } from "../../kit/words.ts";
import { publicKeyOf } from "./public-key.ts";
import type { EbayContext } from "./settings.ts";
import { isSigned, parseSignature } from "./signature.ts";

/** eBay repeats a notification that was not answered for hours; what is older is somebody's copy. */
const ageMaxMs = 86_400_000;
const clockSkewMs = 600_000;
/** How deep in a notification's data an order id may stand. */
const depthMax = 4;

const Notification = z.looseObject({
  metadata: z.looseObject({ topic: z.string() }),
  notification: z.looseObject({
    notificationId: z.string().min(1),
    publishDate: z.iso.datetime({ offset: true }),
    data: z.unknown(),
  }),
});
type Notification = z.infer<typeof Notification>;

/** Answers eBay's challenge, and reads its notifications once their signature is verified. */
export async function receive(context: EbayContext, request: InboundRequest): Promise<Received> {
  if (request.method === "GET") return answerChallenge(context, request);
  const header = request.headers["x-ebay-signature"];
  if (header === undefined) return { outcome: "forged", detail: "there is no X-EBAY-SIGNATURE" };
  const signature = parseSignature(header);
  if (signature === undefined) return { outcome: "forged", detail: "X-EBAY-SIGNATURE is not one of eBay's" };
  const key = await publicKeyOf(context, signature.keyId);
  if (!key.isOk)
    return { outcome: "forged", detail: `the public key ${signature.keyId} cannot be had: ${key.detail}` };
  if (!(await isSigned(request.body, signature, key.publicKey))) {
    return { outcome: "forged", detail: "the signature is not of this body" };
  }
  const parsed = Notification.safeParse(parseJson(new TextDecoder().decode(request.body)));
  if (!parsed.success)
    return { outcome: "malformed", detail: `not a notification: ${parsed.error.issues[0]?.path.join(".")}` };
  return meaningOf(parsed.data, context.now());
}

function meaningOf({ metadata, notification }: Notification, nowMs: number): Received {
  const ageMs = nowMs - Date.parse(notification.publishDate);
  if (ageMs > ageMaxMs || ageMs < -clockSkewMs) {
    return { outcome: "forged", detail: `published at ${notification.publishDate}, which is not now` };
  }
  const orderId = findOrderId(notification.data, 0);
  if (orderId !== undefined) {
    return {
      outcome: "facts",
      dedupeKey: notification.notificationId,
      facts: [{ type: "order-hint", orderId }],
    };
  }
  if (metadata.topic === "ORDER_CONFIRMATION") {
    return { outcome: "malformed", detail: "an ORDER_CONFIRMATION without an order id" };
  }
  return { outcome: "ignored", detail: `${words(metadata.topic)} says nothing about an order` };
}

/** Topics have their own shapes of data, but all call it the same. */
function findOrderId(data: unknown, depth: number): string | undefined {
  if (typeof data !== "object" || data === null || depth > depthMax) return undefined;
  const own: unknown = "orderId" in data ? data.orderId : undefined;
  if (typeof own === "string" && own !== "") return own;
  for (const part of Object.values(data)) {
    const found = findOrderId(part, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** eBay asks this of every endpoint: who knows the verification token is who registered it. */
async function answerChallenge(context: EbayContext, request: InboundRequest): Promise<Received> {
  const code = URL.parse(request.url)?.searchParams.get("challenge_code") ?? "";
  if (code === "") return { outcome: "malformed", detail: "there is no challenge_code" };
  const { verificationToken } = context.credentials;
  const { endpointUrl } = context.settings;
  if (verificationToken === undefined || endpointUrl === undefined) {
    const detail =
      "eBay asks for a challenge: set the credential verificationToken and the setting endpointUrl first";
    return { outcome: "malformed", detail };
  }
  const hashed = new TextEncoder().encode(code + verificationToken + endpointUrl);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", hashed));
  const challengeResponse = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return {
    outcome: "reply",
    status: 200,
    contentType: "application/json",
    body: JSON.stringify({ challengeResponse }),
  };
}
