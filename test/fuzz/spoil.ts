import fc from "fast-check";

/** Values that something may stumble over. */
export const nasty: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    "",
    " ",
    0,
    -1,
    1.5,
    Number.MAX_VALUE,
    -1e308,
    2 ** 60,
    1_000_000_001,
    "\u0000",
    "e\u0301",
    "\ud800",
    "💥".repeat(70),
    "x".repeat(5_000),
    "../../etc/passwd",
    "a\r\nx-injected: 1",
    "'; DROP TABLE ledger; --",
    "${7*7}{{7*7}}",
    "__proto__",
    "constructor",
    "2026-02-30T25:61:00Z",
    "Infinity",
    [],
    [[]],
    {},
    { __proto__x: 1 },
  ),
  fc.string({ unit: "binary", maxLength: 30 }),
  fc.double(),
  fc.bigInt().map(String),
  fc.jsonValue({ maxDepth: 2 }),
);

/** How a value is spoiled: at which place, how, and with what. */
export interface Spoiling {
  readonly place: number;
  readonly how: number;
  readonly replacement: unknown;
}

export const spoilings: fc.Arbitrary<Spoiling> = fc.record({
  place: fc.nat(),
  how: fc.nat({ max: 4 }),
  replacement: nasty,
});

/** A value with one place in it that is something else now: taken out, put in, or of another kind. */
export function spoiled(value: unknown, { place, how, replacement }: Spoiling): unknown {
  const copy: unknown = structuredClone(value);
  const places = placesOf(copy);
  const found = places[place % places.length];
  if (found === undefined) return replacement;
  const { holder, key } = found;
  if (how === 0 && !Array.isArray(holder)) delete holder[key];
  else if (how === 1) holder[`${key}x`] = replacement;
  else holder[key] = replacement;
  return copy;
}

interface Place {
  readonly holder: Record<string, unknown>;
  readonly key: string;
}

function placesOf(value: unknown): Place[] {
  if (typeof value !== "object" || value === null) return [];
  const holder = value as Record<string, unknown>;
  return Object.keys(holder).flatMap((key) => [{ holder, key }, ...placesOf(holder[key])]);
}

const encoder = new TextEncoder();

/** Bodies that only resemble a JSON text, or not even that. */
const misshapen: readonly ((text: string) => Uint8Array)[] = [
  (text) => encoder.encode(text.slice(0, -1)),
  (text) => encoder.encode(text.replace("{", '{"sku":1,"sku":2,')),
  (text) => encoder.encode(text.replace("{", '{"__proto__":{"admin":true},')),
  (text) => encoder.encode(text.replace(/:\d+/, ":1e400")),
  (text) => encoder.encode(text.replace(/:(\d+)/, `:$1${"0".repeat(400)}`)),
  () => encoder.encode("[".repeat(20_000)),
  () => encoder.encode(`${'{"a":'.repeat(5_000)}1${"}".repeat(5_000)}`),
  () => new Uint8Array(),
  (text) => new Uint8Array([0xef, 0xbb, 0xbf, ...encoder.encode(text)]),
  (text) => new Uint8Array([...encoder.encode(text), 0xff, 0xfe]),
  (text) => encoder.encode(text).map((byte) => byte ^ 0x15),
];

/** So often the bytes are the JSON text of the value, for one time that they are something else. */
const wellShapedFor = 4;

/** The bytes of a body, by a number that says how they are made. */
export function bytesOf(value: unknown, how: number): Uint8Array {
  const text = JSON.stringify(value) ?? "";
  const shape = how % wellShapedFor === 0 ? misshapen[(how / wellShapedFor) % misshapen.length] : undefined;
  return shape === undefined ? encoder.encode(text) : shape(text);
}

/** A number for `bytesOf`. */
export const shapes: fc.Arbitrary<number> = fc.nat({ max: wellShapedFor * misshapen.length - 1 });
