// `tasklog master --plugins cli`: all running tasks' lines on the master's own terminal.
import { expect, test } from "bun:test";
import { startApart } from "../helpers/tasklog.ts";

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
