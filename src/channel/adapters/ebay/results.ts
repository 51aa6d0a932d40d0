import type { PublishResult } from "../../kit/adapter.ts";
import { type ApiError, type Problem, wordsOf } from "./client.ts";
import type { EbayItem } from "./item.ts";
import type { Revised } from "./shapes.ts";

/** "A system error has occurred": eBay asks to try again. */
const systemErrorId = 25_001;
/** "Invalid quantity": among others, 0 on an account that ends listings instead of letting them run out. */
const quantityErrorId = 25_004;

/** What an answer means. `isUntouched`: eBay surely revised nothing. */
export interface Judged {
  readonly result: PublishResult;
  readonly isUntouched: boolean;
}

/** What a failed request means for everything in it. */
export function judgeAll(problem: Problem, untilTomorrowMs: number): Judged {
  const { status, detail, retryAfterMs, errors } = problem;
  // Without an answer, or with eBay's own failure, nobody knows what it did.
  const isUntouched = status !== undefined && status >= 400 && status < 500;
  if (isUsedUp(errors))
    return { result: { outcome: "later", detail, afterMs: untilTomorrowMs }, isUntouched };
  // 400 says nothing of a single offer: those have their own answers, in a 207.
  const isOurFault = status === 400 && !errors.some(({ errorId }) => errorId === systemErrorId);
  if (isOurFault) return { result: { outcome: "rejected", detail }, isUntouched };
  return { result: { outcome: "retry", detail, retryAfterMs }, isUntouched };
}

/** What the answer to a whole request means for one publication in it. */
export function judgeOne(
  { responses }: Revised,
  { sku, offerId }: EbayItem,
  quantity: number,
  untilTomorrowMs: number,
): Judged {
  const about = responses.filter((one) => (one.offerId ? one.offerId === offerId : one.sku === sku));
  const failed = about.filter(({ statusCode, errors }) => statusCode >= 300 || (errors ?? []).length > 0);
  if (about.length === 0) {
    return {
      result: { outcome: "retry", detail: "eBay's answer does not mention this offer" },
      isUntouched: false,
    };
  }
  if (failed.length === 0) return { result: { outcome: "ok" }, isUntouched: false };
  const errors = failed.flatMap((one) => one.errors ?? []);
  const detail =
    errors.length > 0 ? wordsOf(errors) : `eBay answers ${failed[0]?.statusCode} and gives no reason`;
  return { result: judgeErrors(errors, failed, detail, quantity, untilTomorrowMs), isUntouched: false };
}

function judgeErrors(
  errors: readonly ApiError[],
  failed: readonly { readonly statusCode: number }[],
  detail: string,
  quantity: number,
  untilTomorrowMs: number,
): PublishResult {
  if (isUsedUp(errors)) return { outcome: "later", detail, afterMs: untilTomorrowMs };
  const isTransient =
    errors.some(({ errorId }) => errorId === systemErrorId) ||
    failed.some(({ statusCode }) => statusCode >= 500);
  if (isTransient) return { outcome: "retry", detail };
  const refusesZero = quantity === 0 && errors.some(({ errorId }) => errorId === quantityErrorId);
  return { outcome: "rejected", detail: refusesZero ? `${detail}. ${outOfStockAdvice}` : detail };
}

const outOfStockAdvice =
  "The listing still offers units! Turn on the out-of-stock option (My eBay > Account > Selling preferences > Listings stay active when you're out of stock)";

/** eBay documents no number for this, only that the listing is blocked until the next day. */
function isUsedUp(errors: readonly ApiError[]): boolean {
  return errors.some(({ message = "", longMessage = "" }) => {
    const text = `${message} ${longMessage}`;
    return /revis(ed|ion|ions)\b/i.test(text) && /\b(maximum|limit|exceed(s|ed)?|too many|250)\b/i.test(text);
  });
}
