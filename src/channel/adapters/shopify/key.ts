import type { ShopifyContext } from "./settings.ts";

/**
 * How long the same content keeps its key, far below the 24 hours that Shopify remembers one: what is told again after
 * that is meant anew, and must not be answered from memory.
 */
const windowMs = 600_000;
const rememberedMax = 500;

const answered = new WeakMap<ShopifyContext, Map<string, number>>();

/** Says that a request is the same as one before, so that a repetition whose answer was lost has no second effect. */
export interface RequestKey {
  readonly text: string;
  readonly content: string;
}

/**
 * The idempotency key of a request with this content: the same until it is answered, another one afterwards. It is a
 * UUID of the content (RFC 9562, version 8), so a retry by a service that has lost its memory has it too.
 */
export async function keyFor(context: ShopifyContext, content: unknown): Promise<RequestKey> {
  const text = JSON.stringify(content);
  const round = answered.get(context)?.get(text) ?? 0;
  const window = Math.floor(context.now() / windowMs);
  const bytes = new TextEncoder().encode(JSON.stringify([text, window, round]));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return { text: toUuid(digest), content: text };
}

/** The request was answered, whatever the answer: the same content again is another request. */
export function closeKey(context: ShopifyContext, { content }: RequestKey): void {
  const rounds = answered.get(context) ?? new Map<string, number>();
  const round = (rounds.get(content) ?? 0) + 1;
  rounds.delete(content);
  rounds.set(content, round);
  for (const oldest of rounds.keys()) {
    if (rounds.size <= rememberedMax) break;
    rounds.delete(oldest);
  }
  answered.set(context, rounds);
}

function toUuid(digest: Uint8Array): string {
  const bytes = digest.slice(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
