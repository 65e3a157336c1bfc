import { expect, test } from "bun:test";
import type { Logger } from "../../../../src/core/base/logger.ts";
import { definePlugin, type Plugin, type PluginHost } from "../../../../src/core/master/plugins/plugin.ts";
import { validateOptions } from "../../../../src/core/master/plugins/plugin-options.ts";
import type { MasterEvent } from "../../../../src/core/master/tasks/events.ts";
import { tempDir } from "../../../helpers/temp-dir.ts";
import { until } from "../../../helpers/until.ts";
import { MasterFixture } from "../master-fixture.ts";

class Said implements Logger {
  readonly lines: string[] = [];
  debug(): void {}
  info(): void {}
  warn(message: string): void {
    this.lines.push(message);
  }
  error(message: string): void {
    this.lines.push(message);
  }
}

const nothing: AsyncDisposable = { async [Symbol.asyncDispose]() {} };

function plugin(name: string, start: (host: PluginHost) => Promise<AsyncDisposable>): Plugin {
  return definePlugin({
    name,
    description: "",
    options: {},
    start: (host) => start(host as unknown as PluginHost),
  });
}

test("story - a plugin sees events, streams a task, serves HTTP, keeps values, counts, and ends with the master", async () => {
  const events: MasterEvent[] = [];
  const texts: string[] = [];
  let ended = false;
  const watcher = plugin("watcher", async (host) => {
    const seen = host.metrics.counter("tasks_total", "Tasks seen.");
    const starts = Number((await host.keyValue.get("starts")) ?? 0) + 1;
    await host.keyValue.set("starts", String(starts));
    host.route("/watcher", {
      request: (_request, response, rest) => {
        response.end(`${starts} ${rest}`);
      },
    });
    const following = (async () => {
      for await (const event of host.events()) {
        events.push(event);
        if (event.kind !== "task_created") continue;
        seen.add();
        void host.streamTaskLogsUnified(host.signal, event.task.id, "watcher", ({ lines }) => {
          for (const line of lines?.lines() ?? []) texts.push(line.text);
        });
      }
    })();
    return {
      async [Symbol.asyncDispose]() {
        await following;
        ended = true;
      },
    };
  });
  await using fixture = await MasterFixture.start({
    http: { host: "127.0.0.1", port: 0 },
    plugins: [watcher],
  });
  const worker = await fixture.worker();
  const task = await fixture.running(worker);
  worker.task(task.id).print("hello");
  worker.task(task.id).finish();
  await until(
    "the plugin has all",
    () => texts.length === 1 && events.some(({ kind }) => kind === "task_completed"),
  );
  expect(events.map(({ kind }) => kind)).toEqual([
    "worker_joined",
    "task_created",
    "task_changed",
    "task_started",
    "task_completed",
  ]);
  expect(events.flatMap((event) => ("task" in event ? [event.task.status] : []))).toEqual([
    "pending",
    "starting",
    "running",
    "success",
  ]);
  const get = async (path: string) =>
    (await fetch(`http://127.0.0.1:${fixture.master.httpAddress?.port}${path}`)).text();
  expect(await get("/watcher/a/b")).toBe("1 /a/b");
  expect(await get("/metrics")).toContain("tasklog_watcher_tasks_total 1");
  expect((await fixture.client.getInfo()).plugins).toEqual(["watcher"]);
  await fixture.restart();
  expect(ended).toBe(true);
  expect(await get("/watcher")).toBe("2 ");
});

