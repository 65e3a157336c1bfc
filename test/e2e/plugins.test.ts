// Strangers' plugins in the built executable, as a user has them: a file beside the work, a package in node_modules.
import { expect, setDefaultTimeout, test } from "bun:test";
import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { startApart, Tasklog } from "../helpers/tasklog.ts";
import { until } from "../helpers/until.ts";
import { Receiver } from "../plugins/webhook/receiver.ts";

setDefaultTimeout(60_000);

const processes = ["--runtime", "process"];
const root = join(import.meta.dir, "../..");

test("examples/notify-on-failure.ts - copied to a folder of one's own, it tells a chat of what failed", async () => {
  await using chat = await Receiver.start();
  await using t = await Tasklog.create();
  await copyFile(join(root, "examples/notify-on-failure.ts"), t.path("notify-on-failure.ts"));
  const option = `notify-on-failure.url=http://127.0.0.1:${chat.port}/chat`;
  const child = await t.up(...processes, "--plugins", "ws,./notify-on-failure.ts", "--plugin-option", option);
  await t.run("run", "--runtime", "process", "--", "true");
  const failed = await t.run(
    "run",
    "--runtime",
    "process",
    "--name",
    "nightly",
    "--",
    "sh",
    "-c",
    "seq 9; exit 3",
  );
  expect(failed.code).toBe(3);
  await until("the chat is told", () => chat.received.length === 1);
  expect(chat.event()).toEqual({ text: "nightly failed (exit code 3)\n5\n6\n7\n8\n9" });
  chat.answer = (response) => void response.writeHead(404).end();
  await t.run("run", "--runtime", "process", "--", "false");
  await child.says(/notify-on-failure: nobody was told: the chat answers 404/);
});

test("a package of node_modules is a plugin, with options from the config file and flags over them", async () => {
  await using t = await Tasklog.create();
  await mkdir(t.path("node_modules/tasklog-greeter/lib"), { recursive: true });
  await mkdir(t.path("node_modules/polite"), { recursive: true });
  await Bun.write(t.path("node_modules/polite/package.json"), '{ "main": "./index.cjs" }');
  await Bun.write(t.path("node_modules/polite/index.cjs"), "module.exports = (who) => 'good day, ' + who;");
  await Bun.write(
    t.path("node_modules/tasklog-greeter/package.json"),
    '{ "type": "module", "exports": { ".": { "import": "./lib/plugin.js" } } }',
  );
  await Bun.write(
    t.path("node_modules/tasklog-greeter/lib/plugin.js"),
    `import polite from "polite";
     export default { name: "greeter", options: {
       who: { type: "string", default: "all" }, loud: { type: "boolean", default: false } },
       async start(host) {
         const { who, loud } = host.options;
         host.route("/greet", { request: (_q, r) => void r.end(polite(who) + (loud ? "!" : "")) });
         return { async [Symbol.asyncDispose]() {} };
       } };`,
  );
  await mkdir(t.path("config/tasklog"), { recursive: true });
  await Bun.write(t.path("config/tasklog/config.toml"), '[plugins.greeter]\nwho = "file"\nloud = true\n');
  const child = await t.master("--plugins", "tasklog-greeter", "--plugin-option", "greeter.who=you");
  const reply = await fetch(`http://${t.http}/greet`);
  expect(await reply.text()).toBe("good day, you!");
  const { stdout } = await t.run("plugins", "tasklog-greeter", "--json");
  expect(JSON.parse(stdout)).toMatchObject({ name: "greeter", options: { who: { default: "all" } } });
  expect(child.stderr).not.toMatch(/does not work|warn/i);
});

