import type { PlannedLine } from "./planned.ts";

interface OpenLine {
  readonly invoice: string;
  readonly lineId: string;
  open: number;
}

/** Which lines sold in this file are still open, by who bought what: a cancellation must come from the buyer. */
export class OpenLines {
  readonly #lines = new Map<string, OpenLine[]>();

  add(customer: string, invoice: string, line: PlannedLine): void {
    if (customer === "") return;
    const key = keyOf(customer, line.sku);
    const lines = this.#lines.get(key) ?? [];
    this.#lines.set(key, [...lines, { invoice, lineId: line.lineId, open: line.quantity }]);
  }

  /**
   * The parts of earlier lines that make up a cancelled quantity, oldest first; undefined, and nothing taken, if
   * they do not cover it: then what comes back was sold before this file begins.
   */
  take(
    customer: string,
    sku: string,
    quantity: number,
  ): { invoice: string; line: PlannedLine }[] | undefined {
    const lines = this.#lines.get(keyOf(customer, sku)) ?? [];
    const open = lines.reduce((total, line) => total + line.open, 0);
    if (open < quantity) return undefined;
    const parts: { invoice: string; line: PlannedLine }[] = [];
    let wanted = quantity;
    for (const line of lines) {
      const taken = Math.min(wanted, line.open);
      if (taken === 0) continue;
      line.open -= taken;
      wanted -= taken;
      parts.push({ invoice: line.invoice, line: { lineId: line.lineId, sku, quantity: taken } });
    }
    return parts;
  }
}

function keyOf(customer: string, sku: string): string {
  return JSON.stringify([customer, sku]);
}
