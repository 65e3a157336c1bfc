import { expect, test } from "bun:test";
import type { Plugin } from "../../../src/core/master/plugins/plugin.ts";
import ws from "../../../src/plugins/ws/index.ts";
import { until } from "../../helpers/until.ts";
import { numbered, texts, WebFixture } from "./web-fixture.ts";

test("story - a viewer of tasklog.v1 sees start, lines, status and the completion last, and the socket ends", async () => {
  await using web = await WebFixture.start();
  const task = await web.running(texts(1, 3), { name: "story" });
  const viewer = web.socket("/logs/story");
  await until("it has the past", () => viewer.lines.length === 3);
  expect(viewer.protocol).toBe("tasklog.v1");
  task.print("line 4");
  task.finish("failed", 3);
  await until("the socket has ended", () => viewer.closed);
  expect(viewer.lines).toEqual(numbered(1, 4));
  expect(viewer.closed?.code).toBe(1000);
  expect(viewer.of("start")).toHaveLength(1);
  expect(viewer.of("start")[0]).toMatchObject({ task: task.id, firstSeq: 1, recovered: true });
  expect(viewer.frames.at(-1)).toMatchObject({
    type: "complete",
    task: task.id,
    completion: { status: "failed", exitCode: 3, lastSeq: 4 },
  });
  const [line] = (viewer.of("lines")[0]?.["lines"] ?? []) as Array<[string, number, string]>;
  expect(line?.[0]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/);
  expect(line?.[1]).toBe(0);
});

test("specification - the page of the document works as it is written", async () => {
  await using web = await WebFixture.start();
  const task = await web.running(['<script>alert("1")</script>', "E to stderr"]);
  const shown: string[] = [];
  const ended: string[] = [];
  const appendLog = (content: string) => shown.push(content);
  const showStatus = (status: string) => ended.push(status);
  const socket = new globalThis.WebSocket(`ws://127.0.0.1:${web.port}/logs/${task.id}`);
  socket.onmessage = (event) => {
    const data = JSON.parse(event.data);
    if (data.type === "log") {
      appendLog(data.content);
      if (data.isComplete) {
        showStatus(data.status);
      }
    }
  };
  await until("the past is shown", () => shown.length === 2);
  task.print("live");
  await until("the live line is shown", () => shown.length === 3);
  task.finish();
  await until("the status is shown", () => ended.length > 0);
  expect(shown).toEqual(['<script>alert("1")</script>', "E to stderr", "live", ""]);
  expect(ended).toEqual(["success"]);
});

test("specification - a line's frame says its seq, time, stream and the task's status, too", async () => {
  await using web = await WebFixture.start();
  const task = await web.running(["one", "E two"]);
  const viewer = web.socket(`/logs/${task.id}`, []);
  await until("both are there", () => viewer.of("log").length === 2);
  // What `after` takes, for a viewer that will be cut off.
  const { epoch } = task.log;
  expect(viewer.of("start")).toEqual([{ type: "start", epoch, firstSeq: 1, nextSeq: 3, recovered: true }]);
  expect(viewer.of("log")[1]).toMatchObject({
    content: "E two",
    isComplete: false,
    status: "running",
    seq: 2,
    stream: "stderr",
    time: expect.stringMatching(/\.\d{9}Z$/),
  });
  task.finish("failed", 7);
  await until("the socket has ended", () => viewer.closed);
  expect(viewer.frames.at(-1)).toEqual({
    type: "log",
    content: "",
    isComplete: true,
    status: "failed",
    exitCode: 7,
    lastSeq: 2,
  });
});

test("resume - a viewer that was cut off goes on behind the last line it had", async () => {
  await using web = await WebFixture.start();
  const task = await web.running(texts(1, 5));
  const first = web.socket(`/logs/${task.id}?all=1`);
  await until("it has five", () => first.lines.length === 5);
  const epoch = String(first.of("start")[0]?.["epoch"]);
  first.terminate();
  task.print(...texts(6, 8));
  const second = web.socket(`/logs/${task.id}?after=${epoch}-5`);
  await until("it has the rest", () => second.lines.length === 3);
  expect(second.lines).toEqual(numbered(6, 8));
  expect(second.of("start")[0]).toMatchObject({ recovered: true, firstSeq: 6 });
  const other = web.socket(`/logs/${task.id}?after=another-epoch-5`);
  await until("another epoch begins anew", () => other.lines.length === 8);
  expect(other.of("start")[0]).toMatchObject({ recovered: false, firstSeq: 1 });
});

test("position - tail, from and all say where to begin; a thousand lines is the default", async () => {
  await using web = await WebFixture.start();
  const task = await web.running(texts(1, 1200));
  for (const [query, firstSeq] of [
    ["", 201],
    ["?tail=10", 1191],
    ["?tail=0", 1201],
    ["?from=1100", 1100],
    ["?all=1", 1],
  ] as const) {
    const viewer = web.socket(`/logs/${task.id}${query}`);
    await until(`${query} has begun`, () => viewer.of("start").length === 1);
    await until(`${query} has its lines`, () => viewer.lines.length === 1201 - firstSeq);
    expect(viewer.lines).toEqual(numbered(firstSeq, 1200));
  }
});

