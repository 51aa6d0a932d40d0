import type { PublicationRule } from "../../protocol/rule.ts";
import { count } from "../format.ts";

/** A publication rule as a sentence, in the order in which its parts apply. */
export function ruleWords(rule: PublicationRule | undefined): string {
  if (rule === undefined) return "All that is available";
  const { locations, low, ...parts } = rule;
  const from = locations === undefined ? [] : [`only ${locations.join(", ")}`];
  const words = [...from, ...partWords(parts)];
  const usual = words.length === 0 ? "all that is available" : words.join(", then ");
  const last =
    low === undefined ? "" : `. From ${count(low.atOrBelow)} units down: ${partWords(low).join(", then ")}`;
  return usual.charAt(0).toUpperCase() + usual.slice(1) + last;
}

type Parts = Pick<PublicationRule, "buffer" | "percent" | "cap" | "floor">;

function partWords({ buffer, percent, cap, floor }: Parts): string[] {
  return [
    ...(buffer === undefined ? [] : [`${count(buffer)} held back`]),
    ...(percent === undefined ? [] : [`${percent} % of the rest`]),
    ...(cap === undefined ? [] : [`at most ${count(cap)}`]),
    ...(floor === undefined ? [] : [`0 below ${count(floor)}`]),
  ];
}
