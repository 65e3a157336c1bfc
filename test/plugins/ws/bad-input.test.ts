import { expect, test } from "bun:test";
import { searchesMax, socketMessageBytesMax } from "../../../src/core/base/limits.ts";
import { until } from "../../helpers/until.ts";
import { upgradeRequest, WebFixture } from "./web-fixture.ts";

async function refusal(answer: Response): Promise<[number, string, string]> {
  const { error } = (await answer.json()) as { error: { code: string; message: string } };
  return [answer.status, error.code, error.message];
}

test("addresses - what is not there, or not meant, gets one sentence", async () => {
  await using web = await WebFixture.start();
  const { id } = await web.running(["one"]);
  for (const [path, status, code, sentence] of [
    ["/api/v1/tasks/nobody", 404, "not_found", /no task "nobody"/],
    ["/api/v1/tasks/%zz", 400, "invalid", /cannot be read/],
    ["/api/v1", 404, "not_found", /there is no \/api\/v1 here/],
    ["/api/v1/nothing", 404, "not_found", /openapi\.json/],
    ["/api/v1/tasks/../../../etc/passwd", 404, "not_found", /nothing at/],
    ["/api/v1/tasks/%2e%2e%2f%2e%2e%2fetc%2fpasswd", 404, "not_found", /no task|nothing at/],
    ["/assets/..%2f..%2fetc%2fpasswd", 404, "not_found", /nothing at/],
    ["/assets/nothing.js", 404, "not_found", /nothing at/],
    ["/logs/", 400, "invalid", /names no task/],
    ["/logs/nobody", 404, "not_found", /no task "nobody"/],
    [`/logs/${id},${id}`, 400, "invalid", /one task/],
    [`/logs/${id}?tail=-1`, 400, "invalid", /tail="-1".*whole number/],
    [`/logs/${id}?after=epoch--1`, 400, "invalid", /after=<epoch>-<seq>/],
    [`/logs/${id}?after=epoch-${Number.MAX_SAFE_INTEGER}`, 400, "invalid", /after=.*whole number/],
    [`/logs/${id}?all=yes`, 400, "invalid", /all="yes".*1 or 0/],
    [`/logs/${id}?after=nonsense`, 400, "invalid", /after=<epoch>-<seq>/],
    ["/api/v1/tasks?status=happy", 400, "invalid", /no status "happy"/],
    ["/api/v1/tasks?limit=many", 400, "invalid", /limit="many"/],
    [`/api/v1/tasks/${id}/log?from=x`, 400, "invalid", /from="x"/],
    [`/api/v1/tasks/${id}/log?since=yesterday`, 400, "invalid", /since="yesterday".*a time such as/],
    [`/api/v1/tasks/${id}/log?since=2026-02-30`, 400, "invalid", /since="2026-02-30".*a time such as/],
    [`/api/v1/tasks/${id}/log?since=2026-01-31T24:00:00Z`, 400, "invalid", /a time such as/],
    [`/api/v1/tasks/${id}/log?format=xml`, 400, "invalid", /json or text or ndjson/],
    [`/api/v1/tasks/${id}/log?streams=stdin`, 400, "invalid", /stdout or stderr/],
    [`/api/v1/tasks/${id}/log?include=(`, 400, "invalid", /no pattern that RE2 knows/],
    [`/api/v1/tasks/${id}/log/search`, 400, "invalid", /q is empty/],
    [`/api/v1/tasks/${id}/log/search?q=${"x".repeat(1001)}`, 400, "invalid", /longer than 1000/],
    [`/api/v1/tasks/${id}/log/search?q=(?=x)&regex=1`, 400, "invalid", /no pattern that RE2 knows/],
    [`/api/v1/tasks/${id}/log/search?q=x&direction=up`, 400, "invalid", /next or prev/],
  ] as const) {
    const [gotStatus, gotCode, message] = await refusal(await web.fetch(path));
    expect([path, gotStatus, gotCode]).toEqual([path, status, code]);
    expect(message).toMatch(sentence);
  }
});

