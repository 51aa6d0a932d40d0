import type { PublicationRule } from "../../protocol/rule.ts";
import { NumberField, wholeNumber } from "../parts/field.tsx";

const parts = [
  ["buffer", "Units held back", "Subtracted from what is available."],
  ["percent", "Percent of the rest", "Rounded down."],
  ["cap", "At most", "Never shows more."],
  ["floor", "Nothing below", "Shows 0 when fewer than this would be shown."],
] as const;

type Part = (typeof parts)[number][0];
export type TypedRule = Readonly<Record<Part, string>>;

/** How much of what is available the channel is shown. */
export function RuleFields({ typed, onTyped }: { typed: TypedRule; onTyped: (typed: TypedRule) => void }) {
  const isSet = Object.values(typed).some((text) => text !== "");
  return (
    <details class="more" open={isSet}>
      <summary>Show less than is available</summary>
      <div class="form form-pair">
        {parts.map(([name, label, hint]) => (
          <NumberField
            key={name}
            label={label}
            hint={hint}
            value={typed[name]}
            onValue={(value) => onTyped({ ...typed, [name]: value })}
          />
        ))}
      </div>
    </details>
  );
}

export function typedRuleOf(rule: PublicationRule | undefined): TypedRule {
  const text = (part: Part) => (rule?.[part] === undefined ? "" : String(rule[part]));
  return { buffer: text("buffer"), percent: text("percent"), cap: text("cap"), floor: text("floor") };
}

/** The rule that was typed; parts that this form does not show stay as they were. Undefined: show all. */
export function ruleOf(typed: TypedRule, before: PublicationRule | undefined): PublicationRule | undefined {
  const { locations, low } = before ?? {};
  const numbers = parts.flatMap(([name]) => {
    const value = wholeNumber(typed[name]);
    return value === undefined ? [] : [[name, value] as const];
  });
  const kept = { ...(locations !== undefined && { locations }), ...(low !== undefined && { low }) };
  const rule = { ...kept, ...Object.fromEntries(numbers) };
  return Object.keys(rule).length === 0 ? undefined : rule;
}
