/**
 * A copy as it comes out at the other end of a call. What the platform would not carry is refused here too: functions,
 * promises, and instances of classes of our own.
 */
export function cloned<Value>(value: Value): Value {
  return copy(value) as Value;
}

function copy(value: unknown): unknown {
  if (typeof value !== "object" || value === null) {
    if (typeof value === "function" || typeof value === "symbol")
      throw new TypeError(`a ${typeof value} cannot be sent`);
    return value;
  }
  if (Array.isArray(value)) return value.map(copy);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) {
    const result: Record<string, unknown> = {};
    for (const key of Object.keys(value)) result[key] = copy(Reflect.get(value, key));
    return result;
  }
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (value instanceof Map || value instanceof Set || value instanceof Date) return structuredClone(value);
  throw new TypeError(`a ${value.constructor.name} cannot be sent`);
}
