import { ChannelUnreadableError, type PublishResult } from "./adapter.ts";
import type { CallAnswer } from "./call.ts";
import { parseRetryAfterMs } from "./retry-after.ts";

/** Why a channel's API gave no answer of use, for a whole request. */
export interface ApiFailure {
  readonly outcome: "failed";
  /**
   * `credentials`: it does not know us. `permission`: it knows us and does not let us. `refused`: it understood and
   * will not. `gone`: it says it is there no more. `unavailable`: anything that may pass.
   */
  readonly reason: "credentials" | "permission" | "refused" | "gone" | "unavailable";
  readonly detail: string;
  /** It asked for silence so long. */
  readonly retryAfterMs?: number | undefined;
}

/** What came of a request to a channel's API. */
export type ApiAnswer<Value> = { readonly outcome: "ok"; readonly value: Value } | ApiFailure;

const wordsLengthMax = 500;

/** What a failing HTTP answer means. `words` is what it says, if that is understood. */
export function failureOf(answer: CallAnswer, words: string | undefined, nowMs: number): ApiFailure {
  const { status, headers, text } = answer;
  const said = harmless(words ?? text);
  const detail = said === "" ? `HTTP ${status}` : `HTTP ${status}: ${said}`;
  if (status === 401) return { outcome: "failed", reason: "credentials", detail };
  if (status === 403) return { outcome: "failed", reason: "permission", detail };
  if (status === 410) return { outcome: "failed", reason: "gone", detail };
  if (status === 429 || status === 503) {
    const retryAfterMs = parseRetryAfterMs(headers.get("retry-after"), nowMs);
    return { outcome: "failed", reason: "unavailable", detail, retryAfterMs };
  }
  const isRefused = status >= 400 && status < 500 && status !== 404 && status !== 408;
  return { outcome: "failed", reason: isRefused ? "refused" : "unavailable", detail };
}

/** What a failed request means for each publication in it. */
export function resultOf(failure: ApiFailure): PublishResult {
  const { reason, detail, retryAfterMs } = failure;
  if (reason === "refused") return { outcome: "rejected", detail };
  if (reason === "gone") return { outcome: "gone", detail };
  return { outcome: "retry", detail, retryAfterMs };
}

/** The value, for callers that read; throws `ChannelUnreadableError`. */
export function readable<Value>(answer: ApiAnswer<Value>): Value {
  if (answer.outcome === "ok") return answer.value;
  throw new ChannelUnreadableError(answer.detail, answer.retryAfterMs);
}

/** Control characters could forge log lines or garble a terminal. */
function harmless(text: string): string {
  return text
    .slice(0, wordsLengthMax)
    .replace(/[\p{Cc}\p{Cf}\p{Cs}]+/gu, " ")
    .trim();
}
