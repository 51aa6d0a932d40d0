import type { StockStatus } from "../../protocol/stock.ts";
import { statusWords } from "../format.ts";

export type Tone = "good" | "warning" | "danger" | "quiet" | "accent";

/** A word with a dot of its colour; the colour never says more than the word. */
export function Mark({ tone, children }: { tone: Tone; children: string }) {
  return <span class={`mark mark-${tone}`}>{children}</span>;
}

const tones: Record<StockStatus, Tone> = {
  in_stock: "good",
  low_stock: "warning",
  out_of_stock: "danger",
  backorder: "accent",
};

export function StatusMark({ status }: { status: StockStatus }) {
  return <Mark tone={tones[status]}>{statusWords[status]}</Mark>;
}
