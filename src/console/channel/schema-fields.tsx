import type { FormField, Typed } from "../form.ts";
import { ChoiceField, NumberField, SecretField, TextField } from "../parts/field.tsx";

interface Props {
  readonly fields: readonly FormField[];
  readonly typed: Typed;
  readonly onTyped: (typed: Typed) => void;
  readonly faultOf: (name: string) => string | undefined;
  /** Hides what is typed. */
  readonly isSecret?: boolean;
}

/** Fields made of a schema: what must be filled in first, the rest folded away. */
export function SchemaFields({ fields, ...rest }: Props) {
  const required = fields.filter(({ isRequired }) => isRequired);
  const optional = fields.filter(({ isRequired }) => !isRequired);
  return (
    <>
      {required.map((field) => (
        <One key={field.name} field={field} {...rest} />
      ))}
      {optional.length > 0 && (
        <details class="more" open={optional.some(({ name }) => (rest.typed[name] ?? "") !== "")}>
          <summary>{rest.isSecret === true ? "Optional credentials" : "Optional settings"}</summary>
          <div class="form">
            {optional.map((field) => (
              <One key={field.name} field={field} {...rest} />
            ))}
          </div>
        </details>
      )}
    </>
  );
}

function One({ field, typed, onTyped, faultOf, isSecret }: Omit<Props, "fields"> & { field: FormField }) {
  const { name, label, hint, example, options, kind } = field;
  const common = {
    label,
    hint: kind === "list" ? `${hint ?? ""} Several, with commas between them.`.trim() : hint,
    value: typed[name] ?? "",
    error: faultOf(name),
    onValue: (value: string) => onTyped({ ...typed, [name]: value }),
  };
  if (kind === "choice")
    return <ChoiceField {...common} options={withNone(options.map((one) => [one, one]))} />;
  if (kind === "switch") {
    return (
      <ChoiceField
        {...common}
        options={withNone([
          ["true", "Yes"],
          ["false", "No"],
        ])}
      />
    );
  }
  if (kind === "number") return <NumberField {...common} />;
  if (isSecret === true) return <SecretField {...common} />;
  return <TextField {...common} placeholder={example} />;
}

function withNone(options: readonly (readonly [string, string])[]): readonly (readonly [string, string])[] {
  return [["", "Choose"], ...options];
}
