// Bad input gets one sentence that says what to do, a fitting exit code, and harms nothing else.
import { Database } from "bun:sqlite";
import { afterAll, afterEach, describe, expect, test } from "bun:test";
import { chmod, mkdir, readdir, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import manifest from "../../package.json" with { type: "json" };
import { Child, type Ended } from "../helpers/child.ts";
import { otherVersion } from "../helpers/other-version.ts";
import { image, startTasklog, Tasklog } from "../helpers/tasklog.ts";
import { tempDir } from "../helpers/temp-dir.ts";

const t = await startTasklog();
afterAll(() => t.close());
const witness = await t.submit("echo witness; sleep 600", "--name", "witness");
await t.untilStatus(witness, "running");

/** After every test: the master still answers, and a task that ran before still runs. */
afterEach(async () => {
  expect((await t.tasks()).find(({ id }) => id === witness)?.status).toBe("running");
});

/** One line on stderr, no stack trace, nothing on stdout. Gives the sentence. */
function oneSentence({ stdout, stderr }: Ended): string {
  expect(stdout).toBe("");
  expect(stderr).not.toMatch(/\n\s+at /);
  expect(stderr.trim().split("\n")).toHaveLength(1);
  return stderr.trim();
}

describe("usage errors leave with 2", () => {
  test.each([
    [["run", "--nonsense", "x"], /nonsense/],
    [["monitor", "x", "--tail", "many"], /--tail/],
    [["monitor", "x", "--from-seq", "-1"], /--from-seq/],
    [["monitor"], /TASK/i],
    [["run"], /IMAGE/i],
    [["run", "--cpus", "-1", image, "--", "true"], /--cpus/],
    [["run", "--cpus", "lots", image, "--", "true"], /--cpus/],
    [["run", "--memory", "12x", image, "--", "true"], /--memory/],
    [["run", "--timeout", "soon", image, "--", "true"], /--timeout/],
    [["run", "--pull", "sometimes", image, "--", "true"], /--pull/],
    [["run", "--env", "=x", image, "--", "true"], /--env/],
    [["run", "--label", "", image, "--", "true"], /--label/],
    [["run", "--constraint", "=", image, "--", "true"], /--constraint/],
    [["ps", "--status", "happy"], /happy/],
    [["ps", "--master", "nowhere:port:7070"], /nowhere/],
    [["ps", "--master", "127.0.0.1:99999"], /99999/],
    [["up", "--grpc", "127.0.0.1"], /--grpc/],
    [["up", "--slots", "0"], /--slots/],
    [["up", "--ring-lines", "none"], /--ring-lines/],
    [["worker", "--master", "not an address"], /not an address/],
    [["ps", "--color", "green"], /green/],
    [["cancel"], /TASK/i],
    [["workers", "extra"], /extra/],
  ])("%j", async (args, names) => {
    const ended = await t.run(...args);
    expect(ended.stdout).toBe("");
    expect(ended.stderr).toMatch(names);
    expect(ended.stderr).not.toMatch(/\n\s+at /);
    expect(ended.code).toBe(2);
  });

  test("an env file with a bad line names the file and the line", async () => {
    await writeFile(t.path("vars"), "GOOD=1\n\n=bad\n");
    const ended = await t.run("run", "--env-file", "vars", image, "--", "true");
    expect([2, 125]).toContain(ended.code);
    expect(oneSentence(ended)).toMatch(/vars.*3/);
  });

  test("an env file that is not there is named", async () => {
    const ended = await t.run("run", "--env-file", "absent", image, "--", "true");
    expect([2, 125]).toContain(ended.code);
    expect(oneSentence(ended)).toContain("absent");
  });
});

describe("which task", () => {
  test.each(["monitor", "inspect", "cancel"])("%s of an unknown task", async (command) => {
    const ended = await t.run(command, "nonesuch");
    expect(ended.code).toBe(125);
    expect(oneSentence(ended)).toContain("nonesuch");
  });

  test("an ambiguous prefix lists the candidates", async () => {
    // Submits until two ids begin with the same letter; among 33 there must be two.
    const ids = [witness];
    const twin = () => ids.slice(0, -1).find((id) => id[5] === ids.at(-1)?.[5]);
    while (ids.length < 2 || twin() === undefined) ids.push(await t.submit("true"));
    const prefix = ids.at(-1)?.slice(0, 6) ?? "";
    const ended = await t.run("inspect", prefix);
    expect(ended.code).toBe(125);
    expect(ended.stderr).toContain(prefix);
    expect(ended.stderr).toContain(ids.at(-1) ?? "");
    expect(ended.stderr).toContain(twin() ?? "");
  });

  test("the prefix of all ids lists candidates, too", async () => {
    await t.submit("true");
    const ended = await t.run("inspect", "task-");
    expect(ended.code).toBe(125);
    expect(oneSentence(ended)).toMatch(/task- could be task-\S+.*, task-\S+.*; give more of the id/);
  });

  test("a name that an unfinished task has cannot be used twice", async () => {
    const ended = await t.run("run", "--name", "witness", image, "--", "true");
    expect(ended.code).toBe(125);
    expect(oneSentence(ended)).toContain("witness");
  });
});

describe("addresses and ports", () => {
  test("no master answers", async () => {
    const ended = await t.run("ps", "--master", "127.0.0.1:1");
    expect(ended.code).toBe(125);
    expect(oneSentence(ended)).toContain("127.0.0.1:1");
  });

  test.each(["up", "master"])("%s on a port that is taken", async (command) => {
    const ended = await t.run(
      command,
      "--grpc",
      t.grpc,
      "--http",
      "127.0.0.1:0",
      "--data-dir",
      t.path("other"),
    );
    expect(ended.code).toBe(125);
    expect(oneSentence(ended)).toContain(t.grpc);
  });

  test.each(["0.0.0.0:0", "[::]:0", "192.0.2.1:7070"])(
    "%s is refused without --insecure",
    async (address) => {
      const ended = await t.run(
        "master",
        "--grpc",
        address,
        "--http",
        "127.0.0.1:0",
        "--data-dir",
        t.path("other"),
      );
      expect(ended.code).toBeGreaterThan(0);
      expect(oneSentence(ended)).toContain("--insecure");
    },
  );

  test("a worker does not dial beyond loopback without --insecure", async () => {
    const ended = await t.run("worker", "--master", "192.0.2.1:7070", "--data-dir", t.path("other"));
    expect(ended.code).toBeGreaterThan(0);
    expect(oneSentence(ended)).toContain("--insecure");
  });

  test.each([
    ["text", Buffer.from("hello\n")],
    ["HTTP/1", Buffer.from("GET / HTTP/1.1\r\nHost: x\r\n\r\n")],
    ["zeros", Buffer.alloc(65_536)],
    ["noise", crypto.getRandomValues(Buffer.alloc(65_536))],
    [
      "a preface and noise",
      Buffer.concat([
        Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        crypto.getRandomValues(Buffer.alloc(4096)),
      ]),
    ],
    [
      "a worker's hello and noise",
      Buffer.concat([Buffer.from("TASKLOG-WORKER/1\n"), crypto.getRandomValues(Buffer.alloc(4096))]),
    ],
  ])("garbage on the gRPC port: %s", async (_, bytes) => {
    const port = Number(t.grpc.split(":")[1]);
    await new Promise<void>((resolve, reject) => {
      const socket = connect(port, "127.0.0.1");
      const late = setTimeout(() => reject(new Error("the connection was not closed")), 20_000);
      socket.on("error", () => {});
      socket.resume();
      socket.once("close", () => {
        clearTimeout(late);
        resolve();
      });
      socket.write(bytes);
    });
    expect((await t.run("workers")).code).toBe(0);
  });
});

test("an environment that no master takes", async () => {
  const lines = Array.from({ length: 64 }, (_, n) => `V${n}=${"x".repeat(100_000)}\n`);
  await writeFile(t.path("big.env"), lines.join(""));
  const ended = await t.run("run", "--env-file", t.path("big.env"), image, "--", "true");
  expect(ended.code).toBe(125);
  expect(oneSentence(ended)).toMatch(/too large: 6\.2 MiB of at most 4 MiB, most of it its environment;/);
});

describe("data folders", () => {
  test.each([
    ["up", "up"],
    ["up", "master"],
    ["master", "up"],
    ["master", "master"],
  ])("%s on a folder that %s uses", async (command, first) => {
    const folder = t.path(`${command}-${first}`);
    await using other = await Tasklog.create();
    other.serve([first, "--grpc", other.grpc, "--http", other.http, "--data-dir", folder]);
    await other.untilWorkers(0);
    const ended = await t.run(
      command,
      "--grpc",
      "127.0.0.1:0",
      "--http",
      "127.0.0.1:0",
      "--data-dir",
      folder,
    );
    expect(ended.code).toBe(125);
    expect(oneSentence(ended)).toContain(folder);
    expect((await other.run("ps")).code).toBe(0);
  });

  test("a master and its worker share one", async () => {
    await using other = await Tasklog.create();
    const folder = ["--data-dir", other.path("both")];
    other.serve(["master", "--grpc", other.grpc, "--http", "none", ...folder]);
    other.serve(["worker", "--master", other.grpc, ...folder]);
    await other.untilWorkers(1);
    expect((await readdir(other.path("both"))).sort()).toEqual(["master", "worker"]);
  });

  test.each(["up", "master", "worker"])("%s on a path that is a file", async (command) => {
    await writeFile(t.path("file"), "");
    const ended = await t.run(command, ...own(command), "--data-dir", t.path("file"));
    expect(ended.code).toBe(125);
    expect(oneSentence(ended)).toContain(t.path("file"));
  });

  test("a folder that cannot be written", async () => {
    await mkdir(t.path("read-only"), { mode: 0o500 });
    // root may write anywhere, except where nothing can be written at all.
    const folder = process.getuid?.() === 0 ? "/proc/tasklog" : t.path("read-only");
    const ended = await t.run("master", ...own("master"), "--data-dir", folder);
    await chmod(t.path("read-only"), 0o700);
    expect(ended.code).toBe(125);
    expect(oneSentence(ended)).toContain(folder);
  });

  test("a folder of a newer version", async () => {
    await using other = await Tasklog.create();
    await other.up();
    await other.stopServers();
    const files = await readdir(other.path("up"), { recursive: true });
    const file = files.find((name) => name.endsWith("master.db")) ?? "";
    const database = new Database(join(other.path("up"), file));
    database.run("UPDATE meta SET value = '999' WHERE key = 'schema'");
    database.close();
    const ended = await other.run("up", ...own("up"), "--data-dir", other.path("up"));
    expect(ended.code).toBe(125);
    expect(oneSentence(ended)).toMatch(/newer/);
  });
});

describe("another version at the other end", () => {
  test("a client, and a worker: one sentence that names both versions", async () => {
    await using folder = await tempDir();
    const other = await otherVersion(folder.path);
    const spawn = (...args: string[]) => new Child([...other, ...args], { cwd: folder.path, env: t.env });

    const client = await spawn("ps").ended;
    expect(client.code).toBe(125);
    expect(oneSentence(client)).toContain(manifest.version);
    expect(oneSentence(client)).toContain("9.9.9");

    await using worker = spawn(
      "worker",
      "--master",
      t.grpc,
      "--name",
      "newer",
      "--data-dir",
      join(folder.path, "data"),
    );
    await worker.says(/9\.9\.9/);
    expect(worker.stderr).toContain(manifest.version);
    const workers = await t.json<{ name: string; connected: boolean }>("workers");
    expect(workers.some(({ name, connected }) => name === "newer" && connected)).toBe(false);
  });

  test("a master of another version", async () => {
    await using folder = await tempDir();
    const other = await otherVersion(folder.path);
    await using elsewhere = await Tasklog.create();
    await using master = new Child(
      [
        ...other,
        "master",
        "--grpc",
        elsewhere.grpc,
        "--http",
        elsewhere.http,
        "--data-dir",
        join(folder.path, "data"),
      ],
      { cwd: folder.path, env: elsewhere.env },
    );
    await master.says(elsewhere.grpc);
    const ended = await elsewhere.run("ps");
    expect(ended.code).toBe(125);
    expect(oneSentence(ended)).toContain("9.9.9");
    expect(oneSentence(ended)).toContain(manifest.version);
  });
});

describe("what the engine refuses", () => {
  test.each([
    [["--volume", "relative/path:relative"], /relative/],
    [["--network", "nonesuch"], /nonesuch/],
    [["--user", "nobody-of-that-name"], /nobody-of-that-name/],
    [["--memory", "1k"], /memory/i],
    [["--gpus", "all"], /gpu/i],
    [["--workdir", "not/absolute"], /not\/absolute|workdir|working/i],
  ])("%j is one sentence, and leaves nothing behind", async (flags, names) => {
    const ended = await t.run("run", ...flags, image, "--", "true");
    expect([2, 125, 126]).toContain(ended.code);
    expect(oneSentence(ended)).toMatch(names);
  });

  test("an image name that cannot be one", async () => {
    const ended = await t.run("run", "Not A Name", "--", "true");
    expect([2, 125]).toContain(ended.code);
    expect(oneSentence(ended)).toContain("Not A Name");
  });
});

/** Flags that keep a server which should not have started away from the ports of others. */
function own(command: string): string[] {
  return command === "worker" ? ["--master", t.grpc] : ["--grpc", "127.0.0.1:0", "--http", "127.0.0.1:0"];
}
