import { useEffect, useState } from "preact/hooks";

/** A value that several parts of the page look at: those that use it are drawn again when it changes. */
export class Cell<Value> {
  #value: Value;
  readonly #watchers = new Set<(value: Value) => void>();

  constructor(value: Value) {
    this.#value = value;
  }

  get value(): Value {
    return this.#value;
  }

  set(value: Value): void {
    if (value === this.#value) return;
    this.#value = value;
    for (const watcher of this.#watchers) watcher(value);
  }

  watch(watcher: (value: Value) => void): () => void {
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  }
}

/** The value of a cell, always the newest. */
export function useCell<Value>(cell: Cell<Value>): Value {
  const [value, setValue] = useState(() => cell.value);
  useEffect(() => {
    const take = (next: Value) => setValue(() => next);
    take(cell.value);
    return cell.watch(take);
  }, [cell]);
  return value;
}