test("faults - plugins that cannot be found, loaded or started are told by name, and the others work", async () => {
  await using dir = await tempDir();
  await Bun.write(`${dir.path}/broken.ts`, "export default {{{");
  await Bun.write(`${dir.path}/empty.ts`, "export const nothing = 1;");
  const said = new Said();
  await using fixture = await MasterFixture.start({
    logger: said,
    builtins: { good: async () => ({ default: plugin("good", async () => nothing) }) },
    plugins: [
      { name: "nowhere" },
      { name: "./nowhere.ts" },
      { name: `${dir.path}/broken.ts` },
      { name: `${dir.path}/empty.ts` },
      plugin("thrower", async () => {
        throw new Error("no luck today");
      }),
      { name: "good", options: { colour: "red" } },
      { name: "good" },
      { name: "good" },
    ],
  });
  expect((await fixture.client.getInfo()).plugins).toEqual(["good"]);
  const text = said.lines.join("\n");
  for (const words of [
    /plugin nowhere does not work: it was not found: built in are good/,
    /plugin \.\/nowhere\.ts does not work: it was not found: there is no file .*nowhere\.ts/,
    /broken\.ts does not work: it cannot be loaded/,
    /empty\.ts does not work: it has no default export; write `export default/,
    /plugin thrower does not work: no luck today; going on without it/,
    /plugin good does not work: the plugin good has no option "colour"; it has none/,
    /plugin good does not work: it is loaded already/,
  ]) {
    expect(text).toMatch(words);
  }
});

test("a stranger's TypeScript file is loaded by its path, with its options", async () => {
  await using dir = await tempDir();
  await Bun.write(
    `${dir.path}/chat.ts`,
    `export default { name: "chat", description: "", options: { room: { type: "string", default: "ops", description: "" } },
      start: async (host: any) => { host.route("/chat", { request: (_q: any, r: any) => r.end(host.options.room) }); return { async [Symbol.asyncDispose]() {} }; } };`,
  );
  await using fixture = await MasterFixture.start({
    http: { host: "127.0.0.1", port: 0 },
    plugins: [{ name: `${dir.path}/chat.ts`, options: { room: "dev" } }],
  });
  const reply = await fetch(`http://127.0.0.1:${fixture.master.httpAddress?.port}/chat`);
  expect(await reply.text()).toBe("dev");
});

test("a plugin that throws or hangs at its end harms no one, and its streams and paths go with it", async () => {
  const said = new Said();
  const thrower = plugin("thrower", async () => ({
    async [Symbol.asyncDispose]() {
      throw new Error("cannot let go");
    },
  }));
  const hanger = plugin("hanger", async () => ({ [Symbol.asyncDispose]: () => new Promise<void>(() => {}) }));
  const leaker = plugin("leaker", async (host) => {
    // Nobody looks at either: one finds no task at the first start, the other waits for ever at the second.
    void host.streamTaskLogsUnified(new AbortController().signal, "waits", "", () => {});
    return nothing;
  });
  await using fixture = await MasterFixture.start({ logger: said, plugins: [thrower, hanger, leaker] });
  await fixture.submit({ name: "waits" });
  await fixture.restart();
  expect((await fixture.client.getInfo()).plugins).toEqual(["thrower", "hanger", "leaker"]);
  expect(said.lines.join("\n")).toMatch(/plugin thrower did not end well: cannot let go/);
  expect(said.lines.join("\n")).toMatch(/plugin hanger did not end well: it did not close in time/);
  expect((await fixture.client.getTask("waits")).status).toBe("pending");
}, 20_000);

test("options - are typed, have defaults, and a bad one is named with what it takes", () => {
  const schema = {
    port: { type: "number", default: 80, min: 1, max: 65_535, description: "" },
    names: { type: "list", default: [], description: "" },
    mode: { type: "string", default: "a", choices: ["a", "b"], description: "" },
    on: { type: "boolean", description: "" },
  } as const;
  expect(validateOptions("p", schema, {})).toEqual({ port: 80, names: [], mode: "a", on: undefined });
  expect(validateOptions("p", schema, { port: "8080", names: "x,y", mode: "b", on: "true" })).toEqual({
    port: 8080,
    names: ["x", "y"],
    mode: "b",
    on: true,
  });
  for (const [given, words] of [
    [{ port: "many" }, /option port of the plugin p is "many"; it takes a number/],
    [{ port: 0 }, /a number from 1 to 65535/],
    [{ mode: "c" }, /one of a, b/],
    [{ on: "maybe" }, /true or false/],
    [{ names: 3 }, /a list/],
    [{ prot: 1 }, /no option "prot"; it has port, names, mode, on/],
  ] as const) {
    expect(() => validateOptions("p", schema, given)).toThrow(words);
  }
});

test("tasks, workers and events - a plugin that writes to what it is shown has an error, and nobody sees a change", async () => {
  const faults: string[] = [];
  const tried = Promise.withResolvers<void>();
  function tryTo(write: () => unknown): void {
    try {
      write();
    } catch (error) {
      faults.push((error as Error).name);
    }
  }
  const vandal = plugin("vandal", async (host) => {
    const takenOver = () => Promise.reject(new Error("taken over"));
    Object.assign(host.tasks, { get: takenOver, list: takenOver });
    Object.assign(host.workers, { list: takenOver });
    void (async () => {
      for await (const event of host.events()) {
        if (event.kind === "worker_joined") tryTo(() => Object.assign(event.worker, { name: "nobody" }));
        if (event.kind !== "task_created") continue;
        tryTo(() => Object.assign(event.task, { status: "lost" }));
        tryTo(() => Object.assign(event.task.spec ?? {}, { name: "other" }));
        tryTo(() => event.task.spec?.env.push("A=1"));
        tried.resolve();
      }
    })();
    return nothing;
  });
  const bystander = plugin("bystander", async (host) => {
    host.answer("look", async () => ({
      tasks: (await host.tasks.list()).map(({ id, status, spec }) => [id, status, spec?.env]),
      workers: (await host.workers.list()).map(({ name }) => name),
      // Its own list it may sort.
      sorted: (await host.tasks.list()).sort().length,
    }));
    return nothing;
  });
  await using fixture = await MasterFixture.start({ plugins: [vandal, bystander] });
  const worker = await fixture.worker();
  const { id } = await fixture.running(worker);
  await tried.promise;
  expect(faults).toEqual(["TypeError", "TypeError", "TypeError", "TypeError"]);
  const look = await fixture.client.callPlugin("bystander", "look", {});
  const workers = (await fixture.client.listWorkers()).map(({ name }) => name);
  expect(workers).not.toContain("nobody");
  expect(look).toEqual({ tasks: [[id, "running", []]], workers, sorted: 1 });
});

test("submit - what a plugin asks for and cannot be sent to a client is refused, or becomes what can", async () => {
  const answers: unknown[] = [];
  const careless = plugin("careless", async ({ tasks }) => {
    for (const spec of [
      { command: ["x"], timeoutMs: 1.5 },
      { command: ["x"], memoryBytes: Number.NaN },
      { command: "x" },
      undefined,
      { command: ["echo", 5], env: null, labels: { a: 1 } },
    ] as object[]) {
      answers.push(await tasks.submit(spec, "careless").then(({ spec }) => spec?.command, String));
    }
    return nothing;
  });
  await using fixture = await MasterFixture.start({ plugins: [careless] });
  for (const answer of answers.slice(0, 4)) expect(answer).toMatch(/specification cannot be read/);
  expect(answers[4]).toEqual(["echo", "5"]);
  expect(await fixture.client.listTasks({})).toMatchObject([{ spec: { command: ["echo", "5"] } }]);
});

test("keyValue - what is too long or no text is refused, and a flood of writes holds up no task", async () => {
  const refusals: unknown[] = [];
  let isWritten = false;
  let writing = Promise.resolve();
  const writer = plugin("writer", async ({ keyValue }) => {
    for (const [key, value] of [
      ["k", "x".repeat(1024 * 1024 + 1)],
      ["k".repeat(1025), "x"],
      ["k", 5],
      [undefined, "x"],
    ] as Array<[string, string]>) {
      await keyValue.set(key, value).catch((error) => refusals.push(String(error)));
    }
    const all = Array.from({ length: 10_000 }, (_, n) => keyValue.set(`k${n}`, "v"));
    writing = Promise.all(all).then(() => {
      isWritten = true;
    });
    return nothing;
  });
  await using fixture = await MasterFixture.start({ plugins: [writer] });
  await fixture.client.submitTask({ spec: { command: ["true"], constraints: ["zone=moon"] } });
  expect(isWritten).toBe(false);
  expect(refusals).toEqual([
    expect.stringMatching(/value to keep has 1048577 characters; at most 1048576/),
    expect.stringMatching(/key to keep has 1025 characters/),
    expect.stringMatching(/value to keep is no text/),
    expect.stringMatching(/key to keep is no text/),
  ]);
  await writing;
});
