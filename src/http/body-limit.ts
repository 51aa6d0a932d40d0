import type { MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { limits } from "../protocol/limits.ts";
import { problemResponse } from "./problem.ts";

/** How much of a refused body is still read. */
const discardedBytesMax = 16 * limits.bodyBytesMax;

/** Refuses a body over the limit, in words that reach the caller. */
export const limitBody: MiddlewareHandler = (c, next) => {
  // Looking at the body makes a stream of it, which costs more than all the rest; its length is enough.
  const length = Number(c.req.header("content-length") ?? Number.NaN);
  const isShort = length <= limits.bodyBytesMax && c.req.header("transfer-encoding") === undefined;
  return isShort ? next() : limitAny(c, next);
};

const limitAny = bodyLimit({
  maxSize: limits.bodyBytesMax,
  onError: async (c) => {
    await discard(c.req.raw.body);
    return problemResponse("payload-too-large", { detail: `send at most ${limits.bodyBytesMax} bytes` });
  },
});

/** A connection closed while the caller still writes shows as a broken pipe, and the answer is lost. */
async function discard(body: ReadableStream<Uint8Array> | null): Promise<void> {
  if (body === null || body.locked) return;
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > discardedBytesMax) return;
  }
}
