// Parts of a log: by time and by stream, of what runs and of what is done, over a lost connection; and the proof that it is whole.
import { afterAll, describe, expect, test } from "bun:test";
import { startTasklog } from "../helpers/tasklog.ts";
import { startTcpProxy } from "../helpers/tcp-proxy.ts";
import { until } from "../helpers/until.ts";

const t = await startTasklog();
afterAll(() => t.close());

interface LineJson {
  seq: number;
  time: string;
  stream: string;
  text: string;
}

const linesOf = (id: string, ...flags: string[]): Promise<LineJson[]> =>
  t.json<LineJson>("monitor", id, "--no-follow", ...flags);

/** Prints 1 to 9 on stdout and E1 to E9 on stderr, half a second apart after the third. */
const script = "for i in 1 2 3 4 5 6 7 8 9; do echo $i; echo E$i >&2; [ $i -eq 3 ] && sleep 0.5; done";

describe.each([
  ["runs", `${script}; sleep 600`],
  ["is done", `${script}; exit 3`],
])("a task that %s", (state, command) => {
  const task = t.submit(command).then(async (id) => {
    await until("all is there", async () => (await linesOf(id, "--tail", "all")).length === 18);
    if (state === "is done") await t.untilStatus(id, "failed");
    return id;
  });

  test("--since and --until take the lines in between, to the nanosecond", async () => {
    const id = await task;
    const all = await linesOf(id, "--tail", "all");
    // The same stamp may stand before and behind.
    const from = all.findIndex(({ text }) => text === "4");
    const since = all[from]?.time ?? "";
    const first = all.findIndex(({ time }) => time >= since);
    const later = all.findIndex(({ time }) => time > since);
    expect((await linesOf(id, "--since", since)).map(({ seq }) => seq)).toEqual(
      all.slice(first).map(({ seq }) => seq),
    );
    const until = await linesOf(id, "--since", since, "--until", since);
    expect(until.map(({ seq }) => seq)).toEqual(
      all.slice(first, later === -1 ? undefined : later).map(({ seq }) => seq),
    );
    expect((await linesOf(id, "--since", "1h")).length).toBe(18);
    expect(await linesOf(id, "--since", "2100-01-01")).toEqual([]);
    expect(await linesOf(id, "--tail", "all", "--until", "1h")).toEqual([]);
  });

  test("--stream takes the lines of one", async () => {
    const id = await task;
    const lines = await linesOf(id, "--tail", "all", "--stream", "stderr");
    expect(lines.map(({ text, stream }) => `${stream} ${text}`)).toEqual(
      [1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => `stderr E${n}`),
    );
    const { stdout, stderr } = await t.run("monitor", id, "--no-follow", "--stream", "stdout");
    expect([stdout, stderr]).toEqual(["1\n2\n3\n4\n5\n6\n7\n8\n9\n", ""]);
  });

  test("--verify says in one sentence whether the log is whole", async () => {
    const id = await task;
    const { code, stdout, stderr } = await t.run("monitor", id, "--verify", "--no-follow");
    expect(stderr).toBe("");
    if (state === "is done") {
      expect([code, stdout]).toEqual([
        0,
        expect.stringMatching(/^task-\S+: ok, all 18 lines are as they were read \(crc32:\S+\)\n$/),
      ]);
      expect((await t.json("monitor", id, "--verify"))[0]).toMatchObject({ verified: "ok", lines: 18 });
    } else {
      expect([code, stdout]).toEqual([
        125,
        expect.stringMatching(/cannot be verified yet: the task has not ended/),
      ]);
      await t.run("cancel", "--force", id);
      expect((await t.run("monitor", id, "--verify")).code).toBe(0);
    }
  });
});

test("--verify of a task without output, and of one that never ran", async () => {
  const quiet = await t.submit("true");
  expect((await t.run("monitor", quiet, "--verify")).stdout).toContain("ok, it has no lines");
  const never = await t.submit("true", "--constraint", "zone=nowhere");
  await t.run("cancel", never);
  const { code, stdout } = await t.run("monitor", never, "--verify");
  expect([code, stdout]).toEqual([125, expect.stringContaining("without a checksum")]);
});

test("--since and --stream hold over lost connections: no line too many, none twice", async () => {
  const id = await t.submit(
    "echo before; echo before >&2; sleep 1; i=0; while [ $i -lt 300 ]; do i=$((i+1)); echo out $i; echo err $i >&2; sleep 0.01; done",
  );
  await using proxy = await startTcpProxy(t.grpc);
  const [first] = await until("the first line is there", async () => {
    const lines = await linesOf(id, "--tail", "all");
    return lines.length >= 2 ? lines : undefined;
  });
  const since = new Date(Date.parse(first?.time ?? "") + 500).toISOString();
  const monitor = t.start(["monitor", id, "--since", since, "--stream", "stderr", "--master", proxy.address]);
  for (const seen of [20, 120, 220]) {
    await until(`${seen} lines are there`, () => monitor.stderr.includes(`err ${seen}\n`));
    proxy.cut();
  }
  const { code, stdout, stderr } = await monitor.ended;
  expect([code, stdout]).toEqual([0, ""]);
  const lines = stderr.split("\n").filter((line) => !line.startsWith("tasklog: ") && line !== "");
  expect(lines).toEqual(Array.from({ length: 300 }, (_, n) => `err ${n + 1}`));
  expect(stderr.match(/trying again/g)).toHaveLength(3);
});

test.each([
  [["--since", "yesterday"], /--since takes a time such as 10m/],
  [["--until", "2026-13-01"], /--until takes a time/],
  [["--stream", "both"], /--stream takes stdout, stderr/],
  [["--since", "1m", "--tail", "5"], /--tail and --since both say where to begin/],
  [["--verify", "--since", "1m"], /--verify reads the whole log: leave out --since/],
])("%j is refused in one sentence", async (flags, says) => {
  const { code, stderr } = await t.run("monitor", "x", ...flags);
  expect(code).toBe(2);
  expect(stderr).toMatch(says);
});
