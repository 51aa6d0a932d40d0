import type { ComponentChildren } from "preact";

/** A table that scrolls sideways where it does not fit, with the keyboard too. */
export function Table({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    <div class="table-box" role="region" aria-label={label} tabIndex={0}>
      <table>{children}</table>
    </div>
  );
}

interface RowsProps {
  readonly label: string;
  readonly rows: readonly (readonly string[])[];
  readonly cells?: "figures" | "words";
}

/** A table of texts, the head first: each row is named by its first cell; without a name it belongs to the row above. */
export function RowsTable({ label, rows, cells: kind = "figures" }: RowsProps) {
  const [head = [], ...body] = rows;
  const cellClass = kind === "figures" ? "number" : "words";
  return (
    <Table label={label}>
      <thead>
        <tr>
          {head.map((text, column) => (
            <th key={column} scope="col" class={column === 0 ? "" : cellClass}>
              {text === "" ? <span class="visually-hidden">Figure</span> : text}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {body.map(([name, ...cells], index) => (
          <tr key={index}>
            <th scope="row">
              {name === "" ? <span class="visually-hidden">{nameAbove(body, index)}</span> : name}
            </th>
            {cells.map((text, column) => (
              <td key={column} class={cellClass}>
                {text}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

function nameAbove(rows: RowsProps["rows"], index: number): string {
  return rows.slice(0, index).findLast(([name]) => name !== "")?.[0] ?? "";
}
