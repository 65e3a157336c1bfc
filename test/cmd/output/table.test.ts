import { describe, expect, test } from "bun:test";
import { printable, truncate, wrap } from "../../../src/cmd/output/printable.ts";
import { type Column, formatTable } from "../../../src/cmd/output/table.ts";

interface Row {
  name: string;
  size: number;
}

const columns: Column<Row>[] = [
  { title: "NAME", text: (row) => row.name },
  { title: "SIZE", text: (row) => String(row.size), align: "right" },
];
const rows = [
  { name: "short", size: 1 },
  { name: "a name that is much longer", size: 1000 },
];

describe("formatTable", () => {
  test("columns are aligned, numbers to the right", () => {
    expect(formatTable(rows, columns)).toBe(
      "NAME                        SIZE\nshort                          1\na name that is much longer  1000\n",
    );
  });

  test("the widest column gives way until the line fits", () => {
    const lines = formatTable(rows, columns, { width: 20 }).trimEnd().split("\n");
    expect(lines.map((line) => Bun.stringWidth(line))).toEqual([20, 20, 20]);
    expect(lines[2]).toBe("a name that i…  1000");
  });

  test("wide characters count two columns and are never cut in half", () => {
    const lines = formatTable([{ name: "日本語日本語日本語", size: 1 }], columns, { width: 14 })
      .trimEnd()
      .split("\n");
    for (const line of lines) expect(Bun.stringWidth(line)).toBeLessThanOrEqual(14);
  });

  test("columns that may be missed are left out of a narrow terminal, those that are whole stay whole", () => {
    const more: Column<Row>[] = [
      { title: "ID", text: () => "task-abcdefghijkl", whole: true },
      ...columns,
      { title: "EXTRA", text: () => "something", dropRank: 1 },
    ];
    const lines = formatTable(rows, more, { width: 36 }).trimEnd().split("\n");
    expect(lines[0]).toBe("ID                 NAME         SIZE");
    expect(lines[2]).toBe("task-abcdefghijkl  a name tha…  1000");
  });

  test("whole columns are not cut even where the line gets too long, and others go before they are unreadable", () => {
    const wide: Column<Row>[] = [
      { title: "ID", text: () => "task-abcdefghijkl", whole: true },
      { title: "STATUS", text: () => "failed (command)", whole: true },
      { title: "USER", text: () => "somebody-else", dropRank: 1 },
      ...columns,
    ];
    const narrow = formatTable(rows, wide, { width: 40 });
    expect(narrow).toContain("task-abcdefghijkl  failed (command)  a nam…  1000\n");
    expect(formatTable(rows, wide, { width: 60 })).not.toContain("USER");
    expect(formatTable(rows, wide, { width: 66 })).toContain("failed (command)  somebo");
  });

  test("styles do not count, and what others wrote cannot steer the terminal", () => {
    const styled = [
      { ...columns[0], style: (text: string) => `\x1b[31m${text}\x1b[0m` } as Column<Row>,
      columns[1] as Column<Row>,
    ];
    const text = formatTable([{ name: "a\x1b[2Jb\nc", size: 1 }], styled);
    expect(text).toContain("\x1b[31ma\ufffd[2Jb c\x1b[0m");
  });
});

test("truncate, wrap, printable", () => {
  expect([truncate("abc", 3), truncate("abcd", 3), truncate("abcd", 1), truncate("abcd", 0)]).toEqual([
    "abc",
    "ab…",
    "…",
    "",
  ]);
  expect(wrap("one two three four", 9)).toEqual(["one two", "three", "four"]);
  expect(printable("a\u202eb\x07")).toBe("a\ufffdb\ufffd");
});