test("a path with .. that a client sends as it is leads nowhere", async () => {
  await using web = await WebFixture.start();
  for (const path of [
    "/../../etc/passwd",
    "/assets/../../../etc/passwd",
    "/logs/../../etc/passwd",
    "//etc/passwd",
  ]) {
    const answer = await web.raw(`GET ${path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 40[0-9]/);
    expect(answer).not.toContain("root:");
  }
});

test("bodies - what is no task gets one sentence, and nothing is stored", async () => {
  await using web = await WebFixture.start();
  for (const [body, sentence] of [
    ["{", /no JSON/],
    ["[]", /must be a JSON object/],
    ["{}", /neither an image nor a command/],
    ['{"comand":["x"]}', /no field "comand"; it has/],
    ['{"command":"x"}', /command is "x"; it takes a list of texts/],
    ['{"command":["x"],"cpus":-1}', /cpus is -1; it takes a number/],
    ['{"command":["x"],"timeoutMs":1.5}', /timeoutMs is 1\.5; it takes a whole number/],
    ['{"command":["x"],"stopTimeoutMs":0.5}', /stopTimeoutMs is 0\.5; it takes a whole number/],
    ['{"command":["x"],"labels":{"a":1}}', /labels is .*object of texts/],
    ['{"command":["x"],"name":"-"}', /the name "-" cannot be used/],
    ['{"__proto__":{"image":"x"}}', /no field "__proto__"|neither an image/],
  ] as const) {
    const headers = { "content-type": "application/json" };
    const answer = await web.fetch("/api/v1/tasks", { method: "POST", headers, body });
    const [status, , message] = await refusal(answer);
    expect([body, status]).toEqual([body, 400]);
    expect(message).toMatch(sentence);
  }
  const text = await web.fetch("/api/v1/tasks", {
    method: "POST",
    headers: { "content-type": "text/plain" },
    body: '{"command":["x"]}',
  });
  expect((await refusal(text))[2]).toMatch(/Content-Type: application\/json/);
  const again = await web.post("/api/v1/tasks/nobody/again", { name: "other" });
  expect((await refusal(again))[2]).toMatch(/takes nothing/);
  const large = await web.post("/api/v1/tasks", { command: ["x".repeat(5_000_000)] });
  expect((await refusal(large))[2]).toMatch(/larger than/);
  expect((await web.json("/api/v1/tasks")).tasks).toEqual([]);
});

test("hosts and origins - another site's page reaches no route and no upgrade", async () => {
  await using web = await WebFixture.start();
  const { id } = await web.running(["secret"]);
  const own = `http://127.0.0.1:${web.port}`;
  for (const headers of [
    { host: "evil.example" },
    { host: "127.0.0.1.evil.example" },
    { host: "" },
    { origin: "https://evil.example" },
    { origin: "null" },
    { origin: `http://127.0.0.1:${web.port + 1}` },
    { origin: `https://127.0.0.1` },
    { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" },
    { "sec-fetch-site": "same-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image" },
    { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe" },
    { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" },
  ] as Array<Record<string, string>>) {
    const shown = JSON.stringify(headers);
    for (const path of [
      "/",
      "/api/v1/tasks",
      `/api/v1/tasks/${id}/log?format=text`,
      `/logs/${id}`,
      "/healthz",
    ]) {
      const all = { host: "127.0.0.1", ...headers, connection: "close" };
      const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
      const answer = await web.raw(`GET ${path} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
      expect([shown, path, answer.slice(0, 13)]).toEqual([shown, path, "HTTP/1.1 403 "]);
      expect(answer).not.toContain("secret");
      expect(answer).not.toMatch(/access-control-allow-origin/i);
    }
    const upgrade = await web.raw(upgradeRequest(`/logs/${id}`, headers));
    expect([shown, upgrade.slice(0, 13)]).toEqual([shown, "HTTP/1.1 403 "]);
  }
  const post = await web.post("/api/v1/tasks", { command: ["x"] }, { origin: "https://evil.example" });
  expect(post.status).toBe(403);
  expect((await web.fetch("/api/v1/tasks", { headers: { origin: own } })).status).toBe(200);
  const headers = {
    "sec-fetch-site": "cross-site",
    "sec-fetch-mode": "navigate",
    "sec-fetch-dest": "document",
  };
  for (const [path, status] of [
    ["/", 200],
    [`/tasks/${id}`, 200],
    ["/main.js", 403],
    ["/api/v1/info", 403],
    [`/api/v1/tasks/${id}/log/search?q=x`, 403],
    [`/logs/${id}?include=x`, 403],
    ["/metrics", 403],
    ["/healthz", 403],
  ] as const) {
    expect([path, (await web.fetch(path, { headers })).status]).toEqual([path, status]);
  }
  expect((await web.fetch("/", { method: "POST", headers })).status).toBe(403);
});

test("hosts and origins - what --allow-origin names may ask, be asked for, and read", async () => {
  await using web = await WebFixture.start({ allowOrigins: ["https://ci.example"] });
  const { id } = await web.running(["one"]);
  const origin = "https://ci.example";
  const answer = await web.fetch("/api/v1/tasks", { headers: { origin } });
  expect([answer.status, answer.headers.get("access-control-allow-origin")]).toEqual([200, origin]);
  const asked = await web.fetch("/api/v1/tasks", {
    method: "OPTIONS",
    headers: { origin, "access-control-request-method": "POST" },
  });
  expect([asked.status, asked.headers.get("access-control-allow-methods")]).toEqual([204, "GET, HEAD, POST"]);
  const viewer = web.socket(`/logs/${id}`, ["tasklog.v1"], { origin, host: "ci.example" });
  await until("it sees the log", () => viewer.lines.length === 1);
  expect((await web.fetch("/api/v1/tasks", { headers: { origin: "https://other.example" } })).status).toBe(
    403,
  );
});

test("every answer keeps browsers from guessing and framing", async () => {
  await using web = await WebFixture.start();
  for (const path of ["/api/v1/info", "/api/v1/nothing", "/healthz", "/nothing"]) {
    const { headers } = await web.fetch(path);
    expect([path, headers.get("x-content-type-options")]).toEqual([path, "nosniff"]);
  }
  const { headers } = await web.fetch("/api/v1/info");
  expect(headers.get("content-security-policy")).toContain("default-src 'none'");
  expect(headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
});

test("upgrades - an unknown task, sub-protocol or address is refused with its status", async () => {
  await using web = await WebFixture.start();
  const { id } = await web.running(["one"]);
  for (const [path, headers, status, sentence] of [
    ["/logs/nobody", {}, 404, /no task/],
    [`/logs/${id}`, { "sec-websocket-protocol": "mqtt" }, 400, /sub-protocol .*mqtt.* ask for tasklog\.v1/],
    [`/logs/${id},${id}`, {}, 400, /need the sub-protocol/],
    [`/logs/${id}?after=x`, { "sec-websocket-protocol": "tasklog.v1" }, 400, /after=<epoch>/],
    [`/logs/${id}?include=(`, {}, 400, /RE2/],
    ["/logs/", {}, 400, /names no task/],
    ["/api/v1/tasks", {}, 404, /nothing to upgrade/],
    ["/", {}, 404, /nothing to upgrade/],
    [`/logs/${id}`, { "sec-websocket-version": "7" }, 400, /./],
    [`/logs/${id}`, { "sec-websocket-key": "short" }, 400, /./],
  ] as const) {
    const answer = await web.raw(upgradeRequest(path, headers));
    expect([path, answer.slice(0, 13)]).toEqual([path, `HTTP/1.1 ${status} `]);
    expect(answer).toMatch(sentence);
  }
  const viewer = web.socket(`/logs/nobody,${id}`);
  await until("one is refused, the other shown", () => viewer.lines.length === 1);
  expect(viewer.of("error")).toMatchObject([{ task: "nobody", code: "not_found" }]);
});

test("frames - what cannot be meant gets an error frame, and the socket lives on", async () => {
  await using web = await WebFixture.start();
  const { id } = await web.running(["one"]);
  const viewer = web.socket(`/logs/${id}`);
  await viewer.opened;
  const bad = [
    "",
    "nonsense",
    "null",
    "[]",
    '"text"',
    "{}",
    { type: "dance" },
    { type: "subscribe" },
    { type: "subscribe", task: 7 },
    { type: "subscribe", task: "nobody" },
    { type: "subscribe", task: id, tail: "many" },
    { type: "subscribe", task: id, tail: { toString: "x" } },
    { type: "subscribe", task: id, after: "x" },
    { type: "subscribe", task: id, include: "(" },
    { type: "subscribe", task: id, streams: ["stdin"] },
    { type: "unsubscribe", task: "nobody" },
  ];
  for (const frame of bad) viewer.send(frame);
  await until("each has its error", () => viewer.of("error").length === bad.length);
  for (const { message } of viewer.of("error"))
    expect(message).not.toMatch(/undefined|\[object Obj|TypeError/);
  viewer.send({ type: "subscribe", task: id, all: true });
  await until("it still answers", () => viewer.of("start").length === 2);
});

test("what was meant badly is no fault of the server: many labels, deep JSON, objects for texts", async () => {
  const said: string[] = [];
  const say = (message: string) => void said.push(message);
  await using web = await WebFixture.start({ logger: { debug() {}, info() {}, warn() {}, error: say } });
  const { id } = await web.running(["one"]);
  const labels = Array.from({ length: 1100 }, () => "label=x").join("&");
  expect((await refusal(await web.fetch(`/api/v1/tasks?${labels}`)))[0]).toBe(400);
  for (const deep of ["[", '{"a":']) {
    const body = `{"command":${deep.repeat(200_000)}`;
    const answer = await web.fetch("/api/v1/tasks", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    });
    expect(await refusal(answer)).toEqual([400, "invalid", "the body is nested deeper than 64 levels"]);
  }
  const viewer = web.socket(`/logs/${id}`);
  await viewer.opened;
  viewer.send({ type: "subscribe", task: id, tail: { toString: 1 } });
  await until("it has its error", () => viewer.of("error").length === 1);
  expect(viewer.of("error")[0]).toMatchObject({ code: "invalid" });
  expect(said).toEqual([]);
});

test("hostile frames - each ends its own socket and nobody else's", async () => {
  await using web = await WebFixture.start();
  const task = await web.running(["one"]);
  const bystander = web.socket(`/logs/${task.id}`);
  await until("the bystander looks", () => bystander.lines.length === 1);
  for (const [what, bytes] of [
    ["an unmasked frame", Buffer.from([0x81, 2, 65, 66])],
    ["an unknown opcode", masked([0x83], "x")],
    ["reserved bits", masked([0xf1], "x")],
    ["a continuation of nothing", masked([0x80], "x")],
    ["text that is no UTF-8", masked([0x81], new Uint8Array([0xff, 0xfe]))],
    ["a fragmented ping", masked([0x09], "x")],
    ["a ping of 200 bytes", masked([0x89], "x".repeat(200))],
    [
      "a frame of 2^63 bytes",
      Buffer.from([0x82, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]),
    ],
    ["a message too long", masked([0x81], "x".repeat(socketMessageBytesMax + 1))],
    ["a close with a code that may not be sent", masked([0x88], new Uint8Array([0x03, 0xee]))],
    ["a binary message", masked([0x82], "x")],
  ] as const) {
    const { socket, closed } = await web.rawWebSocket(`/logs/${task.id}`);
    socket.write(bytes);
    await until(`${what} ends the socket`, closed);
  }
  await until("their cursors are gone", async () => (await web.metric("tasklog_ws_viewers")) === 1);
  task.print("two");
  await until("the bystander goes on", () => bystander.lines.length === 2);
});

test("a flood of requests by one who does not read the answers ends its socket", async () => {
  await using web = await WebFixture.start();
  const { id } = await web.running(["one"]);
  const { socket, closed } = await web.rawWebSocket(`/logs/${id}`, {
    "sec-websocket-protocol": "tasklog.v1",
  });
  socket.pause();
  const request = masked([0x81], JSON.stringify({ type: "subscribe", task: "x".repeat(90) }));
  const many = Buffer.concat(Array.from({ length: 1000 }, () => request));
  // What it takes to fill the buffers of the kernel, too, is the machine's; only a socket that is never cut has to show.
  const flood = () => closed() || (socket.writableLength < 1e6 && socket.write(many) && false);
  await until("it is cut", flood, { timeoutMs: 90_000 });
  await until("its cursor is gone", async () => (await web.metric("tasklog_ws_viewers")) === 0);
});

test("a pattern that other engines take minutes for is answered at once", async () => {
  await using web = await WebFixture.start();
  const { id } = await web.running(["a".repeat(100_000)]);
  const startMs = performance.now();
  const answer = await web.fetch(`/api/v1/tasks/${id}/log/search?q=a*a*a*a*a*b&regex=1`);
  expect((await answer.text()).trim().split("\n").at(-1)).toBe('{"done":true,"reason":"end"}');
  expect(performance.now() - startMs).toBeLessThan(10_000);
});

const slow = encodeURIComponent("(?:[acef13].{990}|[bdf024].{991}|[a-c5-9].{992})[^ -~]");
/** The dearest of those that are allowed. */
const dear = encodeURIComponent("[acef13].{200}[^ -~]");

test("a pattern whose compiled program is large is refused wherever one is taken", async () => {
  await using web = await WebFixture.start();
  const { id } = await web.running(["one"]);
  const log = `/api/v1/tasks/${id}/log`;
  for (const path of [
    `${log}/search?regex=1&q=${slow}`,
    `${log}/search?q=x&exclude=${slow}`,
    `${log}?include=${slow}`,
    `${log}?format=text&exclude=${slow}`,
    `/logs/${id}?include=${slow}`,
  ]) {
    const [status, code, message] = await refusal(await web.fetch(path));
    expect([path, status, code]).toEqual([path, 400, "invalid"]);
    expect(message).toContain("is too large a pattern");
  }
  expect(await web.raw(upgradeRequest(`/logs/${id}?include=${slow}`, {}))).toMatch(
    /^HTTP\/1.1 400 [\s\S]*too large/,
  );
  const viewer = web.socket(`/logs/${id}`);
  await viewer.opened;
  viewer.send({ type: "subscribe", task: id, include: decodeURIComponent(slow) });
  await until("it has its error", () => viewer.of("error").length === 1);
});

test("patterns that are dear hold up nobody else: searches, filtered pages, event streams and sockets at once", async () => {
  await using web = await WebFixture.start();
  const line = Array.from({ length: 64 * 1024 }, () => Math.floor(Math.random() * 16).toString(16)).join("");
  const task = await web.running(Array.from({ length: 40 }, () => line));
  const bystander = web.socket(`/logs/${task.id}?tail=0`);
  await until("the bystander looks", () => bystander.of("start").length === 1);
  const log = `/api/v1/tasks/${task.id}/log`;
  const asked = new AbortController();
  const { signal } = asked;
  const paths = [
    `${log}/search?regex=1&q=${dear}`,
    `${log}?include=${dear}`,
    `/logs/${task.id}?all=1&include=${dear}`,
  ];
  const answers = [...paths, ...paths, ...paths].map((path) =>
    web
      .fetch(path, { signal })
      .then((answer) => answer.text())
      .catch(() => ""),
  );
  for (let more = 0; more < 4; more++) web.socket(`/logs/${task.id}?all=1&include=${dear}`);
  let worstMs = 0;
  for (let round = 1; round <= 20; round++) {
    const startMs = performance.now();
    task.print(`round ${round}`);
    await until("the bystander has it", () => bystander.lines.length >= round);
    worstMs = Math.max(worstMs, performance.now() - startMs);
  }
  asked.abort();
  await Promise.all(answers);
  expect(worstMs).toBeLessThan(5000);
}, 60_000);

test("searches beyond their number get 429, and there is room again afterwards", async () => {
  await using web = await WebFixture.start();
  const { id } = await web.running(
    Array.from({ length: 3000 }, (_, index) => `${"0123456789abcdef".repeat(64)} ${index}`),
  );
  const path = `/api/v1/tasks/${id}/log/search?regex=1&q=${dear}`;
  const answers = await Promise.all(
    Array.from({ length: searchesMax + 5 }, async () => {
      const answer = await web.fetch(path);
      await answer.body?.cancel();
      return answer.status;
    }),
  );
  expect(answers.filter((status) => status === 429).length).toBeGreaterThan(0);
  expect(answers.filter((status) => status === 200).length).toBeLessThanOrEqual(searchesMax);
  await until("there is room again", async () => {
    const answer = await web.fetch(`/api/v1/tasks/${id}/log/search?q=nothing`);
    await answer.text();
    return answer.status === 200;
  });
});

/** A client's frame, masked with zeros. */
function masked(head: number[], payload: Uint8Array | string = ""): Buffer {
  const bytes = Buffer.from(payload);
  const length = bytes.length < 126 ? [0x80 | bytes.length] : [0xfe, bytes.length >> 8, bytes.length & 255];
  return Buffer.concat([Buffer.from([...head, ...length, 0, 0, 0, 0]), bytes]);
}

test("a client that goes in the middle of its body is nobody's error", async () => {
  const said: string[] = [];
  const say = (message: string) => void said.push(message);
  const logger = { debug() {}, info() {}, warn: say, error: say };
  await using web = await WebFixture.start({ logger });
  const head = "POST /api/v1/tasks HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n";
  const socket = web.rawSocket();
  socket.write(`${head}expect: 100-continue\r\ncontent-length: 100\r\n\r\n{"command"`);
  await new Promise((resolve) => socket.once("data", resolve));
  socket.destroy();
  for (let asked = 0; asked < 20; asked++) await web.json("/api/v1/info");
  expect(said).toEqual([]);
});
