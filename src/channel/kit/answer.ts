import type { PublishResult } from "./adapter.ts";
import { parseRetryAfterMs } from "./retry-after.ts";

/** What is read of an answer's body: enough for a person to see what is wrong. */
const wordsBytesMax = 1024;

/** What an HTTP answer means for everything that was in the request. `words` is the beginning of its body. */
export function judgeAnswer(
  status: number,
  retryAfter: string | null,
  words: string,
  nowMs: number,
): PublishResult {
  if (status >= 200 && status < 300) return { outcome: "ok" };
  const detail = words === "" ? `HTTP ${status}` : `HTTP ${status}: ${words}`;
  if (status === 410) return { outcome: "gone", detail };
  if (status === 429 || status === 503) {
    return { outcome: "retry", detail, retryAfterMs: parseRetryAfterMs(retryAfter, nowMs) };
  }
  if (status === 408 || status >= 500) return { outcome: "retry", detail };
  // Redirects are not followed (CloudEvents HTTP webhook, section 2.2): the URL must be corrected.
  return { outcome: "rejected", detail };
}

/** The beginning of a body as harmless text. The body is consumed if it is short, else cancelled. */
export async function readWords(response: Response): Promise<string> {
  if (response.body === null) return "";
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  let bytesLeft = wordsBytesMax;
  try {
    while (bytesLeft > 0) {
      const { done, value } = await reader.read();
      if (done) return clean(text + decoder.decode());
      text += decoder.decode(value.subarray(0, bytesLeft), { stream: true });
      bytesLeft -= value.byteLength;
    }
    await reader.cancel();
  } catch {
    // The status decides what an answer means; a body that breaks off only shortens the words.
  }
  return clean(text);
}

/** Control characters could forge log lines or garble a terminal. */
function clean(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}]+/gu, " ").trim();
}
