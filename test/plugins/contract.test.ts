// The contract suite on the plugins that come with tasklog, on the example, and on plugins that break it.
import { expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { builtins } from "../../src/cmd/plugins-registry.ts";
import { testPlugin } from "../../src/core/plugin-contract/check-plugin.ts";
import { tempDir } from "../helpers/temp-dir.ts";

setDefaultTimeout(60_000);

// What `cli` prints goes to stdout, so it is tried in a process of its own, below.
for (const name of Object.keys(builtins).filter((each) => each !== "cli"))
  testPlugin(test, { name, builtins });

testPlugin(test, {
  name: join(import.meta.dir, "../../examples/notify-on-failure.ts"),
  options: { url: "http://127.0.0.1:9/nobody-listens" },
});

/** `tasklog plugins --check --json`, as a process of its own: a plugin may print, and may throw where nobody catches. */
async function check(plugin: string): Promise<{ code: number; errors: string[]; stderr: string }> {
  await using dir = await tempDir();
  const main = join(import.meta.dir, "../../src/main.ts");
  const child = Bun.spawn([process.execPath, main, "plugins", "--check", "--json", plugin], {
    cwd: dir.path,
    env: { PATH: process.env["PATH"] ?? "", HOME: dir.path },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [text, stderr, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  const results = text.split("\n").filter((line) => line.startsWith('{"plugin":'));
  return { code, stderr, errors: results.map((line) => JSON.parse(line).error ?? "") };
}

test("plugins --check - tells each check of the plugin cli", async () => {
  expect(await check("cli")).toEqual({ code: 0, errors: Array(7).fill(""), stderr: "" });
});

test("plugins --check - a plugin that breaks the contract is told what is wrong", async () => {
  await using dir = await tempDir();
  const file = join(dir.path, "bad.ts");
  await Bun.write(
    file,
    `export default { name: "bad", options: { room: { type: "string" } }, start: async (host: any) => {
      const broken = () => { throw new Error("cannot take it"); };
      void (async () => {
        for await (const event of host.events()) {
          if (event.kind !== "task_created") continue;
          await host.streamTaskLogsUnified(host.signal, event.task.id, "", ({ lines }: any) => lines && broken());
        }
      })();
      return { [Symbol.asyncDispose]: () => new Promise(() => {}) };
    } };`,
  );
  const { code, errors, stderr } = await check(file);
  expect(code).toBe(125);
  expect(stderr).toContain("does not keep the contract: 7 failed");
  expect(errors[0]).toBe("the plugin has no description");
  expect(errors.slice(1)).toHaveLength(6);
  for (const error of errors.slice(1))
    expect(error).toMatch(/the plugin bad (failed: cannot take it|did not end)/);
});

test("plugins --check - a plugin that holds up the event loop is told for how long", async () => {
  await using dir = await tempDir();
  const file = join(dir.path, "blocker.ts");
  await Bun.write(
    file,
    `export default { name: "blocker", description: "blocks", start: async () => {
      setTimeout(() => Bun.sleepSync(1500), 20);
      await new Promise((resolve) => setTimeout(resolve, 100));
      return { async [Symbol.asyncDispose]() {} };
    } };`,
  );
  const { code, errors } = await check(file);
  expect([code, errors[0]]).toEqual([125, ""]);
  for (const error of errors.slice(1)) expect(error).toMatch(/^nothing else could run for \d{4,} ms/);
});
