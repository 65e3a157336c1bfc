import { describe, expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { envEntry, readEnvFile } from "../../../src/cmd/task/env-file.ts";
import { tempDir } from "../../helpers/temp-dir.ts";

describe("--env", () => {
  test("KEY=VALUE as it stands, KEY alone from the caller's environment", () => {
    expect(envEntry("A=1=2", {}, "--env")).toBe("A=1=2");
    expect(envEntry("A=", {}, "--env")).toBe("A=");
    expect(envEntry("HOME", { HOME: "/x" }, "--env")).toBe("HOME=/x");
    expect(envEntry("ABSENT", {}, "--env")).toBeUndefined();
  });

  test.each([
    ["=x", '--env: "=x" has no name before the ='],
    ["A B=x", '--env: the name "A B" has a space in it'],
  ])("%j cannot be meant", (text, message) => {
    expect(() => envEntry(text, {}, "--env")).toThrow(message);
  });
});

describe("--env-file", () => {
  test("comments, empty lines, quotes, spaces and carriage returns, as docker takes them", async () => {
    await using dir = await tempDir();
    const path = join(dir.path, "env");
    await writeFile(path, '# c\n\n  A=one two \r\nB="q"\nC=#x\nD\nE\nF=ä\n');
    expect(readEnvFile(path, { D: "d" })).toEqual(["A=one two ", 'B="q"', "C=#x", "D=d", "F=ä"]);
  });

  test("a bad line is named", async () => {
    await using dir = await tempDir();
    const path = join(dir.path, "env");
    await writeFile(path, "A=1\n\n=x\n");
    expect(() => readEnvFile(path, {})).toThrow(`env file ${path}, line 3: "=x" has no name before the =`);
    await writeFile(path, Buffer.from([65, 61, 10, 66, 61, 0xff, 10]));
    expect(() => readEnvFile(path, {})).toThrow(`env file ${path}, line 2: not UTF-8`);
    expect(() => readEnvFile(join(dir.path, "none"), {})).toThrow("does not exist");
  });
});
