// Calls as their receivers see them: over real sockets, verified by npm's standardwebhooks.
import { expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { webhookTimeoutMs } from "../../../src/core/base/limits.ts";
import { until } from "../../helpers/until.ts";
import { type Received, Receiver, verify } from "./receiver.ts";
import { WebhookFixture } from "./webhook-fixture.ts";

const newSecret = () => `whsec_${randomBytes(32).toString("base64")}`;

test("story - a task that ends is told once, signed, as a CloudEvent with the end of its log", async () => {
  const secret = newSecret();
  await using receiver = await Receiver.start();
  await using t = await WebhookFixture.start({ urls: receiver.url, secrets: secret, lines: 2 });
  const task = await t.finished({ name: "nightly", labels: { team: "a" } }, ["one", "two", "three"], 3);
  await until("the call is there", () => receiver.received.length === 1);
  const [call] = receiver.received as [Received];
  expect(verify(secret, call)).toEqual(receiver.event());
  expect(call.headers["content-type"]).toBe("application/cloudevents+json; charset=utf-8");
  expect(receiver.event()).toEqual({
    specversion: "1.0",
    id: call.headers["webhook-id"],
    source: `/tasklog/${t.master.masterId}`,
    type: "dev.tasklog.task.completed",
    datacontenttype: "application/json",
    subject: task.id,
    time: new Date(task.finishedMs).toISOString(),
    data: {
      id: task.id,
      name: "nightly",
      status: "failed",
      detail: null,
      user: "ada",
      worker: "one",
      workerId: "worker-1",
      containerId: null,
      image: null,
      command: ["true"],
      labels: { team: "a" },
      cancelRequested: false,
      adopted: null,
      created: new Date(task.createdMs).toISOString(),
      started: new Date(task.startedMs).toISOString(),
      finished: new Date(task.finishedMs).toISOString(),
      durationMs: task.finishedMs - task.startedMs,
      exitCode: 3,
      signal: null,
      reason: null,
      message: null,
      lastSeq: 3,
      lines: 3,
      bytes: expect.any(Number),
      checksum: null,
      link: `http://127.0.0.1:${t.master.httpAddress?.port}/tasks/${task.id}`,
      lastLines: [
        { seq: 2, time: expect.stringMatching(/^\d{4}-.*\.\d{9}Z$/), stream: "stdout", text: "two" },
        { seq: 3, time: expect.any(String), stream: "stdout", text: "three" },
      ],
    },
  });
  expect(await t.list()).toEqual({ calls: [], gone: [] });
  await t.restart();
  expect(await t.metrics()).toContain("tasklog_webhook_waiting 0");
  expect(receiver.received).toHaveLength(1);
});

test("a task's own URLs are called for it alone, and the plugin's only for the statuses asked for", async () => {
  await using everybody = await Receiver.start();
  await using own = await Receiver.start();
  await using t = await WebhookFixture.start({ urls: everybody.url, statuses: "failed" });
  await t.finished({ webhooks: [own.url, own.url] });
  const failed = await t.finished({}, [], 1);
  await until("both are told", () => own.received.length === 1 && everybody.received.length === 1);
  expect(everybody.event().subject).toBe(failed.id);
  expect(own.event().data.status).toBe("success");
  // Each URL has a secret of its own: no receiver can forge a call to another.
  expect(await t.secret(own.url)).not.toBe(await t.secret(everybody.url));
  verify(await t.secret(own.url), own.received[0] as Received);
  expect(() => verify("whsec_c2VjcmV0IG9mIHNvbWVib2R5IGVsc2Ugb3I=", own.received[0] as Received)).toThrow();
});

test("start - is told too when asked for", async () => {
  await using receiver = await Receiver.start();
  await using t = await WebhookFixture.start({ urls: receiver.url, events: "started,completed" });
  const task = await t.running();
  await until("the start is told", () => receiver.received.length === 1);
  expect(receiver.event()).toMatchObject({ type: "dev.tasklog.task.started", subject: task.id });
  expect(receiver.event().data.lastLines).toBeUndefined();
  await t.finish(task);
  await until("the end is told", () => receiver.received.length === 2);
  expect(receiver.event(1).type).toBe("dev.tasklog.task.completed");
  expect(receiver.event(1).id).not.toBe(receiver.event(0).id);
});

test("rotation - with two secrets, receivers of the old and of the new one are content", async () => {
  const [old, fresh] = [newSecret(), newSecret()];
  await using receiver = await Receiver.start();
  await using t = await WebhookFixture.start({ urls: receiver.url, secrets: [old, fresh] });
  await t.finished();
  await until("the call is there", () => receiver.received.length === 1);
  for (const secret of [old, fresh]) verify(secret, receiver.received[0] as Received);
  expect(() => verify(newSecret(), receiver.received[0] as Received)).toThrow();
});

test("500 for ever - the same id, a new time and signature each time, then given up, told and kept", async () => {
  const secret = newSecret();
  await using receiver = await Receiver.start((response) => {
    response.writeHead(500).end("no\u001b[31m luck\ntoday");
  });
  await using t = await WebhookFixture.start({ urls: receiver.url, secrets: secret });
  await t.finished();
  const call = await until("it is given up", async () =>
    (await t.list()).calls.find(({ nextMs }) => nextMs === 0),
  );
  expect(call).toMatchObject({
    attempts: 4,
    lastStatus: 500,
    lastError: "it answered 500: no [31m luck today",
  });
  expect(receiver.received).toHaveLength(4);
  expect(new Set(receiver.received.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
  for (const received of receiver.received) verify(secret, received);
  for (const [index, { atMs }] of receiver.received.entries()) {
    if (index > 0) expect(atMs - (receiver.received[index - 1]?.atMs ?? 0)).toBeGreaterThanOrEqual(99);
  }
  expect(t.said.join("\n")).toMatch(/given up after 4 attempts: it answered 500/);
  expect(t.said.join("\n")).not.toContain("/hook");
  receiver.answer = (response) => response.end();
  expect(await t.retry([call.id.slice(0, 10)])).toEqual([call.id]);
  await until("it is delivered after all", async () => (await t.list()).calls.length === 0);
  expect(receiver.event(4)).toEqual(receiver.event(0));
});

test("Retry-After - is waited for, as seconds and as a date", async () => {
  await using receiver = await Receiver.start((response, nth) => {
    const at = nth === 1 ? "1" : new Date(Date.now() + 2000).toUTCString();
    if (nth <= 2) response.writeHead(nth === 1 ? 429 : 503, { "retry-after": at }).end();
    else response.end();
  });
  await using t = await WebhookFixture.start({ urls: receiver.url });
  await t.finished();
  await until("the third is there", () => receiver.received.length === 3);
  const [first, second, third] = receiver.received.map(({ atMs }) => atMs) as [number, number, number];
  expect(second - first).toBeGreaterThanOrEqual(1000);
  expect(third - second).toBeGreaterThanOrEqual(900); // a date has whole seconds
});

test("410 - the URL is not called any more until somebody says retry", async () => {
  await using receiver = await Receiver.start((response) => {
    response.writeHead(410).end();
  });
  await using t = await WebhookFixture.start({ urls: receiver.url });
  await t.finished();
  await until("it is closed", async () => (await t.list()).gone.length === 1);
  await t.restart();
  await t.finished();
  const { calls, gone } = await t.list();
  expect(gone).toEqual([receiver.url]);
  expect(calls).toHaveLength(1);
  expect(receiver.received).toHaveLength(1);
  receiver.answer = (response) => response.end();
  await t.retry();
  await until("it is delivered", async () => (await t.list()).calls.length === 0);
  await t.finished();
  await until("new ones are, too", () => receiver.received.length === 3);
});

test("private targets - are not called, by address, by name, or by redirect, unless their host is named", async () => {
  await using hidden = await Receiver.start();
  await using redirecting = await Receiver.start((response) => {
    response.writeHead(302, { location: "http://169.254.169.254/latest/meta-data" }).end();
  });
  await using t = await WebhookFixture.start({ schedule: "0" });
  const { port } = hidden;
  for (const url of [
    `http://localhost:${port}/`,
    `http://127.0.0.2:${port}/`,
    `http://[::1]:${port}/`,
    `http://[::ffff:127.0.0.1]:${port}/`,
    `http://2130706434:${port}/`,
    `http://0.0.0.0:${port}/`,
    "http://169.254.169.254/latest/meta-data",
    "https://10.0.0.1/",
    "http://[fe80::1]/",
    "http://[fd00::1]/",
    "http://[64:ff9b::a00:1]/",
  ]) {
    expect([url, (await t.test(url)).error]).toEqual([
      url,
      expect.stringMatching(/^[^ ]+ (is not|does not lead to) a public address; /),
    ]);
  }
  expect(hidden.received).toHaveLength(0);
  expect((await t.test(redirecting.url)).error).toBe(
    "it answered 302, a redirect to http://169.254.169.254/latest/meta-data, which is not followed",
  );
  await t.finished({ webhooks: [`http://localhost:${port}/`] });
  const call = await until("it is given up at once", async () =>
    (await t.list()).calls.find(({ nextMs }) => nextMs === 0),
  );
  expect(call).toMatchObject({ attempts: 1, lastStatus: 0 });
  await using open = await WebhookFixture.start({ "allow-hosts": "LOCALHOST" });
  expect((await open.test(`http://localhost:${port}/`)).error).toBe("");
  expect((await open.test(`http://127.0.0.1:${port}/`)).error).toContain("not a public address");
});

test("a call goes past HTTP_PROXY", async () => {
  await using proxy = await Receiver.start();
  await using receiver = await Receiver.start();
  process.env["HTTP_PROXY"] = process.env["http_proxy"] = `http://127.0.0.1:${proxy.port}`;
  try {
    await using t = await WebhookFixture.start();
    expect(await t.test(receiver.url)).toMatchObject({ status: 200, error: "" });
  } finally {
    delete process.env["HTTP_PROXY"];
    delete process.env["http_proxy"];
  }
  expect([proxy.received.length, receiver.received.length]).toEqual([0, 1]);
});

test("answers without end - of a gigabyte next to nothing is read, whether it says yes or no", async () => {
  let sent = 0;
  await using receiver = await Receiver.start((response, nth) => {
    response.writeHead(nth === 1 ? 500 : 200);
    const chunk = Buffer.alloc(256 * 1024, "x");
    const pump = (): void => {
      while (sent < 1024 ** 3 && !response.destroyed) {
        sent += chunk.length;
        if (!response.write(chunk)) {
          response.once("drain", pump);
          return;
        }
      }
    };
    pump();
  });
  await using t = await WebhookFixture.start({ urls: receiver.url });
  await t.finished();
  await until("it is delivered", () => receiver.received.length === 2);
  await until("and done", async () => (await t.list()).calls.length === 0);
  expect(sent).toBeLessThan(64 * 1024 ** 2);
});

test("a receiver that hangs holds up its own calls and no others, and the end of the master neither", async () => {
  await using hanging = await Receiver.start(() => {});
  await using quick = await Receiver.start();
  const t = await WebhookFixture.start({ urls: [hanging.url] });
  try {
    for (let count = 0; count < 6; count++) await t.finished();
    await until("four of them hang", () => hanging.received.length === 4);
    await t.finished({ webhooks: [quick.url] });
    await until("the other is called", () => quick.received.length === 1);
    expect((await t.list()).calls.every(({ attempts }) => attempts === 0)).toBe(true);
    const fromMs = performance.now();
    await t.restart();
    expect(performance.now() - fromMs).toBeLessThan(webhookTimeoutMs); // it waited for none of them
    expect((await t.list()).calls).toHaveLength(7); // what was broken off is not forgotten
  } finally {
    await t[Symbol.asyncDispose]();
  }
});

test("no answer in 15 s is a failure", async () => {
  await using hanging = await Receiver.start(() => {});
  await using t = await WebhookFixture.start();
  const { error, tookMs } = await t.test(hanging.url);
  expect(error).toBe("no answer in 15 s");
  expect(tookMs).toBeLessThan(16_000);
}, 30_000);

test("what ended while the master was away, or before its calls were made, is told after its start", async () => {
  await using receiver = await Receiver.start();
  await using t = await WebhookFixture.start({ urls: receiver.url });
  const task = await t.running();
  await t.restart(async () => {
    await t.finishAway(task);
  });
  await until("it is told", () => receiver.received.length === 1);
  expect(receiver.event().subject).toBe(task.id);
  await t.restart();
  expect((await t.list()).calls).toEqual([]);
  expect(receiver.received).toHaveLength(1);
});

test("bad input - URLs and options that cannot be meant get a sentence", async () => {
  await using t = await WebhookFixture.start();
  for (const [url, words] of [
    ["ftp://a.example/", /no URL of http or https/],
    ["nonsense", /no URL of http or https/],
    ["https://me:secret@a.example/", /has a password in it/],
    [`https://a.example/${"x".repeat(3000)}`, /at most 2000/],
  ] as const) {
    const refusal: unknown = await t.running({ webhooks: [url] }).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: "invalid", message: expect.stringMatching(words) });
  }
  for (const [options, words] of [
    [{ urls: "nonsense" }, /plugin webhook does not work: the webhook "nonsense" is no URL/],
    [{ secrets: "hunter2" }, /a secret for webhooks cannot be read/],
    [{ "secret-file": "/nowhere/secret" }, /secret-file \/nowhere\/secret cannot be read/],
    [{ events: "ended" }, /events has "ended" in it; it takes completed, started/],
    [{ statuses: "bad" }, /statuses has "bad"/],
    [{ schedule: "0,soon" }, /"soon" in it; it takes seconds/],
    [{ lines: "5000" }, /a number from 0 to 1000/],
    [{ colour: "red" }, /no option "colour"/],
  ] as const) {
    const failure: unknown = await WebhookFixture.start(options).catch((error: unknown) => error);
    expect(String(failure)).toMatch(words);
    expect(String(failure)).not.toContain("hunter2");
  }
  const unknown: unknown = await t.client.callPlugin("webhook", "forget").catch((error: unknown) => error);
  expect(unknown).toMatchObject({ code: "not_found", message: expect.stringContaining("list, retry, test") });
});
