import { describe, expect, test } from "bun:test";
import { commandTable } from "../../../src/cmd/commands.ts";
import { formatCommandHelp, formatRootHelp } from "../../../src/cmd/framework/help.ts";
import { createStyle } from "../../../src/cmd/output/style.ts";

const plain = createStyle(false);

describe.each(commandTable.commands.map((entry) => [entry.name, entry] as const))("%s", (name, entry) => {
  test("its definition carries the name it is asked for by, and examples that begin with a tasklog call", async () => {
    const command = await entry.load();
    expect(command.meta.name).toBe(name);
    expect(command.examples.length).toBeGreaterThan(1);
    for (const example of command.examples) expect(example.command).toMatch(/tasklog /);
  });

  test("every flag has a description and shows in help, which fits the terminal", async () => {
    const command = await entry.load();
    const text = formatCommandHelp(command, { style: plain, width: 80 });
    for (const [flag, definition] of Object.entries(command.args)) {
      expect(definition.description ?? "").not.toBe("");
      if (definition.type !== "positional" && definition.default !== true)
        expect(text).toContain(`--${flag}`);
    }
    const prose = text.slice(0, text.indexOf("Examples")).split("\n");
    expect(Math.max(...prose.map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(text).not.toContain("\x1b");
  });

  test("no short flag is given twice", async () => {
    const { args } = await entry.load();
    const shorts = Object.values(args).flatMap((flag) => ("alias" in flag ? [flag.alias ?? []].flat() : []));
    expect(new Set(shorts).size).toBe(shorts.length);
    expect(shorts).not.toContain("h");
  });
});

test("the root help lists every command once, without loading any", () => {
  const text = formatRootHelp(commandTable, "1.2.3", { style: plain, width: undefined });
  for (const { name, summary } of commandTable.commands)
    expect(text).toMatch(new RegExp(`^  ${name} +${summary}`, "m"));
  expect(text).toContain("1.2.3");
});

test("suggest - slips are recognised, other words are not", async () => {
  const { suggest } = await import("../../../src/cmd/framework/suggest.ts");
  const words = ["monitor", "list-tasks", "workers", "run"];
  expect(["montior", "list-task", "wokers", "rnu", "moni"].map((word) => suggest(word, words))).toEqual([
    "monitor",
    "list-tasks",
    "workers",
    "run",
    "monitor",
  ]);
  expect(["x", "toString", "xyz"].map((word) => suggest(word, words))).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});
