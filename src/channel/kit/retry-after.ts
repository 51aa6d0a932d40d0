const seconds = /^\d{1,10}$/;

/** HTTP dates name their day and end in GMT (RFC 9110, section 5.6.7); `Date.parse` alone would take nearly anything. */
const httpDate = /^[A-Z][a-z]{2,8},? .*(?:GMT|\d{4})$/;

/** How long a `Retry-After` header asks to wait, in ms (RFC 9110, section 10.2.3); undefined if it says nothing of use. */
export function parseRetryAfterMs(header: string | null, nowMs: number): number | undefined {
  const text = header?.trim() ?? "";
  if (seconds.test(text)) return Number(text) * 1000;
  if (!httpDate.test(text)) return undefined;
  // The asctime form carries no zone but means GMT.
  const atMs = Date.parse(text.endsWith("GMT") ? text : `${text} GMT`);
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - nowMs);
}
