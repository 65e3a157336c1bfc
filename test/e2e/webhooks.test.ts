// The plugin webhook in the built executable: through `run --webhook`, a kill -9 in between, and its command.
import { expect, setDefaultTimeout, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { freePort } from "../helpers/free-port.ts";
import { startTasklog, Tasklog } from "../helpers/tasklog.ts";
import { until } from "../helpers/until.ts";
import { type Received, Receiver, verify } from "../plugins/webhook/receiver.ts";

setDefaultTimeout(60_000);

const plugin = [
  ...["--runtime", "process", "--plugins", "webhook"],
  ...[
    "--plugin-option",
    "webhook.allow-hosts=127.0.0.1",
    "--plugin-option",
    "webhook.schedule=0,1,1,1,1,1,1,1",
  ],
];

/** What `webhooks list` prints. */
interface CallJson {
  id: string;
  taskId: string;
  state: string;
  attempts: number;
  lastError: string;
}

test("run --webhook - calls its URL with a signature that its own secret verifies", async () => {
  await using receiver = await Receiver.start();
  await using t = await startTasklog(...plugin);
  const script = "echo one; echo two >&2; exit 4";
  const { code } = await t.run(
    "run",
    "--runtime",
    "process",
    "--webhook",
    receiver.url,
    "--",
    "sh",
    "-c",
    script,
  );
  expect(code).toBe(4);
  await until("the call is there", () => receiver.received.length === 1);
  const secret = (await t.run("webhooks", "secret", receiver.url)).stdout.trim();
  verify(secret, receiver.received[0] as Received);
  const { data } = receiver.event();
  expect(data).toMatchObject({ status: "failed", exitCode: 4, lines: 2, user: "tester" });
  expect(
    data.lastLines.map(({ stream, text }: { stream: string; text: string }) => [stream, text]).sort(),
  ).toEqual([
    ["stderr", "two"],
    ["stdout", "one"],
  ]);
  // The path of a URL may be its secret.
  const [task] = await t.json<{ spec: { webhooks: string[] } }>("inspect", data.id);
  expect(task?.spec.webhooks).toEqual([`${new URL(receiver.url).origin}/…`]);
});

test("kill -9 - what was not delivered is sent by the next master, once, with the same id", async () => {
  const port = await freePort();
  await using t = await Tasklog.create();
  const first = await t.up(...plugin);
  const url = `http://127.0.0.1:${port}/hook`;
  await t.run("run", "--runtime", "process", "--webhook", url, "--", "seq", "3");
  const [waiting] = await until("it was tried", async () => {
    const calls = await t.json<CallJson>("webhooks");
    return calls[0] !== undefined && calls[0].attempts > 0 ? calls : undefined;
  });
  expect(waiting).toMatchObject({ state: "waiting", lastError: "nobody listens there" });
  await first.stop("SIGKILL");
  await using receiver = await Receiver.start(undefined, port);
  await t.up(...plugin);
  await until("it is there", () => receiver.received.length === 1);
  expect(receiver.received[0]?.headers["webhook-id"]).toBe(waiting?.id ?? "");
  expect(receiver.event().data.lastLines.map(({ text }: { text: string }) => text)).toEqual(["1", "2", "3"]);
  await until("none is left", async () => (await t.json("webhooks")).length === 0);
  expect(receiver.received).toHaveLength(1);
});

test("kill -9 while tasks run and end - every task is told of exactly once", async () => {
  await using receiver = await Receiver.start();
  await using t = await Tasklog.create();
  const urls = ["--plugin-option", `webhook.urls=${receiver.url}`];
  const master = [...plugin.filter((word) => word !== "--runtime" && word !== "process"), ...urls];
  const first = await t.master(...master);
  t.worker("alpha", "--runtime", "process");
  await t.untilWorkers(1, first);
  const ids: string[] = [];
  for (let count = 0; count < 12; count++) {
    const { stdout } = await t.run(
      ...[
        "run",
        "--detach",
        "--runtime",
        "process",
        "--",
        "sh",
        "-c",
        `sleep ${(count % 4) / 2}; echo ${count}`,
      ],
    );
    ids.push(stdout.trim());
  }
  await first.stop("SIGKILL");
  const second = await t.master(...master);
  await t.untilWorkers(1, second);
  await until(
    "all are told",
    () => new Set(receiver.received.map((_, n) => receiver.event(n).subject)).size === 12,
  );
  await until("none is left", async () => (await t.json("webhooks")).length === 0);
  const told = receiver.received.map((_, n) => receiver.event(n).subject);
  expect(new Set(told)).toEqual(new Set(ids));
  // A call that was on its way at the kill may come twice, and then has the same id.
  expect(new Set(receiver.received.map(({ headers }) => headers["webhook-id"])).size).toBe(12);
});

test("webhooks - lists what was given up, retries it, tests a URL, and says what cannot be meant", async () => {
  await using receiver = await Receiver.start((response) => {
    response.writeHead(500).end("no");
  });
  await using t = await Tasklog.create();
  await writeFile(t.path("secret"), `# for ci\nwhsec_${Buffer.alloc(32, 7).toString("base64")}\n`);
  await t.up(
    ...["--runtime", "process", "--plugins", "webhook", "--plugin-option", "webhook.schedule=0,0.1"],
    ...[
      "--plugin-option",
      "webhook.allow-hosts=127.0.0.1",
      "--plugin-option",
      "webhook.secret-file=./secret",
    ],
  );
  expect((await t.run("webhooks")).stderr).toContain("all calls are delivered");
  await t.run("run", "--runtime", "process", "--webhook", receiver.url, "--", "true");
  const [call] = await until("it is given up", async () => {
    const calls = await t.json<CallJson>("webhooks", "list");
    return calls[0]?.state === "given up" ? calls : undefined;
  });
  const table = await t.run("webhooks");
  expect(table.stdout).toMatch(
    new RegExp(`^${call?.id} +task-\\S+ +given up +2 +\\S+ +${receiver.url} +it answered 500: no$`, "m"),
  );
  const bad = await t.run("webhooks", "test", receiver.url);
  expect([bad.code, bad.stdout]).toEqual([1, expect.stringMatching(/^✗ http:\S+: it answered 500: no/)]);
  receiver.answer = (response) => response.end();
  const good = await t.run("webhooks", "test", receiver.url);
  expect([good.code, good.stdout]).toEqual([0, expect.stringMatching(/^✓ http:\S+: taken with 200/)]);
  expect(receiver.event(receiver.received.length - 1).type).toBe("dev.tasklog.test");
  verify(
    (await t.run("webhooks", "secret", receiver.url)).stdout.trim(),
    receiver.received.at(-1) as Received,
  );
  expect((await t.run("webhooks", "retry", "--all")).stdout).toBe(`${call?.id}\n`);
  await until("it is delivered", async () => (await t.json("webhooks")).length === 0);

  for (const [args, code, words] of [
    [["webhooks", "tset"], 2, /did you mean test\?/],
    [["webhooks", "retry"], 2, /retry needs ids, or --all/],
    [["webhooks", "retry", "msg_nonesuch"], 125, /no undelivered call "msg_nonesuch"/],
    [["webhooks", "test", "ftp://a/"], 125, /no URL of http or https/],
    [["webhooks", "test", "http://169.254.169.254/"], 1, /^$/],
    [["run", "--webhook", "nonsense", "x"], 125, /"nonsense" is no URL/],
  ] as const) {
    const ended = await t.run(...args);
    expect([args.join(" "), ended.code, ended.stderr]).toEqual([
      args.join(" "),
      code,
      expect.stringMatching(words),
    ]);
  }
});

test("a master without the plugin refuses a task that asks for webhooks, and says how to start one", async () => {
  await using t = await startTasklog("--runtime", "process");
  const run = await t.run("run", "--runtime", "process", "--webhook", "https://ci.example/", "--", "true");
  expect([run.code, run.stderr]).toEqual([125, expect.stringContaining("start it with --plugins webhook")]);
  const list = await t.run("webhooks");
  expect([list.code, list.stderr]).toEqual([
    125,
    expect.stringContaining("runs no plugin webhook; start it with"),
  ]);
});
