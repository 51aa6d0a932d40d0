import type { Actor } from "./actor.ts";

/** Something that will happen; it does not if its actor is dead by then, or if it is cancelled. */
export interface Happening {
  readonly atMs: number;
  readonly seq: number;
  readonly actor: Actor | undefined;
  run: (() => void) | undefined;
}

/** Undocumented, and the only way to have promises settle without leaving the loop; checked when it is loaded. */
const settlePromises: unknown = Reflect.get(process, "_tickCallback");

/**
 * Virtual time. Things happen one after the other, each with all that promises make of it: such a turn belongs to one
 * actor, and nothing else runs meanwhile. Things of the same moment happen in the order in which they were planned.
 */
export class Timeline {
  /** ms since the epoch, with fractions. */
  nowMs: number;
  /** Whose turn it is; undefined between turns, and in turns of nobody. */
  current: Actor | undefined;
  /** Turns so far. */
  turns = 0;
  readonly #settle: () => void;
  readonly #heap: Happening[] = [];
  #seq = 0;

  constructor(startMs: number) {
    this.nowMs = startMs;
    if (typeof settlePromises !== "function") throw new Error("this Node cannot settle promises in a loop");
    this.#settle = settlePromises as () => void;
  }

  at(atMs: number, actor: Actor | undefined, run: () => void): Happening {
    const happening: Happening = { atMs: Math.max(atMs, this.nowMs), seq: this.#seq, actor, run };
    this.#seq += 1;
    this.#push(happening);
    return happening;
  }

  after(ms: number, actor: Actor | undefined, run: () => void): Happening {
    return this.at(this.nowMs + ms, actor, run);
  }

  /** The present turn is this actor's from here on. */
  become(actor: Actor): void {
    if (this.current !== undefined)
      throw new Error(`a turn of ${this.current.name} cannot become ${actor.name}'s`);
    this.current = actor;
  }

  /** Lets time pass until then. Call it from a macrotask: promises do not settle inside of a promise's callback. */
  run(untilMs: number, isOver: () => boolean = () => false): void {
    for (let next = this.#heap[0]; next !== undefined && next.atMs <= untilMs; next = this.#heap[0]) {
      this.#pop();
      const { run, actor } = next;
      if (run === undefined || actor?.isAlive === false) continue;
      next.run = undefined;
      this.nowMs = next.atMs;
      this.current = actor;
      this.turns += 1;
      run();
      this.#settle();
      this.current?.endTurn();
      this.current = undefined;
      if (isOver()) return;
    }
    this.nowMs = Math.max(this.nowMs, untilMs);
  }

  #push(item: Happening): void {
    const heap = this.#heap;
    let index = heap.length;
    heap.push(item);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || !isBefore(item, above)) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = item;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      const right = left + 1;
      let child = heap[left];
      let at = left;
      const other = heap[right];
      if (child !== undefined && other !== undefined && isBefore(other, child)) {
        child = other;
        at = right;
      }
      if (child === undefined || !isBefore(child, last)) break;
      heap[index] = child;
      index = at;
    }
    heap[index] = last;
  }
}

function isBefore(a: Happening, b: Happening): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.seq < b.seq);
}
