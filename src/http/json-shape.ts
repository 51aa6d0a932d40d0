import { limits } from "../protocol/limits.ts";

/**
 * What is wrong with the shape of a JSON text, before it is parsed; undefined if nothing is. Nesting is bounded, because what
 * comes after the parser walks values recursively, and so is the number of fields of an object. A text with both faults of
 * syntax and of shape may get either answer.
 */
export function refuseShape(text: string): string | undefined {
  const fields: number[] = [];
  for (let index = 0; index < text.length; index += 1) {
    switch (text.charCodeAt(index)) {
      case quote:
        index = endOfString(text, index);
        break;
      case openBrace:
      case openBracket:
        fields.push(0);
        if (fields.length > limits.bodyDepthMax) return `nest at most ${limits.bodyDepthMax} levels deep`;
        break;
      case closeBrace:
      case closeBracket:
        fields.pop();
        break;
      case colon: {
        const count = (fields.pop() ?? 0) + 1;
        if (count > limits.bodyFieldsMax) return `an object may have ${limits.bodyFieldsMax} fields`;
        fields.push(count);
        break;
      }
      default:
    }
  }
  return undefined;
}

const quote = 0x22;
const backslash = 0x5c;
const colon = 0x3a;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/** Where the string that begins at a place ends; the end of the text if it does not. */
function endOfString(text: string, start: number): number {
  let index = start + 1;
  while (index < text.length && text.charCodeAt(index) !== quote) {
    index += text.charCodeAt(index) === backslash ? 2 : 1;
  }
  return index;
}
