import { limits } from "../protocol/limits.ts";
import type { ProblemSlug } from "../protocol/problem.ts";
import { fullBucket, type Rate, takeToken, tokenAtMs, type TokenBucket } from "./token-bucket.ts";

/** Set by whoever authenticated a socket: whether its key is secret, so that it may subscribe to everything. */
export const hasSecretKeyHeader = "stockwire-has-secret-key";
/** Set by the same: whose socket it is. */
export const callerHeader = "stockwire-caller";

/** The part of an object's state that this needs. */
interface Sockets {
  getWebSockets(tag?: string): readonly unknown[];
}

/** The tags under which an object keeps a socket: whose it is. A tag may have 256 characters. */
export function tagsOf(headers: Headers): string[] {
  const caller = headers.get(callerHeader);
  return caller === null ? [] : [caller.slice(0, 256)];
}

/** Why an object takes no more sockets of a caller; undefined if it does. Pages share a publishable key, so only a secret one counts. */
export function refuseSocket(sockets: Sockets, headers: Headers): Response | undefined {
  const [caller] = tagsOf(headers);
  const isSecret = headers.get(hasSecretKeyHeader) === "true";
  const { liveSocketsPerObjectMax: objectMax, liveSocketsPerSecretKeyMax: keyMax } = limits;
  const isFull =
    sockets.getWebSockets().length >= objectMax ||
    (isSecret && caller !== undefined && sockets.getWebSockets(caller).length >= keyMax);
  return isFull ? new Response(null, { status: 429 }) : undefined;
}

/** What is too much for a socket: what to tell it, and the code to close it with (RFC 6455, section 7.4.1). */
export interface Excess {
  readonly slug: ProblemSlug;
  readonly detail: string;
  readonly closeCode: 1008 | 1009;
}

const rate: Rate = { ratePerSecond: limits.liveMessagesPerSecond, burst: limits.liveMessagesBurst };

/** How much sockets say. Counted in memory: whoever says much keeps the object awake. */
export class Speech<Socket extends object> {
  readonly #buckets = new WeakMap<Socket, TokenBucket>();

  /** Why a message is too much, so that its socket is to be closed; undefined if it is not. */
  refuse(socket: Socket, message: string | ArrayBuffer, nowMs: number): Excess | undefined {
    const length = typeof message === "string" ? message.length : message.byteLength;
    if (length > limits.liveMessageLengthMax) {
      const detail = `a message may have ${limits.liveMessageLengthMax} characters: subscribe in several`;
      return { slug: "payload-too-large", detail, closeCode: 1009 };
    }
    const bucket = this.#buckets.get(socket) ?? fullBucket(rate, nowMs);
    if (tokenAtMs(bucket, rate, nowMs) > nowMs) {
      const detail = `a socket may send ${rate.ratePerSecond} messages a second: put SKUs together in one`;
      return { slug: "quota-exceeded", detail, closeCode: 1008 };
    }
    this.#buckets.set(socket, takeToken(bucket, rate, nowMs));
    return undefined;
  }
}
