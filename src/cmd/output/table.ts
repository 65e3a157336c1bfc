// A table: aligned columns that fit the terminal. Where there is no terminal nothing is cut, so that a pipe gets all.
import { printable, truncate } from "./printable.ts";

export interface Column<Row> {
  readonly title: string;
  readonly text: (row: Row) => string;
  /** Applied after the width was measured: escape sequences do not count. */
  readonly style?: (text: string, row: Row) => string;
  readonly align?: "right";
}

const GAP = "  ";
const COLUMN_MIN = 6;

/** The whole table, each line with its newline. `width` in columns of the terminal; undefined: nothing is cut. */
export function formatTable<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  options: { width?: number | undefined; title?: (text: string) => string } = {},
): string {
  const cells = rows.map((row) => columns.map((column) => printable(column.text(row))));
  const natural = columns.map((column, index) =>
    Math.max(Bun.stringWidth(column.title), ...cells.map((line) => Bun.stringWidth(line[index] ?? ""))),
  );
  const widths = fit(natural, options.width);
  const titles = columns.map((column) => column.title);
  const title = options.title ?? ((text) => text);
  const head = formatLine(titles, columns, widths, title);
  const lines = cells.map((line, at) =>
    formatLine(line, columns, widths, (text, index) => {
      const style = columns[index]?.style;
      return style === undefined ? text : style(text, rows[at] as Row);
    }),
  );
  return [head, ...lines].map((line) => `${line}\n`).join("");
}

function formatLine<Row>(
  cells: readonly string[],
  columns: readonly Column<Row>[],
  widths: readonly number[],
  style: (text: string, index: number) => string,
): string {
  const parts = cells.map((cell, index) => {
    const width = widths[index] ?? 0;
    const text = truncate(cell, width);
    const pad = " ".repeat(Math.max(0, width - Bun.stringWidth(text)));
    if (columns[index]?.align === "right") return pad + style(text, index);
    return style(text, index) + (index === cells.length - 1 ? "" : pad);
  });
  return parts.join(GAP).trimEnd();
}

/** Takes columns from the widest, one at a time, until the line fits or every column is at its least. */
function fit(natural: readonly number[], width: number | undefined): number[] {
  const widths = [...natural];
  if (width === undefined) return widths;
  let excess = widths.reduce((sum, value) => sum + value, GAP.length * (widths.length - 1)) - width;
  while (excess > 0) {
    const widest = widths.indexOf(Math.max(...widths));
    if ((widths[widest] ?? 0) <= COLUMN_MIN) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
    excess--;
  }
  return widths;
}
