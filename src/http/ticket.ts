import { sign, verify } from "hono/jwt";
import { z } from "zod";
import type { ServiceSecrets } from "../storage/service-secrets.ts";
import { sha256Hex } from "./key-format.ts";

/** What a ticket is for; a token for anything else is none. */
const audience = "stockwire live";
const algorithm = "HS256";

const Payload = z.object({ sub: z.string(), exp: z.number(), origins: z.array(z.string()).optional() });

/** Who made a ticket, and in pages of which origins it may be used; in any, if it names none. */
export interface Ticket {
  readonly id: string;
  readonly origins?: readonly string[] | undefined;
}

/** A ticket: for so long, whoever has it may watch stock in the name of the key that asked for it. */
export async function newTicket(
  secret: string,
  { id, origins }: Ticket,
  nowMs: number,
  ttlSeconds: number,
): Promise<{ ticket: string; expiresAtMs: number }> {
  const exp = Math.floor(nowMs / 1000) + ttlSeconds;
  const payload = { sub: id, aud: audience, exp, ...(origins !== undefined && { origins }) };
  return { ticket: await sign(payload, await keyOf(secret), algorithm), expiresAtMs: exp * 1000 };
}

/** Undefined if it is not one of ours, or over. One that was made before the secret was replaced is good until it is over. */
export async function readTicket(
  { current, previous }: ServiceSecrets,
  ticket: string,
): Promise<(Ticket & { readonly expiresAtMs: number }) | undefined> {
  const read = await readSigned(current, ticket);
  return read ?? (previous === undefined ? undefined : readSigned(previous, ticket));
}

async function readSigned(
  secret: string,
  ticket: string,
): Promise<(Ticket & { readonly expiresAtMs: number }) | undefined> {
  try {
    const payload = await verify(ticket, await keyOf(secret), { alg: algorithm, aud: audience });
    const { sub, origins, exp } = Payload.parse(payload);
    return { id: sub, origins, expiresAtMs: exp * 1000 };
  } catch {
    return undefined;
  }
}

/** The service's secret seals credentials too, so tickets are signed with something derived from it. */
function keyOf(secret: string): Promise<string> {
  return sha256Hex(`stockwire ticket ${secret}`);
}
