import { describe, expect, test } from "bun:test";
import { type Command, defineCommand, type Flags } from "../../../src/cmd/framework/define-command.ts";
import { bytes, count, countOrAll, duration, label } from "../../../src/cmd/framework/flag-values.ts";
import { parseFlags } from "../../../src/cmd/framework/parse-flags.ts";
import { TasklogError } from "../../../src/core/base/errors.ts";

const run = async (): Promise<number> => 0;
const args = {
  TASK: { type: "positional", multiple: true, required: true },
  tail: { type: "string", alias: "n", parse: countOrAll(0), default: "1000", valueHint: "N|all" },
  follow: { type: "boolean", default: true },
  json: { type: "boolean" },
  label: { type: "string", alias: "l", parse: label, multiple: true },
  pull: { type: "enum", options: ["always", "never"] },
  timeout: { type: "string", parse: duration },
  memory: { type: "string", parse: bytes },
  slots: { type: "string", parse: count(1, 10) },
  name: { type: "string" },
} as const satisfies Flags;
const look = defineCommand({ meta: { name: "look", description: "" }, args, examples: [], run });
const exec = defineCommand({
  meta: { name: "exec", description: "" },
  args: {
    IMAGE: { type: "positional" },
    detach: { type: "boolean", alias: "d" },
    env: { type: "string", alias: "e", multiple: true },
  },
  flagsStopAtFirst: true,
  restName: "COMMAND",
  examples: [],
  run,
});

function valuesOf(command: Command, ...argv: string[]): Record<string, unknown> {
  return { ...parseFlags(command, argv).args };
}

function faultOf(command: Command, ...argv: string[]): string {
  try {
    parseFlags(command, argv);
  } catch (thrown) {
    const error = TasklogError.from(thrown);
    expect(error.exitCode).toBe(2);
    return error.message;
  }
  throw new Error(`${argv.join(" ")} was taken`);
}

describe("values", () => {
  test("nothing given - defaults are read, lists are empty, what has no default is undefined", () => {
    expect(valuesOf(look, "a")).toEqual({
      TASK: ["a"],
      tail: 1000,
      follow: true,
      json: false,
      label: [],
      pull: undefined,
      timeout: undefined,
      memory: undefined,
      slots: undefined,
      name: undefined,
    });
  });

  test.each([
    [["a", "--tail", "5"], { tail: 5 }],
    [["a", "--tail=all"], { tail: "all" }],
    [["a", "-n5"], { tail: 5 }],
    [["a", "-n=5"], { tail: 5 }],
    [["--no-follow", "a"], { follow: false }],
    [["--follow=false", "a"], { follow: false }],
    [["--json", "a", "b"], { json: true, TASK: ["a", "b"] }],
    [
      ["a", "-l", "x=1", "--label", "y"],
      {
        label: [
          ["x", "1"],
          ["y", ""],
        ],
      },
    ],
    [["a", "--timeout", "1h30m", "--memory", "512m"], { timeout: 5_400_000, memory: 512 * 1024 ** 2 }],
    [["a", "--name=--json"], { name: "--json" }],
    [["a", "--name", "-x"], { name: "-x" }],
  ])("%j", (argv, expected) => {
    expect(valuesOf(look, ...argv)).toMatchObject(expected);
  });

  test("--help anywhere among the flags is all that counts", () => {
    expect(parseFlags(look, ["--bogus", "--help"]).help).toBe(true);
    expect(parseFlags(look, ["-h"]).help).toBe(true);
  });
});

describe("what cannot be meant", () => {
  test.each([
    [["a", "--tial", "5"], "unknown flag --tial: did you mean --tail?"],
    [["a", "--folow"], "unknown flag --folow: did you mean --follow?"],
    [["a", "--zzz"], "unknown flag --zzz: see `tasklog look --help`"],
    [["a", "-z"], "unknown flag -z: see `tasklog look --help`"],
    [["a", "--__proto__"], "unknown flag --__proto__: see `tasklog look --help`"],
    [["a", "--toString=1"], "unknown flag --toString: see `tasklog look --help`"],
    [["a", "--tail"], "--tail needs a value (N|all)"],
    [
      ["a", "--name", "--json"],
      "--name needs a value, but the flag --json follows it; write --name=--json if that is meant",
    ],
    [["a", "--name", "x", "--name", "y"], "--name may be given only once"],
    [["a", "--json=maybe"], '--json is on or off and takes no value, not "maybe"'],
    [["a", "--tail", "-1"], '--tail takes a whole number or "all", not "-1"'],
    [["a", "--slots", "0"], '--slots takes a whole number from 1 to 10, not "0"'],
    [["a", "--timeout", "soon"], '--timeout takes a duration such as 30s, 5m or 1h30m, not "soon"'],
    [["a", "--memory", "much"], '--memory takes a size such as 512m or 2g, not "much"'],
    [["a", "--pull", "maybe"], '--pull takes always, never, not "maybe"'],
    [["a", "-l", "=x"], '-l takes key=value, not "=x"'],
    [["a", "--", "b"], '"look" takes nothing behind --'],
    [[], '"look" needs a TASK: see `tasklog look --help`'],
  ])("%j", (argv, message) => {
    expect(faultOf(look, ...argv)).toBe(message);
  });
});

describe("like docker run, flags stop at the image", () => {
  test.each([
    [["-d", "img", "--", "sh", "-c", "x"], "img", ["sh", "-c", "x"]],
    [["-d", "img", "sh", "-c", "x"], "img", ["sh", "-c", "x"]],
    [["-d", "img", "sh", "--", "-c"], "img", ["sh", "--", "-c"]],
    [["-d", "img", "--help"], "img", ["--help"]],
    [["-d", "--", "sh", "-c", "x"], undefined, ["sh", "-c", "x"]],
    [["-de", "A=1", "img"], "img", []],
  ])("%j", (argv, image, rest) => {
    const parsed = parseFlags(exec, argv);
    expect([parsed.args["IMAGE"], parsed.rest, parsed.args["detach"]] as unknown[]).toEqual([
      image,
      rest,
      true,
    ]);
  });

  test("repeated flags are lists, in order", () => {
    expect(valuesOf(exec, "-e", "A=1", "-e=B", "--env", "C", "img")["env"]).toEqual(["A=1", "B", "C"]);
  });
});
