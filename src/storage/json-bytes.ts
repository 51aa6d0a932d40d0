const encoder = new TextEncoder();
const beyondAscii = /[\u0080-\uffff]/;

/** How many bytes a value takes as JSON in UTF-8. */
export function jsonBytes(value: unknown): number {
  const text = JSON.stringify(value);
  // Most are ASCII: a byte for each character, and nothing to make.
  return beyondAscii.test(text) ? encoder.encode(text).length : text.length;
}
