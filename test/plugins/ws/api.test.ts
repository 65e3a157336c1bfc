import { expect, test } from "bun:test";
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { until } from "../../helpers/until.ts";
import { misfits, type Schema } from "./misfits.ts";
import { texts, WebFixture } from "./web-fixture.ts";

interface LineJson {
  seq: number;
  text: string;
  stream: string;
}

const seqsOf = ({ lines }: { lines: LineJson[] }): number[] => lines.map(({ seq }) => seq);

test("info - says which master this is", async () => {
  await using web = await WebFixture.start();
  expect(await web.json("/api/v1/info")).toEqual({
    version: expect.stringMatching(/^\d+\.\d+\.\d+/),
    masterId: web.fixture.master.masterId,
    plugins: ["ws"],
  });
});

test("tasks - are listed newest first, page by page, and found by what they are", async () => {
  await using web = await WebFixture.start();
  const ids: string[] = [];
  for (let count = 0; count < 5; count++) {
    ids.push((await web.fixture.submit({ labels: { n: String(count) }, constraints: ["zone=moon"] })).id);
  }
  const comma = await web.fixture.submit({ labels: { team: "a,b" }, constraints: ["zone=moon"] });
  ids.push(comma.id);
  const named = await web.running([], { name: "build", command: ["make", "all"] });
  const all = await web.json("/api/v1/tasks");
  expect(all.tasks.map(({ id }: { id: string }) => id)).toEqual([named.id, ...ids.toReversed()]);
  expect(all.next).toBeUndefined();
  const first = await web.json("/api/v1/tasks?limit=4");
  const second = await web.json(`/api/v1/tasks?limit=4&before=${first.next}`);
  expect([...first.tasks, ...second.tasks]).toEqual(all.tasks);
  const found = async (query: string) =>
    (await web.json(`/api/v1/tasks?${query}`)).tasks.map(({ id }: { id: string }) => id);
  expect(await found("q=MAKE")).toEqual([named.id]);
  expect(await found("q=n%3D3")).toEqual([ids[3]]);
  expect(await found("status=running")).toEqual([named.id]);
  expect(await found("label=n=2")).toEqual([ids[2]]);
  expect(await found("label=team=a,b")).toEqual([comma.id]);
  expect(await found("label=team%3Da%2Cb&label=team")).toEqual([comma.id]);
  expect(await found("label=team=a&label=team")).toEqual([]);
  expect(await found("worker=one")).toEqual([named.id]);
  expect(await web.json("/api/v1/tasks/build")).toMatchObject({
    id: named.id,
    name: "build",
    command: ["make", "all"],
    status: "running",
    worker: "one",
    exitCode: null,
  });
});

test("tasks - are submitted, cancelled and run again, and secrets are not shown", async () => {
  await using web = await WebFixture.start();
  const spec = { name: "job", command: ["true"], env: ["TOKEN=secret"], stopTimeoutMs: 5 };
  const made = await web.post("/api/v1/tasks", spec);
  expect(made.status).toBe(201);
  const text = await made.text();
  expect(text).not.toContain("secret");
  const { id } = JSON.parse(text);
  await until("the worker has it", () => web.worker.tasks.has(id));
  expect(web.worker.task(id).spec).toMatchObject({ env: ["TOKEN=secret"], stopTimeoutMs: 5 });
  expect(await (await web.post("/api/v1/tasks/job/cancel", { force: true })).json()).toMatchObject({
    id,
    cancelRequested: true,
  });
  await until("the worker was asked", () => web.worker.calls.includes(`stop ${id} force`));
  expect((await web.post("/api/v1/tasks/job/again", {})).status).toBe(409);
  web.worker.task(id).finish("cancelled", 137);
  await web.fixture.until(id, ({ status }) => status === "cancelled");
  const again = await web.post("/api/v1/tasks/job/again", {});
  expect(again.status).toBe(201);
  const second = (await again.json()) as { id: string };
  expect(second.id).not.toBe(id);
  await until("the worker has it", () => web.worker.tasks.has(second.id));
  expect(web.worker.task(second.id).spec.env).toEqual(["TOKEN=secret"]);
});

