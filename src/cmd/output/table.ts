// A table: aligned columns that fit the terminal. Where there is no terminal nothing is cut, so that a pipe gets all.
import { printable, truncate } from "./printable.ts";

export interface Column<Row> {
  readonly title: string;
  readonly text: (row: Row) => string;
  /** Applied after the width was measured: escape sequences do not count. */
  readonly style?: (text: string, row: Row) => string;
  readonly align?: "right";
  /** Left out where the terminal is too narrow for all: the highest rank goes first. */
  readonly dropRank?: number;
  /** Never cut, such as an id or a status: rather the line is longer than the terminal is wide. */
  readonly whole?: boolean;
}

const columnGap = "  ";
/** The width below which no column is cut, in columns: less of a text says nothing. */
const columnMin = 6;
/** Columns are left out rather than that the others are cut to less than this. */
const columnReadable = 10;

/** The whole table, each line with its newline. `width` in columns of the terminal; undefined: nothing is cut. */
export function formatTable<Row>(
  rows: readonly Row[],
  all: readonly Column<Row>[],
  options: { width?: number | undefined; title?: (text: string) => string } = {},
): string {
  const columns = [...all];
  let measured = measure(rows, columns);
  while (options.width !== undefined && leastWidth(measured, columns) > options.width) {
    const last = columns.reduce((a, b) => ((b.dropRank ?? 0) > (a.dropRank ?? 0) ? b : a));
    if (last.dropRank === undefined) break;
    columns.splice(columns.indexOf(last), 1);
    measured = measure(rows, columns);
  }
  const widths = fit(measured, columns, options.width);
  const titles = columns.map((column) => column.title);
  const head = formatLine(titles, columns, widths, options.title ?? ((text) => text));
  const lines = rows.map((row) => {
    const cells = columns.map((column) => printable(column.text(row)));
    return formatLine(cells, columns, widths, (text, index) => columns[index]?.style?.(text, row) ?? text);
  });
  return [head, ...lines].map((line) => `${line}\n`).join("");
}

/** The width that each column would like to have. */
function measure<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): number[] {
  return columns.map((column) =>
    rows.reduce(
      (widest, row) => Math.max(widest, Bun.stringWidth(printable(column.text(row)))),
      Bun.stringWidth(column.title),
    ),
  );
}

function lineWidth(widths: readonly number[]): number {
  return widths.reduce((sum, value) => sum + value, columnGap.length * (widths.length - 1));
}

/** The least width at which the table can still be read. */
function leastWidth<Row>(widths: readonly number[], columns: readonly Column<Row>[]): number {
  return lineWidth(
    widths.map((width, index) => (columns[index]?.whole ? width : Math.min(width, columnReadable))),
  );
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
  return parts.join(columnGap).trimEnd();
}

/** Takes from the widest column, one at a time, until the line fits; nothing from whole ones. */
function fit<Row>(
  natural: readonly number[],
  columns: readonly Column<Row>[],
  width: number | undefined,
): number[] {
  const widths = [...natural];
  if (width === undefined) return widths;
  const indexes = [...widths.keys()].filter((index) => !columns[index]?.whole);
  for (let excess = lineWidth(widths) - width; excess > 0 && indexes.length > 0; excess--) {
    const widest = indexes.reduce((a, b) => ((widths[b] ?? 0) > (widths[a] ?? 0) ? b : a));
    if ((widths[widest] ?? 0) <= columnMin) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}
