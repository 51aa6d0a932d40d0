import type { ComponentChildren } from "preact";

/** A table that scrolls sideways where it does not fit, with the keyboard too. */
export function Table({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    <div class="table-box" role="region" aria-label={label} tabIndex={0}>
      <table>{children}</table>
    </div>
  );
}

/** A table of texts, the head first: each row is named by its first cell, and the others are figures. */
export function RowsTable({ label, rows }: { label: string; rows: readonly (readonly string[])[] }) {
  const [head = [], ...body] = rows;
  return (
    <Table label={label}>
      <thead>
        <tr>
          {head.map((text, column) => (
            <th key={column} scope="col" class={column === 0 ? "" : "number"}>
              {text === "" ? <span class="visually-hidden">Figure</span> : text}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {body.map(([name, ...cells], index) => (
          <tr key={index}>
            <th scope="row">{name}</th>
            {cells.map((text, column) => (
              <td key={column} class="number">
                {text}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </Table>
  );
}