test("tasks - previous goes back through the runs of one name, and is refused where there is none", async () => {
  await using web = await WebFixture.start();
  const runs = [];
  for (let count = 0; count < 3; count++) {
    const task = await web.running([], { name: "nightly" });
    task.finish();
    runs.unshift(task.id);
  }
  const get = async (ref: string, query: string) => {
    const answer = await web.fetch(`/api/v1/tasks/${ref}${query}`);
    return [answer.status, ((await answer.json()) as { id?: string }).id];
  };
  const [newest = "", before, first] = runs;
  expect(await get("nightly", "")).toEqual([200, newest]);
  expect(await get("nightly", "?previous=0")).toEqual([200, newest]);
  expect(await get("nightly", "?previous=1")).toEqual([200, before]);
  expect(await get("nightly", "?previous=2")).toEqual([200, first]);
  expect(await get(newest, "?previous=1")).toEqual([200, before]);
  expect(await get("nightly", "?previous=3")).toEqual([404, undefined]);
  expect(await get("nightly", "?previous=9")).toEqual([404, undefined]);
});

test("workers - are told with what they do", async () => {
  await using web = await WebFixture.start();
  await web.running();
  expect((await web.json("/api/v1/workers")).workers).toMatchObject([
    { id: "worker-1", name: "one", slots: 4, running: 1, connected: true },
  ]);
});

test("log - a page of lines from a place on, back from a place, and the last ones", async () => {
  await using web = await WebFixture.start();
  const task = await web.running(texts(1, 500));
  const page = (query: string) => web.json(`/api/v1/tasks/${task.id}/log?${query}`);
  const some = await page("from=100&to=103");
  expect(some).toMatchObject({
    epoch: task.log.epoch,
    gaps: [],
    nextSeq: 501,
    scannedFrom: 100,
    scannedTo: 103,
  });
  expect(some.lines[0]).toEqual({
    seq: 100,
    time: expect.stringMatching(/Z$/),
    stream: "stdout",
    text: "line 100",
  });
  expect(seqsOf(some)).toEqual([100, 101, 102, 103]);
  expect(seqsOf(await page("from=499"))).toEqual([499, 500]);
  expect(seqsOf(await page("tail=2"))).toEqual([499, 500]);
  expect(seqsOf(await page("backwards=1&to=250&limit=3"))).toEqual([248, 249, 250]);
  expect(seqsOf(await page("from=600"))).toEqual([]);
  expect(seqsOf(await page("from=0&limit=1"))).toEqual([1]);
  expect(await web.json(`/api/v1/tasks/${task.id}/log/info`)).toEqual({
    epoch: task.log.epoch,
    firstSeq: 1,
    nextSeq: 501,
    complete: false,
    status: "running",
  });
});

test("log - since begins at the first line of a time", async () => {
  await using web = await WebFixture.start();
  const task = await web.running(texts(1, 5));
  const page = (query: string) => web.json(`/api/v1/tasks/${task.id}/log?${query}`);
  const early = (await page("from=5")).lines[0].time;
  await until("the clock goes on", () => Date.now() > Date.parse(early) + 1);
  task.print(...texts(6, 8));
  const late = (await page("from=6")).lines[0].time;
  expect(seqsOf(await page(`since=${late}`))).toEqual([6, 7, 8]);
  expect(seqsOf(await page(`since=${early}&limit=1`))).toEqual([1]);
  expect(seqsOf(await page("since=1971-01-01T00:00:00%2B02:00&to=2"))).toEqual([1, 2]);
  expect(seqsOf(await page("since=2100-01-01T00:00:00Z"))).toEqual([]);
  // The forms that the command line takes.
  expect(seqsOf(await page(`since=${late.toLowerCase()}`))).toEqual([6, 7, 8]);
  expect(seqsOf(await page("since=10m&to=2"))).toEqual([1, 2]);
  expect(seqsOf(await page("since=1700000000&to=2"))).toEqual([1, 2]);
  expect(seqsOf(await page("since=1960-01-01&to=2"))).toEqual([1, 2]);
  const text = await web.fetch(`/api/v1/tasks/${task.id}/log?format=text&since=${late}`);
  expect(await text.text()).toBe("line 6\nline 7\nline 8\n");
});

test("log - with a filter a page has the next lines that pass, and says how far it has looked", async () => {
  await using web = await WebFixture.start();
  const task = await web.running(texts(1, 500));
  const page = (query: string) => web.json(`/api/v1/tasks/${task.id}/log?${query}`);
  const first = await page("include=%5E.*7$&limit=3");
  expect(seqsOf(first)).toEqual([7, 17, 27]);
  expect(first).toMatchObject({ scannedFrom: 1, scannedTo: 27 });
  const back = await page("include=7$&limit=3&backwards=1&to=400");
  expect(seqsOf(back)).toEqual([377, 387, 397]);
  expect(back).toMatchObject({ scannedFrom: 377, scannedTo: 400 });
  expect(await page("include=nothing")).toMatchObject({ lines: [], scannedFrom: 1, scannedTo: 500 });
  expect(await page("streams=stderr")).toMatchObject({ lines: [], scannedTo: 500 });
});

