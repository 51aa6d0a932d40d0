import type { AdapterContext } from "./adapter.ts";
import { refuseUrl } from "./url-guard.ts";

const timeoutMs = 15_000;
const bodyBytesMax = 8 * 1024 * 1024;

/** An answer of a channel, read whole. */
export interface CallAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** What came of a call: an answer of whatever status, or none. `detail` says why, for a person. */
export type Called =
  | { readonly outcome: "answered"; readonly answer: CallAnswer }
  | { readonly outcome: "failed"; readonly detail: string };

export interface CallLimit {
  /** Longest wait for the whole answer, 15 s unless told. */
  readonly timeoutMs?: number | undefined;
  /** Largest body that is read, 8 MiB unless told; a longer one is a failure. */
  readonly bodyBytesMax?: number | undefined;
}

/** Calls a channel: guarded against private addresses, never redirected, bounded in time and size. Never throws. */
export async function call(
  context: Pick<AdapterContext<unknown>, "fetch" | "policy">,
  url: string,
  init: RequestInit,
  limit: CallLimit = {},
): Promise<Called> {
  return withDeadline(context, url, init, limit, async (response) => {
    const text = await readText(response, limit.bodyBytesMax ?? bodyBytesMax);
    if (text === undefined) return { outcome: "failed", detail: "the answer is too long" };
    return { outcome: "answered", answer: { status: response.status, headers: response.headers, text } };
  });
}

/** The same for a caller that reads the body itself; the deadline covers that too. */
export async function withDeadline<Result>(
  context: Pick<AdapterContext<unknown>, "fetch" | "policy">,
  url: string,
  init: RequestInit,
  limit: CallLimit,
  take: (response: Response) => Promise<Result>,
): Promise<Result | { readonly outcome: "failed"; readonly detail: string }> {
  // Asked again for every call: the policy may be stricter than when the channel was made.
  const refusal = refuseUrl(url, context.policy);
  if (refusal !== undefined) return { outcome: "failed", detail: `not sent: ${refusal}` };
  // Not AbortSignal.timeout: its timer runs on after the answer and would keep the object in memory, and billed.
  const deadline = new AbortController();
  const waitMs = limit.timeoutMs ?? timeoutMs;
  const timer = setTimeout(() => deadline.abort(new Error(`no answer within ${waitMs} ms`)), waitMs);
  try {
    const response = await context.fetch(url, { ...init, redirect: "manual", signal: deadline.signal });
    return await take(response);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { outcome: "failed", detail: `request failed: ${reason}` };
  } finally {
    clearTimeout(timer);
  }
}

/** Undefined if the body is longer than that. */
async function readText(response: Response, bytesMax: number): Promise<string | undefined> {
  if (response.body === null) return "";
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of response.body) {
    bytes += chunk.byteLength;
    if (bytes > bytesMax) return undefined;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
