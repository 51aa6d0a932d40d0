import { useEffect, useRef } from "preact/hooks";
import { count } from "../format.ts";

/** A number of units that may change while one looks: it lights up for a moment when it does. */
export function Quantity({ value, dim = false }: { value: number; dim?: boolean }) {
  const element = useRef<HTMLSpanElement>(null);
  const before = useRef(value);
  useEffect(() => {
    if (before.current === value) return;
    const way = value < before.current ? "down" : "up";
    before.current = value;
    const span = element.current;
    if (span === null) return;
    delete span.dataset["way"];
    // Read, so that the same way twice in a row begins anew.
    void span.offsetWidth;
    span.dataset["way"] = way;
  }, [value]);
  const kind =
    value < 0 ? "quantity quantity-short" : value === 0 && dim ? "quantity quantity-none" : "quantity";
  return (
    <span ref={element} class={kind}>
      {count(value)}
    </span>
  );
}