test("log - text and NDJSON give the whole range, compressed as the client takes it", async () => {
  await using web = await WebFixture.start();
  const task = await web.running(["<b>1</b>", "E ü 2", "3"], { name: "job" });
  const path = `/api/v1/tasks/job/log`;
  const plain = await web.fetch(`${path}?format=text`, { headers: { "accept-encoding": "identity" } });
  expect(plain.headers.get("content-type")).toBe("text/plain; charset=utf-8");
  expect(plain.headers.get("x-content-type-options")).toBe("nosniff");
  expect(await plain.text()).toBe("<b>1</b>\nE ü 2\n3\n");
  expect(await (await web.fetch(`${path}?format=text&streams=stderr`)).text()).toBe("E ü 2\n");
  expect(await (await web.fetch(`${path}?format=text&from=2&limit=1`)).text()).toBe("E ü 2\n");
  const lines = (await (await web.fetch(`${path}?format=ndjson`)).text()).trim().split("\n");
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { seq: 1, text: "<b>1</b>", stream: "stdout" },
    { seq: 2, text: "E ü 2", stream: "stderr" },
    { seq: 3, text: "3", stream: "stdout" },
  ]);
  const file = await web.fetch(`${path}?format=text&download=1`);
  expect(file.headers.get("content-disposition")).toBe("attachment; filename=job.log");
  for (const [encoding, decode] of [
    ["zstd", zstdDecompressSync],
    ["gzip", gunzipSync],
  ] as const) {
    const headers = { "accept-encoding": encoding };
    const answer = await fetch(`http://127.0.0.1:${web.port}${path}?format=text`, {
      headers,
      decompress: false,
    } as RequestInit);
    expect(answer.headers.get("content-encoding")).toBe(encoding);
    expect(decode(await answer.bytes()).toString()).toBe("<b>1</b>\nE ü 2\n3\n");
  }
  task.finish();
});

test("log - text whose lines are gone says so in its head, and in a trailer what is missing further on", async () => {
  await using web = await WebFixture.start();
  const cut = await web.running(["one", "two"]);
  cut.finish("success", 0, { lastSeq: 5, lines: 5 });
  const gone = await web.running(texts(1, 5));
  gone.finish("failed", 3);
  const whole = await web.running(["all"]);
  whole.finish();
  for (const { id } of [cut, gone, whole])
    await web.fixture.until(id, ({ completion }) => completion !== undefined);
  web.worker.tasks.delete(gone.id);
  for (const [{ id }, query, head, trailer, text] of [
    [cut, "", undefined, "3-5", "one\ntwo\n"],
    [cut, "&to=2", undefined, undefined, "one\ntwo\n"],
    [cut, "&from=4", "4-5", undefined, ""],
    [cut, "&include=t", undefined, "3-5", "two\n"],
    [gone, "", "1-5", undefined, ""],
    [whole, "", undefined, undefined, "all\n"],
  ] as const) {
    for (const encoding of ["identity", "gzip"]) {
      const answer = await web.download(`/api/v1/tasks/${id}/log?format=text${query}`, encoding);
      expect([id, query, answer]).toEqual([id, query, { status: 200, head, trailer, text }]);
    }
  }
});

