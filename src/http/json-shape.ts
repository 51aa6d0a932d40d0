import { limits } from "../protocol/limits.ts";

/**
 * What is wrong with the shape of a JSON text, before it is parsed; undefined if nothing is. Nesting is bounded, because what
 * comes after the parser walks values recursively, and so is the number of fields of an object. No object may have a field
 * twice (RFC 8259, section 4, leaves open which one counts): whoever checks a request on the way could read another one than
 * is carried out here. A text with faults of both syntax and shape may get either answer.
 */
export function refuseShape(text: string): string | undefined {
  /** The names in each object or array that is open; an array has none. */
  const open: (string[] | Set<string>)[] = [];
  let stringStart = 0;
  let stringEnd = 0;
  for (let index = 0; index < text.length; index += 1) {
    switch (text.charCodeAt(index)) {
      case quote:
        stringStart = index;
        index = endOfString(text, index);
        stringEnd = index;
        break;
      case openBrace:
      case openBracket:
        open.push([]);
        if (open.length > limits.bodyDepthMax) return `nest at most ${limits.bodyDepthMax} levels deep`;
        break;
      case closeBrace:
      case closeBracket:
        open.pop();
        break;
      case colon: {
        const fields = open.pop() ?? [];
        const name = nameIn(text, stringStart, stringEnd);
        const known = withName(fields, name);
        if (known === undefined)
          return `the field ${JSON.stringify(name)} stands twice in an object: send it once`;
        const count = Array.isArray(known) ? known.length : known.size;
        if (count > limits.bodyFieldsMax) return `an object may have ${limits.bodyFieldsMax} fields`;
        open.push(known);
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

/** Up to so many names a list is quicker than a set. */
const listMax = 16;

/** The names of an object with one more; undefined if it is there already. */
function withName(names: string[] | Set<string>, name: string): string[] | Set<string> | undefined {
  if (names instanceof Set) return names.has(name) ? undefined : names.add(name);
  if (names.includes(name)) return undefined;
  names.push(name);
  return names.length > listMax ? new Set(names) : names;
}

/** What the string between two quotes says: a name may be spelt with escapes. */
function nameIn(text: string, start: number, end: number): string {
  const raw = text.slice(start + 1, end);
  if (!raw.includes("\\")) return raw;
  try {
    return String(JSON.parse(text.slice(start, end + 1)));
  } catch {
    // The parser will refuse it.
    return raw;
  }
}

/** Where the string that begins at a place ends; the end of the text if it does not. */
function endOfString(text: string, start: number): number {
  let index = start + 1;
  while (index < text.length && text.charCodeAt(index) !== quote) {
    index += text.charCodeAt(index) === backslash ? 2 : 1;
  }
  return index;
}
