import type { ComponentChildren } from "preact";

/** A table that scrolls sideways where it does not fit, with the keyboard too. */
export function Table({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    <div class="table-box" role="region" aria-label={label} tabIndex={0}>
      <table>{children}</table>
    </div>
  );
}
