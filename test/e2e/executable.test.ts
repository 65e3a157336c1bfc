// The executable by itself: version, help, what it refuses, and that it obeys no file of the folder it stands in.
import { describe, expect, test } from "bun:test";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import manifest from "../../package.json" with { type: "json" };
import { startTasklog, Tasklog } from "../helpers/tasklog.ts";

const commands = [
  "up",
  "master",
  "worker",
  "run",
  "monitor",
  "list-tasks",
  "workers",
  "cancel",
  "inspect",
  "config",
];

describe("help", () => {
  test("--version prints the version, on stdout, and nothing else", async () => {
    await using t = await Tasklog.create();
    const { code, stdout, stderr } = await t.run("--version");
    expect([code, stdout.trim(), stderr]).toEqual([0, manifest.version, ""]);
  });

  test("--help lists every command", async () => {
    await using t = await Tasklog.create();
    const { code, stdout } = await t.run("--help");
    expect(code).toBe(0);
    for (const command of commands) expect(stdout).toContain(command);
    expect(stdout).not.toContain("\u001b");
  });

  test.each(commands)("%s --help shows its flags and examples", async (command) => {
    await using t = await Tasklog.create();
    const { code, stdout } = await t.run(command, "--help");
    expect(code).toBe(0);
    expect(stdout).toMatch(/examples/i);
    expect(stdout).toContain(`tasklog ${command}`);
  });

  test("without a command it shows the help and does not fail silently", async () => {
    await using t = await Tasklog.create();
    const { stdout, stderr } = await t.run();
    expect(stdout + stderr).toContain("monitor");
  });
});

describe("did you mean", () => {
  test.each([
    [["monitr", "x"], "monitor"],
    [["list-task"], "list-tasks"],
    [["wokers"], "workers"],
    [["monitor", "x", "--tial", "3"], "--tail"],
    [["run", "--nmae", "x", "image"], "--name"],
    [["up", "--data-dri", "x"], "--data-dir"],
  ])("%j suggests %s and is a usage error", async (args, suggestion) => {
    await using t = await Tasklog.create();
    const { code, stdout, stderr } = await t.run(...args);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(suggestion);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  test.each(["toString", "constructor", "__proto__"])("%s is an unknown command", async (name) => {
    await using t = await Tasklog.create();
    expect((await t.run(name)).code).toBe(2);
  });
});

test("hostile folder - it reads no .env, bunfig.toml, package.json or tsconfig.json of where it is started", async () => {
  await using t = await startTasklog();
  const folder = t.path("hostile");
  const marker = t.path("marker");
  await mkdir(join(folder, "node_modules/citty"), { recursive: true });
  const payload = `require("node:fs").writeFileSync(${JSON.stringify(marker)}, "ran");`;
  const files = {
    ".env": "TASKLOG_MASTER=203.0.113.1:1\nNO_COLOR=0\n",
    ".env.local": "TASKLOG_MASTER=203.0.113.1:1\n",
    ".env.production": "TASKLOG_MASTER=203.0.113.1:1\n",
    "payload.js": payload,
    "bunfig.toml": 'preload = ["./payload.js"]\n[run]\npreload = ["./payload.js"]\n',
    "package.json":
      '{ "type": "commonjs", "imports": { "#x": "./payload.js" }, "main": "./payload.js", not json',
    "tsconfig.json": '{ "compilerOptions": { "paths": { "*": ["./payload.js"] } }, not json',
    "node_modules/citty/index.js": payload,
    "node_modules/citty/package.json": '{ "name": "citty", "main": "index.js" }',
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);

  const version = await t.start(["--version"], { cwd: folder }).ended;
  const { TASKLOG_MASTER: master, ...env } = t.env;
  const config = await t.start(["config"], { cwd: folder, env: { ...env, TASKLOG_MASTER: master ?? "" } })
    .ended;
  const workers = await t.start(["workers", "--json"], { cwd: folder }).ended;

  expect([version.code, version.stdout.trim(), version.stderr]).toEqual([0, manifest.version, ""]);
  expect(config.stdout).not.toContain("203.0.113.1");
  expect(workers.code).toBe(0);
  expect(await Bun.file(marker).exists()).toBe(false);
});
