// Viewers change between a cursor of their own and the one they share: at every change a line could come twice or not.
import { expect, test } from "bun:test";
import { until } from "../../helpers/until.ts";
import { numbered, texts, WebFixture } from "./web-fixture.ts";

test("viewers that come at any time while lines come see each once and in order", async () => {
  await using web = await WebFixture.start();
  const task = await web.running(texts(1, 10));
  const viewers: ReturnType<WebFixture["socket"]>[] = [];
  let printed = 10;
  for (let round = 0; round < 60; round++) {
    viewers.push(web.socket(`/logs/${task.id}?${round % 3 === 0 ? "all=1" : `from=${printed - 5}`}`));
    const count = 1 + (round % 7);
    task.print(...texts(printed + 1, printed + count));
    printed += count;
    await new Promise(setImmediate);
  }
  task.finish();
  await until("all have the end", () => viewers.every(({ closed }) => closed));
  for (const { lines, frames } of viewers) {
    const first = Number(lines[0]?.split(" ")[0]);
    expect(lines).toEqual(numbered(first, printed));
    expect(frames.filter(({ type }) => type === "start")).toHaveLength(1);
    expect(frames.at(-1)?.type).toBe("complete");
  }
  await until("nobody is left", async () => (await web.metric("tasklog_ws_viewers")) === 0);
});

test("many viewers at the live end are one cursor, also for the relay", async () => {
  await using web = await WebFixture.start();
  const task = await web.running(["line 1"]);
  const viewers = Array.from({ length: 30 }, () => web.socket(`/logs/${task.id}`));
  await until("all have begun", () => viewers.every(({ lines }) => lines.length === 1));
  task.print("line 2");
  await until("all have the second", () => viewers.every(({ lines }) => lines.length === 2));
  // The broadcaster on the worker has the relay; the relay's has those who have not joined yet.
  expect(task.log.subscribers).toBe(1);
  for (const viewer of viewers.slice(1)) viewer.close();
  await until("the others have left", async () => (await web.metric("tasklog_ws_viewers")) === 1);
  task.print("line 3");
  await until("the last one goes on", () => viewers[0]?.lines.length === 3);
});

test("one that stops reading at the live end falls back to a cursor, and has every line when it reads again", async () => {
  await using web = await WebFixture.start();
  const task = await web.running(["line 1"]);
  const reader = web.socket(`/logs/${task.id}`);
  const { socket, received } = await web.rawWebSocket(`/logs/${task.id}`, {
    "sec-websocket-protocol": "tasklog.v1",
  });
  await until("both are at the end", () => reader.lines.length === 1 && received().includes('"line 1"'));
  socket.pause();
  const filler = "x".repeat(4000);
  for (let block = 0; block < 40; block++) {
    task.print(...texts(2 + block * 50, 51 + block * 50).map((text) => `${text} ${filler}`));
    await until("the reader keeps up", () => reader.lines.length === 51 + block * 50);
  }
  task.print("the last one");
  task.finish();
  await until("the reader is through", () => reader.closed);
  socket.resume();
  await until("the other is through", () => received().includes('"type":"complete"'));
  const seqs = [
    ...received()
      .toString("latin1")
      .matchAll(/,[01],"line (\d+)/g),
  ].map(([, seq]) => Number(seq));
  expect(seqs).toEqual(Array.from({ length: 2001 }, (_, index) => index + 1));
  expect(
    received()
      .toString("latin1")
      .match(/"type":"start"/g),
  ).toHaveLength(1);
});

test("a status and unfinished text are not missed by who joins", async () => {
  await using web = await WebFixture.start();
  const task = await web.running(["line 1"]);
  const first = web.socket(`/logs/${task.id}`);
  await until("one is there", () => first.lines.length === 1);
  task.log.setPartial({ stream: "stdout", text: Buffer.from("50 %"), seconds: 1, nanos: 0 });
  task.log.setStatus({ status: "running", detail: "half done", progress: undefined });
  await until(
    "it knows",
    () => first.of("partial").length > 0 && first.of("status").some(({ detail }) => detail === "half done"),
  );
  const second = web.socket(`/logs/${task.id}`);
  await until(
    "the other knows, too",
    () => second.of("partial").length > 0 && second.of("status").some(({ detail }) => detail === "half done"),
  );
});
