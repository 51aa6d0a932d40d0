import { words } from "../../kit/words.ts";
import type { UserError } from "./inventory.ts";

/** What the errors of a mutation mean for the items in it. */
export interface Verdict {
  /** The whole is to be sent again: as it was (`same-key`), or as another request (`new-key`). */
  readonly again?: "same-key" | "new-key" | undefined;
  /** Why none of the items can be set, whatever is left out. */
  readonly whole?: string | undefined;
  /** Items that have another quantity than expected. */
  readonly stale: ReadonlySet<number>;
  /** Items that are not stocked at the location. */
  readonly unstocked: ReadonlySet<number>;
  /** Items that are not taken, and why. */
  readonly rejected: ReadonlyMap<number, string>;
}

/** Sorts the errors by the items that their paths name (`["input", "quantities", "3", "quantity"]`). */
export function judge(errors: readonly UserError[]): Verdict {
  const stale = new Set<number>();
  const unstocked = new Set<number>();
  const rejected = new Map<number, string>();
  let again: Verdict["again"];
  let whole: string | undefined;
  for (const error of errors) {
    const index = indexOf(error);
    switch (error.code) {
      case "IDEMPOTENCY_CONCURRENT_REQUEST":
        again = "same-key";
        continue;
      case "IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED":
      case "IDEMPOTENCY_KEY_PARAMETER_MISMATCH":
        again ??= "new-key";
        continue;
      case "INVALID_LOCATION":
        whole = `${said(error)}: see the setting \`locationId\``;
        continue;
      default:
    }
    if (index === undefined) whole ??= said(error);
    else if (isStale(error)) stale.add(index);
    else if (error.code === "ITEM_NOT_STOCKED_AT_LOCATION") unstocked.add(index);
    else if (!rejected.has(index)) rejected.set(index, said(error));
  }
  return { again, whole, stale, unstocked, rejected };
}

/** An error in the shop's own words. */
export function said({ code, message }: UserError): string {
  return code === undefined ? words(message) : `${words(message)} (${code})`;
}

function isStale({ code }: UserError): boolean {
  return code === "CHANGE_FROM_QUANTITY_STALE" || code === "COMPARE_QUANTITY_STALE";
}

function indexOf({ field }: UserError): number | undefined {
  const at = field?.indexOf("quantities") ?? -1;
  const text = at < 0 ? undefined : field?.[at + 1];
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}