test("filters - streams, include and exclude leave numbers as they are", async () => {
  await using web = await WebFixture.start();
  const task = await web.running(["a 1", "E b 2", "\u001b[31ma\u001b[0m 3", "E a 4", "c 5"]);
  const seqs = async (query: string, count: number) => {
    const viewer = web.socket(`/logs/${task.id}?${query}`);
    await until(`${query} has ${count}`, () => viewer.lines.length === count);
    return viewer.lines.map((line) => Number(line.split(" ")[0]));
  };
  expect(await seqs("streams=stderr", 2)).toEqual([2, 4]);
  expect(await seqs("include=a%20%5Cd", 3)).toEqual([1, 3, 4]);
  expect(await seqs("exclude=%5BE%5D", 3)).toEqual([1, 3, 5]);
  expect(await seqs("streams=stdout&include=a&exclude=3", 1)).toEqual([1]);
});

test("several tasks - one socket shows as many as are asked for, and stops those that are asked to", async () => {
  await using web = await WebFixture.start();
  const [a, b, c] = [
    await web.running(["line 1"], { name: "a" }),
    await web.running(["line 1"], { name: "b" }),
    await web.running(["line 1"], { name: "c" }),
  ];
  const viewer = web.socket("/logs/a,b");
  await until("both have begun", () => viewer.lines.length === 2);
  viewer.send({ type: "subscribe", task: "c", tail: 5 });
  await until("the third has begun", () => viewer.lines.length === 3);
  expect(viewer.of("start").map(({ task }) => task)).toEqual([a.id, b.id, c.id]);
  viewer.send({ type: "unsubscribe", task: "b" });
  viewer.send({ type: "subscribe", task: "a", all: true });
  await until("a began anew", () => viewer.lines.length === 4);
  for (const task of [a, b, c]) task.print("line 2");
  await until("a and c go on", () => viewer.lines.length === 6);
  expect(
    viewer
      .of("lines")
      .slice(-2)
      .map(({ task }) => task)
      .toSorted(),
  ).toEqual([a.id, c.id].toSorted());
  a.finish();
  c.finish();
  await until("both are complete", () => viewer.of("complete").length === 2);
  expect(viewer.closed).toBeUndefined();
});

test("a task that waits is told with its reason, and its log begins when it begins", async () => {
  await using web = await WebFixture.start();
  const { id } = await web.fixture.submit({ constraints: ["zone=moon"] });
  const viewer = web.socket(`/logs/${id}`);
  await until("the reason is told", () =>
    viewer.of("status").some(({ detail }) => /zone=moon/.test(String(detail))),
  );
  const moon = await web.fixture.worker({ info: { id: "w2", name: "two", labels: { zone: "moon" } } });
  await until("it is placed", () => moon.tasks.has(id));
  moon.task(id).status("running");
  moon.task(id).print("line 1");
  await until("its line is there", () => viewer.lines.length === 1);
});

test("text without a newline is shown as unfinished", async () => {
  await using web = await WebFixture.start();
  const task = await web.running(["line 1"]);
  const viewer = web.socket(`/logs/${task.id}`);
  await until("it has begun", () => viewer.lines.length === 1);
  task.log.setPartial({ stream: "stderr", text: Buffer.from("50 %"), seconds: 1, nanos: 0 });
  await until("the unfinished line is there", () => viewer.of("partial").length > 0);
  expect(viewer.of("partial")[0]).toEqual({ type: "partial", task: task.id, stream: 1, text: "50 %" });
});

test("dead peers - who answers no ping is cut, who answers stays", async () => {
  await using web = await WebFixture.start({
    builtins: { ws: async () => ({ default: ws as unknown as Plugin }) },
    plugins: [{ name: "ws", options: { pingMs: 100 } }],
  });
  const { id } = await web.running(["one"]);
  const alive = web.socket(`/logs/${id}`);
  const dead = await web.rawWebSocket(`/logs/${id}`);
  const startMs = performance.now();
  await until("the dead one is cut", dead.closed);
  await until("three pings have passed", () => performance.now() - startMs > 350);
  expect(alive.closed).toBeUndefined();
  expect(await web.metric("tasklog_ws_viewers")).toBe(1);
});

test("the master's restart - a viewer comes again and has each line once", async () => {
  await using web = await WebFixture.start();
  const task = await web.running(texts(1, 3));
  const before = web.socket(`/logs/${task.id}?all=1`);
  await until("it has three", () => before.lines.length === 3);
  await web.fixture.restart(async () => {
    await until("it was told", () => before.closed);
    expect(before.closed?.code).toBe(1001);
    task.print("line 4");
  });
  const epoch = String(before.of("start")[0]?.["epoch"]);
  task.print("line 5");
  task.finish();
  const seen = [...before.lines];
  await until("a viewer that comes again and again has all of it", async () => {
    const viewer = web.socket(`/logs/${task.id}?after=${epoch}-${seen.length}`);
    await until("it has ended", () => viewer.closed);
    seen.push(...viewer.lines);
    // 1013: the worker is not back yet.
    expect([1000, 1013]).toContain(viewer.closed?.code ?? 0);
    return viewer.isComplete;
  });
  expect(seen).toEqual(numbered(1, 5));
});
