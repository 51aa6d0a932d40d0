import { Cell } from "./cell.ts";

/** What was done last, in a sentence: shown for a while, and said to screen readers. */
export const announced = new Cell<{ readonly text: string; readonly atMs: number } | undefined>(undefined);

export function announce(text: string): void {
  announced.set({ text, atMs: Date.now() });
}
