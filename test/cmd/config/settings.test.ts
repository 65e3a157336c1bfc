import { describe, expect, test } from "bun:test";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { colorChoice, loadSettings } from "../../../src/cmd/config/settings.ts";
import { tempDir } from "../../helpers/temp-dir.ts";

async function setup(toml?: string) {
  const dir = await tempDir();
  const file = join(dir.path, "tasklog", "config.toml");
  await mkdir(join(dir.path, "tasklog"));
  if (toml !== undefined) await writeFile(file, toml);
  return {
    file,
    env: { XDG_CONFIG_HOME: dir.path, HOME: "/home/x" },
    [Symbol.asyncDispose]: () => dir[Symbol.asyncDispose](),
  };
}

describe("which setting is in force", () => {
  test("a flag, then the environment, then the file, then the default, and from where it came", async () => {
    await using t = await setup('# mine\nmaster = "file:1"\n');
    const env = { ...t.env, TASKLOG_MASTER: "env:1" };
    expect(loadSettings(env, { master: "flag:1" }).master).toEqual({ value: "flag:1", origin: "--master" });
    expect(loadSettings(env).master).toEqual({ value: "env:1", origin: "TASKLOG_MASTER" });
    expect(loadSettings({ ...t.env, TASKLOG_MASTER: "" }).master).toEqual({
      value: "file:1",
      origin: `${t.file}:2`,
    });
    await using none = await setup();
    expect(loadSettings(none.env).master).toEqual({ value: "127.0.0.1:7070", origin: "default" });
  });

  test("who submits is no flag: `--user` of `run` is the container's user", async () => {
    await using t = await setup('user = "ann"\n');
    expect(loadSettings(t.env, { user: "1000:1000" }).user.value).toBe("ann");
  });

  test("the data folder follows XDG_DATA_HOME", async () => {
    await using t = await setup();
    expect(loadSettings({ ...t.env, XDG_DATA_HOME: "/data" })["data-dir"].value).toBe("/data/tasklog");
    expect(loadSettings({ ...t.env, XDG_DATA_HOME: "relative" })["data-dir"].value).not.toContain("relative");
  });
});

test("plugins have tables of their own", async () => {
  await using t = await setup('master = "a:1"\n[plugins.cli]\ntail = 3\ntasks = ["x"]\n');
  expect(loadSettings(t.env).plugins).toEqual({ cli: { tail: 3, tasks: ["x"] } });
});

describe("a file that cannot be meant is one sentence with file and line", () => {
  test.each([
    ['\nmastr = "x"\n', 'line 2: unknown key "mastr": did you mean "master"?'],
    ['master = "a"\n\n[run]\ntail = 3\n', 'line 3: unknown key "run"'],
    ["master = 7070\n", "line 1: master must be a string in quotes"],
    ['master = "a"\nuser = \n', "line 2:"],
    ['master = "a"\nmaster = "b"\n', "line 2:"],
    [
      'master = "a"\nplugins = "cli"\n',
      "line 2: plugins holds one table for each plugin: write [plugins.webhook]",
    ],
    ["[plugins]\ncli = 3\n", "line 1: plugins holds one table for each plugin"],
    ["[plugin.cli]\ntail = 3\n", 'line 1: unknown key "plugin": did you mean "plugins"?'],
  ])("%j", async (toml, message) => {
    await using t = await setup(toml);
    expect(() => loadSettings(t.env)).toThrow(`config file ${t.file}, ${message}`);
    try {
      loadSettings(t.env);
    } catch (error) {
      expect(String(error).split("\n")).toHaveLength(1);
    }
  });

  test("a colour that is none names where it stands", async () => {
    await using t = await setup('color = "blue"\n');
    expect(() => colorChoice(loadSettings(t.env))).toThrow(
      `${t.file}:1: color is auto, always or never, not "blue"`,
    );
  });
});
