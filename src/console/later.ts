import { useEffect, useState } from "preact/hooks";

/** A value once it has stayed for so long: what changes all the time is passed on now and then. */
export function useLater<Value>(value: Value, waitMs: number): Value {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    if (value === settled) return undefined;
    const timer = window.setTimeout(() => setSettled(() => value), waitMs);
    return () => window.clearTimeout(timer);
  }, [value]);
  return settled;
}
