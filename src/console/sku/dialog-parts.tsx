import type { StockView } from "../../protocol/stock.ts";
import { TextField } from "../parts/field.tsx";

export interface DialogProps {
  /** As the page has it: what it shows is what a count is checked against. */
  readonly stock: StockView;
  readonly onClose: () => void;
}

interface LocationProps {
  readonly label: string;
  readonly stock: StockView;
  readonly value: string;
  readonly onValue: (value: string) => void;
}

export function LocationField({ stock, ...field }: LocationProps) {
  return <TextField {...field} suggestions={stock.locations.map(({ location }) => location)} />;
}

export function firstLocation({ locations }: StockView): string {
  return (
    locations.find(({ location }) => location === "default")?.location ?? locations[0]?.location ?? "default"
  );
}

export function onHandAt({ locations }: StockView, name: string): number {
  return locations.find(({ location }) => location === name)?.onHand ?? 0;
}

export function availableAt({ locations }: StockView, name: string): number {
  return locations.find(({ location }) => location === name)?.available ?? 0;
}

/** Fields that were filled in. */
export function given(fields: Readonly<Record<string, string>>): Record<string, string> {
  const filled = Object.entries(fields).map(([name, text]) => [name, text.trim()] as const);
  return Object.fromEntries(filled.filter(([, text]) => text !== ""));
}