test("faults - each is told by the plugin's name, and master and tasks go on", async () => {
  const rest = "return { async [Symbol.asyncDispose]() {} };";
  const files: Record<string, string> = {
    "broken.ts": "export default {{{",
    "empty.ts": "export const nothing = 1;",
    "needy.ts": 'import "not-installed"; export default {};',
    "wrong.ts": "export default { name: 'Wrong One', start() {} };",
    "odd.ts": `export default { name: "odd", options: { a: { type: "colour" } }, async start() { ${rest} } };`,
    "thrower.ts": `export default { name: "thrower", async start() { throw new Error("no luck"); } };`,
    "picky.ts": `export default { name: "picky", options: {}, async start() { ${rest} } };`,
    "late.ts": `export default { name: "late", async start(host) {
      (async () => { for await (const e of host.events()) if (e.kind === "task_created") throw new Error("late bang"); })();
      ${rest} } };`,
    "timer.ts": `export default { name: "timer", async start(host) {
      (async () => { for await (const e of host.events()) setTimeout(() => { null.x; }); })(); ${rest} } };`,
    "leaky.ts": `export default { name: "leaky", async start(host) {
      (async () => { for await (const e of host.events()) if (e.task)
        host.streamTaskLogsUnified(new AbortController().signal, e.task.id, "", () => new Promise(() => {})); })();
      return { [Symbol.asyncDispose]: () => new Promise(() => {}) }; } };`,
    "leaver.ts": "process.exit(0); export default {};",
    "quitter.ts": `export default { name: "quitter", async start(host) {
      (async () => { for await (const e of host.events()) if (e.kind === "task_completed") process.exit(3); })();
      ${rest} } };`,
    "good.ts": `export default { name: "good", async start(host) {
      host.route("/good", { request: (_q, r) => void r.end("good") }); ${rest} } };`,
  };
  await using t = await Tasklog.create();
  for (const [name, text] of Object.entries(files)) await Bun.write(t.path(name), text);
  const plugins = ["./missing.ts", ...Object.keys(files).map((name) => `./${name}`)].join(",");
  const child = await t.up(
    ...processes,
    ...["--plugins", plugins, "--plugin-option", "picky.colour=red", "--plugin-option", "nobody.x=1"],
  );
  expect(await (await fetch(`http://${t.http}/good`)).text()).toBe("good");
  const ended = await t.run("run", "--runtime", "process", "--", "seq", "1000");
  expect([ended.code, ended.stdout.split("\n").length]).toEqual([0, 1001]);
  await child.says(/plugin late failed: late bang/);
  await child.says(/plugin timer failed: /);
  await child.says(/plugin quitter failed: it called process\.exit\(3\)/);
  for (const words of [
    /plugin \.\/missing\.ts does not work: it was not found: there is no file .*missing\.ts/,
    /plugin \.\/broken\.ts does not work: it cannot be loaded: .*broken\.ts:1:/,
    /plugin \.\/empty\.ts does not work: it has no default export/,
    /plugin \.\/needy\.ts does not work: it cannot be loaded: Cannot find package 'not-installed'/,
    /plugin \.\/wrong\.ts does not work: its name is "Wrong One"; it takes lower-case/,
    /plugin \.\/odd\.ts does not work: its option a has the type "colour"; there are string/,
    /plugin \.\/thrower\.ts does not work: no luck/,
    /plugin \.\/picky\.ts does not work: the plugin picky has no option "colour"; it has none/,
    /plugin \.\/leaver\.ts does not work: it cannot be loaded: it called process\.exit\(0\)|plugin \.\/leaver\.ts does not work: it called process\.exit\(0\), which would end the master/,
    /nobody.*no plugin of that name/,
  ]) {
    expect(child.stderr).toMatch(words);
  }
  expect((await fetch(`http://${t.http}/good`)).status).toBe(200);
  const fromMs = performance.now();
  await t.stopServers();
  expect(performance.now() - fromMs).toBeLessThan(8000);
});

test("faults whose stack names nobody are the only plugin's, else they are told; and no client waits for one that has ended", async () => {
  const rest = "return { async [Symbol.asyncDispose]() {} };";
  await using t = await Tasklog.create();
  await Bun.write(
    t.path("vague.ts"),
    `export default { name: "vague", async start(host) {
      host.route("/vague", { request: () => void setTimeout(() => { throw "only a text"; }) }); ${rest} } };`,
  );
  await Bun.write(t.path("other.ts"), `export default { name: "other", async start() { ${rest} } };`);
  const alone = await t.master("--plugins", "ws,./vague.ts");
  const answer = await fetch(`http://${t.http}/vague`);
  expect([answer.status, await answer.text()]).toEqual([
    503,
    expect.stringContaining("plugin vague has ended"),
  ]);
  await alone.says(/the plugin vague failed: only a text; going on without it/);
  expect((await fetch(`http://${t.http}/vague`)).status).toBe(404);
  await alone.stop("SIGINT");
  const both = await t.master("--plugins", "ws,./vague.ts,./other.ts");
  void fetch(`http://${t.http}/vague`).catch(() => undefined);
  await both.says(/nobody caught an error, perhaps of the plugin vague or other: only a text/);
  expect(await (await fetch(`http://${t.http}/api/v1/info`)).json()).toMatchObject({
    plugins: ["ws", "vague", "other"],
  });
  for (const { stderr } of [alone, both]) expect(stderr).not.toMatch(/^ +at |^Bun v/m);
});

test("a plugin that hangs at its load or its start is given up after 15 s, and the others work", async () => {
  await using t = await Tasklog.create();
  await Bun.write(
    t.path("sleepy.ts"),
    `export default { name: "sleepy", start: () => new Promise(() => {}) };`,
  );
  await Bun.write(
    t.path("good.ts"),
    `export default { name: "good", async start(host) {
      host.route("/good", { request: (_q, r) => void r.end("good") }); return { async [Symbol.asyncDispose]() {} } } };`,
  );
  const child = await t.master("--plugins", "./sleepy.ts,./good.ts");
  await child.says(/plugin \.\/sleepy\.ts does not work: it did not start in time \(15 s\)/, 25_000);
  expect(await until("the other works", async () => (await fetch(`http://${t.http}/good`)).text())).toBe(
    "good",
  );
});

test("tasklog plugins - lists the built-in ones with their options, and says what is wrong with a file", async () => {
  await using t = await startApart();
  const { stdout, code } = await t.run("plugins");
  expect(code).toBe(0);
  for (const words of [/^cli$/m, /^webhook$/m, /^allow-hosts +list +- /m, /^tail +number 0\.\. +10 /m]) {
    expect(stdout).toMatch(words);
  }
  const missing = await t.run("plugins", "./missing.ts");
  expect([missing.code, missing.stderr.trim()]).toEqual([
    125,
    expect.stringMatching(/^tasklog: the plugin \.\/missing\.ts: it was not found: there is no file \S+$/),
  ]);
  const noOption = await t.run("master", "--plugin-option", "cli.tail");
  expect([noOption.code, noOption.stderr]).toEqual([2, expect.stringContaining("takes NAME.KEY=VALUE")]);
});
