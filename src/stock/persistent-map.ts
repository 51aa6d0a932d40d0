import { Map as ImmutableMap } from "immutable";

/**
 * A map that is never changed: each change answers a new one, which shares with the old one what is the same in both. The
 * part of Immutable's map that is used here; all of it would take the compiler longer than all else.
 */
export interface PersistentMap<Value> extends Iterable<[key: string, value: Value]> {
  readonly size: number;
  get(key: string): Value | undefined;
  get(key: string, otherwise: Value): Value;
  has(key: string): boolean;
  set(key: string, value: Value): PersistentMap<Value>;
  update(key: string, otherwise: Value, change: (value: Value) => Value): PersistentMap<Value>;
  delete(key: string): PersistentMap<Value>;
  clear(): PersistentMap<Value>;
  concat(entries: Iterable<readonly [key: string, value: Value]>): PersistentMap<Value>;
  keys(): IterableIterator<string>;
  values(): IterableIterator<Value>;
  every(is: (value: Value, key: string) => boolean): boolean;
  filter(is: (value: Value, key: string) => boolean): PersistentMap<Value>;
  reduce<Result>(add: (result: Result, value: Value, key: string) => Result, start: Result): Result;
  toObject(): Record<string, Value>;
}

/** A map of these entries; of several with one key, the last. */
export function persistentMap<Value>(
  entries: Iterable<readonly [key: string, value: Value]> = [],
): PersistentMap<Value> {
  return ImmutableMap(entries as Iterable<[string, Value]>);
}
