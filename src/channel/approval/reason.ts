import type { ShortLine } from "../../reservation/contract.ts";
import type { CartLine } from "./contract.ts";

/** Why an order is declined whose lines are short, each with how many there are, in the channel's own names. */
export function shortReason(short: readonly ShortLine[], lines: readonly CartLine[]): string {
  const parts = short.map(({ sku, requested, available }) => {
    const item = lines.find((line) => line.sku === sku)?.item ?? sku;
    return `${requested} of ${item} requested, ${Math.max(0, available)} available`;
  });
  return `out of stock: ${parts.join("; ")}`;
}

/** Why an order is declined that nobody sells parts of. */
export function unknownReason(items: readonly string[]): string {
  return `not sold here: ${items.join(", ")}`;
}

/** Why an order is declined for another reason, by the code of the refusal. */
export function reasonOf(code: string, line: CartLine | undefined): string {
  if (code === "sku-not-found") return unknownReason([line?.item ?? "an item of the order"]);
  return `${line?.item ?? "the order"} cannot be reserved (${code})`;
}
