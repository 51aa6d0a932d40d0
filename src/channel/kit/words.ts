const wordsMax = 500;

/** What a channel said, as harmless text of bounded length. */
export function words(text: string): string {
  return text
    .slice(0, 4 * wordsMax)
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\s]+/gu, " ")
    .trim()
    .slice(0, wordsMax);
}

/** Undefined if it is not JSON: the caller says so, with the status. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
