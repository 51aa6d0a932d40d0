import type { WriteStream } from "node:tty";

const widthUnknown = 120;

/** Lines that are drawn over themselves on a terminal. Elsewhere nothing is drawn. */
export class LiveLines {
  readonly #stream: WriteStream;
  #drawn = 0;

  constructor(stream: WriteStream) {
    this.#stream = stream;
  }

  get isLive(): boolean {
    return this.#stream.isTTY;
  }

  draw(lines: readonly string[]): void {
    if (!this.isLive) return;
    // Some terminals say 0: then nobody knows.
    const width = this.#stream.columns > 0 ? this.#stream.columns : widthUnknown;
    const clipped = lines.map((line) => `\u001b[2K${line.slice(0, width - 1)}\n`);
    this.#stream.write(this.#home() + clipped.join(""));
    this.#drawn = lines.length;
  }

  /** Wipes what was drawn, so that a report can take its place. */
  clear(): void {
    if (!this.isLive) return;
    this.#stream.write(`${this.#home()}\u001b[0J`);
    this.#drawn = 0;
  }

  #home(): string {
    return this.#drawn === 0 ? "" : `\u001b[${this.#drawn}A\r`;
  }
}

/** `[#####.....]  50%  12/24 orders` */
export function progressBar(done: number, total: number, unit: string): string {
  const width = 32;
  const share = total === 0 ? 1 : done / total;
  const filled = Math.round(share * width);
  const bar = "#".repeat(filled) + ".".repeat(width - filled);
  return `[${bar}] ${String(Math.floor(share * 100)).padStart(3)} %  ${done}/${total} ${unit}`;
}

/** Rows in aligned columns: the first to the left, the others to the right unless they are words. */
export function table(rows: readonly (readonly string[])[], others: "left" | "right" = "right"): string {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const lines = rows.map((row) =>
    row
      .map((cell, column) => pad(cell, widths[column] ?? 0, column === 0 || others === "left"))
      .join("  ")
      .trimEnd(),
  );
  return lines.join("\n");
}

function pad(cell: string, width: number, toTheLeft: boolean): string {
  return toTheLeft ? cell.padEnd(width) : cell.padStart(width);
}

/** Milliseconds for people: `4.2`, `137`. */
export function formatMs(ms: number): string {
  return ms < 10 ? ms.toFixed(1) : ms.toFixed(0);
}
