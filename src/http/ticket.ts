import { sign, verify } from "hono/jwt";
import { sha256Hex } from "./key-format.ts";

/** What a ticket is for; a token for anything else is none. */
const audience = "stockwire live";
const algorithm = "HS256";

/** A ticket: for so long, whoever has it may watch stock in the name of the key that asked for it. */
export async function newTicket(
  secret: string,
  principalId: string,
  nowMs: number,
  ttlSeconds: number,
): Promise<{ ticket: string; expiresAtMs: number }> {
  const exp = Math.floor(nowMs / 1000) + ttlSeconds;
  const ticket = await sign({ sub: principalId, aud: audience, exp }, await keyOf(secret), algorithm);
  return { ticket, expiresAtMs: exp * 1000 };
}

/** Whose ticket it is; undefined if it is not one of ours, or over. */
export async function readTicket(secret: string, ticket: string): Promise<string | undefined> {
  try {
    const payload = await verify(ticket, await keyOf(secret), { alg: algorithm, aud: audience });
    return typeof payload["sub"] === "string" ? payload["sub"] : undefined;
  } catch {
    return undefined;
  }
}

/** The service's secret seals credentials too, so tickets are signed with something derived from it. */
function keyOf(secret: string): Promise<string> {
  return sha256Hex(`stockwire ticket ${secret}`);
}
