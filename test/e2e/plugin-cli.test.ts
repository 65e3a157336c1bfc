// `tasklog master --plugins cli`: all running tasks' lines on the master's own terminal.
import { expect, test } from "bun:test";
import { startApart, Tasklog } from "../helpers/tasklog.ts";

test("master --plugins cli prints the lines of all tasks behind their names", async () => {
  await using t = await startApart(["--plugins", "cli"]);
  await Promise.all([
    t.submit("sleep 1; seq 1 20", "--name", "left"),
    t.submit("sleep 1; seq 21 40", "--name", "right"),
  ]);
  await t.masterProcess.says(/left.*\b20$/m);
  await t.masterProcess.says(/right.*\b40$/m);
  const numbersOf = (name: string) =>
    t.masterProcess.lines
      .filter((line) => line.includes(name))
      .map((line) => Number(line.match(/(\d+)$/)?.[1]))
      .filter((number) => number > 0);
  expect(numbersOf("left")).toEqual(Array.from({ length: 20 }, (_, n) => n + 1));
  expect(numbersOf("right")).toEqual(Array.from({ length: 20 }, (_, n) => n + 21));
});

test("a stdout that takes nothing more is told once, and the master goes on", async () => {
  await using t = await Tasklog.create();
  const flags = `--grpc ${t.grpc} --http ${t.http} --data-dir ${t.path("up")} --runtime process --plugins ws,cli`;
  const child = t.shellLine(`exec "$TASKLOG" up ${flags} > /dev/full`, { TASKLOG: t.executable });
  await t.untilWorkers(1, child);
  for (let count = 0; count < 3; count++) {
    expect((await t.run("run", "--runtime", "process", "--", "seq", "1000")).code).toBe(0);
  }
  await child.says(/cli: nothing is printed any more: ENOSPC/);
  await child.stop("SIGINT");
  const said = child.stderr.split("\n").filter((line) => line.includes("ENOSPC"));
  expect(said).toHaveLength(1);
  expect(child.stderr).not.toMatch(/^ +at |^Bun v/m);
});

test("a plugin that does not exist is one sentence, and a usage error", async () => {
  await using t = await startApart();
  const { code, stderr } = await t.run(
    "master",
    "--grpc",
    "127.0.0.1:0",
    "--http",
    "127.0.0.1:0",
    "--plugins",
    "nonesuch",
    "--data-dir",
    t.path("m2"),
  );
  expect(code).toBe(2);
  expect(stderr).toContain("nonesuch");
  expect(stderr.trim().split("\n")).toHaveLength(1);
});