test("search - finds plain text and patterns, forwards and backwards, in what a person sees", async () => {
  await using web = await WebFixture.start();
  const task = await web.running([
    ...texts(1, 100),
    "\u001b[31mE\u001b[0mrror: \u001b[1mdisk\u001b[0m full",
    "ÄRGER mit Ümlaut",
    "disk disk",
  ]);
  const steps = async (query: string) => {
    const answer = await web.fetch(`/api/v1/tasks/${task.id}/log/search?${query}`);
    expect(answer.headers.get("content-type")).toBe("application/x-ndjson");
    return (await answer.text())
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
  };
  const found = async (query: string) => (await steps(query)).flatMap(({ matches = [] }) => matches);
  expect(await found("q=error:%20DISK")).toEqual([
    { seq: 101, time: expect.stringMatching(/^\d{4}-.*\.\d{9}Z$/), ranges: [[0, 11]] },
  ]);
  expect(await found("q=error&case=1")).toEqual([]);
  expect(await found("q=%C3%A4rger")).toMatchObject([{ seq: 102 }]);
  expect(await found("q=disk")).toMatchObject([
    { seq: 101, ranges: [[7, 11]] },
    {
      seq: 103,
      ranges: [
        [0, 4],
        [5, 9],
      ],
    },
  ]);
  expect((await found("q=%5Eline%20%5Cd5$&regex=1")).map(({ seq }) => seq)).toEqual([
    15, 25, 35, 45, 55, 65, 75, 85, 95,
  ]);
  expect(await found("q=line&from=50&direction=prev&limit=2")).toMatchObject([{ seq: 50 }, { seq: 49 }]);
  expect(await found("q=line&from=99&limit=5")).toMatchObject([{ seq: 99 }, { seq: 100 }]);
  expect(await found("q=line&include=0$&limit=2")).toMatchObject([{ seq: 10 }, { seq: 20 }]);
  expect((await steps("q=line&limit=1")).at(-1)).toEqual({ done: true, reason: "limit" });
  expect((await steps("q=nowhere")).slice(-2)).toEqual([
    { scannedTo: 103, of: 103, matches: [] },
    { done: true, reason: "end" },
  ]);
});

test("density - counts lines and errors over time, and goes on where the log goes on", async () => {
  await using web = await WebFixture.start();
  const task = await web.running(["ERROR one", "fine", '{"level":"error"}', "no error here", "0 errors"]);
  const density = () => web.json(`/api/v1/tasks/${task.id}/log/density?buckets=10`);
  const sum = (counted: { buckets: Array<Record<string, number>> }, key: string) =>
    counted.buckets.reduce((total, bucket) => total + (bucket[key] ?? 0), 0);
  const first = await density();
  expect(first).toMatchObject({ fromSeq: 1, toSeq: 5 });
  expect(first.buckets).toHaveLength(10);
  expect([sum(first, "lines"), sum(first, "errors")]).toEqual([5, 2]);
  task.print("fatal: gone", "bye");
  const second = await density();
  expect([sum(second, "lines"), sum(second, "errors")]).toEqual([7, 3]);
  for (const [index, { fromSeq }] of second.buckets.entries()) {
    expect(fromSeq).toBeLessThanOrEqual(second.buckets[index + 1]?.fromSeq ?? 8);
  }
});

test("events of the master - a snapshot, then each change", async () => {
  await using web = await WebFixture.start();
  const before = await web.running([], { name: "before" });
  const left = new AbortController();
  const answer = await web.fetch("/api/v1/events", { signal: left.signal });
  expect(answer.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
  expect(answer.headers.get("x-accel-buffering")).toBe("no");
  const text = collect(answer);
  await until("the snapshot is there", () => text().includes("event: snapshot"));
  expect(text()).toContain(before.id);
  const after = await web.running([], { name: "after" });
  after.finish();
  await until("the task's end is told", () =>
    new RegExp(`event: task\ndata: .*${after.id}.*"success"`).test(text()),
  );
  left.abort();
});

test("events of a log - lines with their seq as id, the completion, and 204 for who has all", async () => {
  await using web = await WebFixture.start();
  const task = await web.running(["line 1\u2028", "E line 2"]);
  const headers = { accept: "text/event-stream" };
  const text = collect(await web.fetch(`/logs/${task.id}`, { headers }));
  await until("both are there", () => text().includes("id: 2\n"));
  task.print("line 3");
  task.finish("failed", 2);
  await until("the completion is there", () => text().includes("event: complete"));
  const { epoch } = await web.json(`/api/v1/tasks/${task.id}/log/info`);
  expect(text()).toContain(
    `event: start\ndata: ${JSON.stringify({ epoch, firstSeq: 1, nextSeq: 3, recovered: true })}\n\n`,
  );
  expect(text()).toMatch(/id: 2\ndata: \{"seq":2,"time":"[^"]+","stream":"stderr","text":"E line 2"\}\n\n/);
  expect(text()).toMatch(/event: complete\nid: 3\.complete\ndata: \{.*"exitCode":2/);
  const rest = await web.fetch(`/logs/${task.id}`, { headers: { ...headers, "last-event-id": "2" } });
  const ids = [...(await rest.text()).matchAll(/^id: (.*)$/gm)].map(([, id]) => id);
  expect(ids).toEqual(["3", "3.complete"]);
  const all = await web.fetch(`/logs/${task.id}`, { headers: { ...headers, "last-event-id": "3.complete" } });
  expect(all.status).toBe(204);
});

test("description - every route is in the OpenAPI document, and answers what it says", async () => {
  await using web = await WebFixture.start();
  const { paths } = await web.json("/api/v1/openapi.json");
  expect(Object.keys(paths)).toContain("/api/v1/tasks/{ref}/log/search");
  expect(paths["/api/v1/tasks"].post.requestBody.content["application/json"].schema.properties).toMatchObject(
    {
      command: { type: "array" },
      cpus: { type: "number" },
      stopTimeoutMs: { type: "integer" },
    },
  );
  for (const [path, methods] of Object.entries<Record<string, object>>(paths)) {
    const address = path.replace("{ref}", "nobody");
    for (const method of ["GET", "POST", "DELETE"]) {
      if (method.toLowerCase() in methods || path.startsWith("/logs")) continue;
      const { status, headers } = await web.fetch(address, { method });
      expect([path, method, status]).toEqual([path, method, 405]);
      const allowed = Object.keys(methods).map((name) => (name === "get" ? "GET, HEAD" : "POST"));
      expect(headers.get("allow")).toBe(allowed.join(", "));
    }
  }
});

test("description - every answer in JSON is what its schema says, refusals too", async () => {
  await using web = await WebFixture.start();
  const full = {
    name: "full",
    command: ["x"],
    labels: { a: "b" },
    env: ["A=1"],
    stopTimeoutMs: 5,
    cpus: 0.5,
  };
  const task = await web.running(["one", "E two"], full);
  const { paths, components } = await web.json("/api/v1/openapi.json");
  const ids = new Set<string>();
  for (const [path, methods] of Object.entries<Record<string, Operation>>(paths)) {
    for (const [method, { operationId, responses, requestBody }] of Object.entries(methods)) {
      ids.add(operationId);
      for (const [status, { content }] of Object.entries(responses)) {
        const schema = content?.["application/json"]?.schema;
        if (content?.["application/json"] === undefined) continue;
        if (path.endsWith("/again")) task.finish("failed", 3);
        if (path.endsWith("/again")) await web.fixture.until(task.id, (now) => now.status === "failed");
        const ref = status === "default" ? "nobody%00" : task.id;
        const body =
          path.endsWith("/tasks") && status === "201" ? { command: ["x"], constraints: ["no=1"] } : {};
        const wrong = status === "default" && !path.includes("{ref}");
        const answer = await (requestBody === undefined
          ? web.fetch(path.replace("{ref}", ref), wrong ? { method: "DELETE" } : {})
          : web.post(path.replace("{ref}", ref), wrong ? [] : body));
        const what = `${method} ${path} ${status}`;
        if (status === "default") expect([what, answer.ok]).toEqual([what, false]);
        else expect([what, answer.status]).toEqual([what, Number(status)]);
        expect([what, schema && misfits(await answer.json(), schema, components.schemas)]).toEqual([
          what,
          [],
        ]);
      }
    }
  }
  expect(ids.size).toBe(14);
  for (const query of ["from=1&to=2", "include=two", "backwards=1&limit=1"]) {
    const schema = paths["/api/v1/tasks/{ref}/log"].get.responses[200].content["application/json"].schema;
    const page = await web.json(`/api/v1/tasks/full/log?${query}`);
    expect(misfits(page, schema, components.schemas)).toEqual([]);
  }
});

interface Operation {
  operationId: string;
  requestBody?: object;
  responses: Record<string, { content?: Record<string, { schema?: Schema }> }>;
}

test("HEAD - every address that is read gives its head and ends", async () => {
  await using web = await WebFixture.start();
  const { id } = await web.running(["one"]);
  const { paths } = await web.json("/api/v1/openapi.json");
  const read = Object.keys(paths).filter((path) => "get" in paths[path]);
  for (const path of [...read, "/", "/healthz", "/metrics"]) {
    const query = path.endsWith("/search") ? "?q=x" : "?format=text";
    const answer = await web.fetch(path.replace("{ref}", id) + query, { method: "HEAD" });
    expect([path, answer.status, await answer.text()]).toEqual([path, 200, ""]);
  }
  expect((await web.fetch(`/logs/${id}`, { method: "PUT" })).status).toBe(405);
  const put = await web.json("/", { method: "PUT" });
  expect(put.error.message).toBe("/ takes GET, HEAD, not PUT");
});

/** All that has come of an answer so far. */
function collect(answer: Response): () => string {
  let text = "";
  void (async () => {
    const decoder = new TextDecoder();
    for await (const bytes of answer.body ?? []) text += decoder.decode(bytes, { stream: true });
  })().catch(() => undefined);
  return () => text;
}
