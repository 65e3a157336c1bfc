// `tasklog up`: master and worker in one process.
import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { image, startTasklog, Tasklog } from "../helpers/tasklog.ts";
import { until } from "../helpers/until.ts";

test("up - is ready in under a second, on loopback only", async () => {
  await using t = await Tasklog.create();
  const startedMs = performance.now();
  const up = t.serve(["up", "--grpc", t.grpc, "--http", t.http, "--data-dir", t.path("up")]);
  const port = Number(t.grpc.split(":")[1]);
  await until("the gRPC port answers", () => answers("127.0.0.1", port), { everyMs: 5 });
  const readyMs = performance.now() - startedMs;
  await t.untilWorkers(1, up);

  expect(readyMs).toBeLessThan(1000);
  const outside = Object.values(networkInterfaces())
    .flat()
    .find((address) => address?.family === "IPv4" && !address.internal);
  if (outside) expect(await answers(outside.address, port)).toBe(false);
});

test("up - says where it listens, on stderr; stdout is for data", async () => {
  await using t = await Tasklog.create();
  const up = await t.up();
  await up.says(t.grpc);
  expect(up.stdout).toBe("");
});

test("without an engine - says so once, with the address and who named it, and in the table of workers", async () => {
  await using t = await Tasklog.create();
  t.env["DOCKER_HOST"] = "tcp://127.0.0.1:1";
  const up = await t.up();
  const sentence = "no Docker engine answers at tcp://127.0.0.1:1 (from DOCKER_HOST)";
  await up.says(sentence);
  await up.says("tasklog is ready");
  expect(up.stderr.split(sentence)).toHaveLength(2);
  expect(up.stderr).not.toContain("Deprecation");
  expect((await t.run("workers")).stdout).toContain("docker (not answering)");
});

test("Ctrl-C - ends it cleanly and at once when nothing runs", async () => {
  await using t = await Tasklog.create();
  const up = await t.up();
  const startedMs = performance.now();
  const { code, stderr } = await up.stop("SIGINT");
  expect(performance.now() - startedMs).toBeLessThan(3000);
  expect([0, 130]).toContain(code);
  expect(stderr).not.toMatch(/\n\s+at /);
});

test("restart - running containers are left alone and taken over at the next start", async () => {
  await using t = await startTasklog();
  const id = await t.submit("i=0; while [ $i -lt 30 ]; do i=$((i+1)); echo line $i; sleep 0.2; done; exit 7");
  await t.untilStatus(id, "running");
  const up = [...(await t.containers())];
  expect(up.map(({ state }) => state)).toEqual(["running"]);

  await t.stopServers();
  expect((await t.containers()).map(({ state }) => state)).toEqual(["running"]);
  await t.up();
  const { code, stdout } = await t.run("monitor", id, "--tail", "all");

  expect(stdout.split("\n").slice(0, -1)).toEqual(Array.from({ length: 30 }, (_, n) => `line ${n + 1}`));
  expect(code).toBe(7);
});

test("finished tasks - are known after a restart, with their lines", async () => {
  await using t = await startTasklog();
  const first = await t.run(
    "run",
    "--name",
    "past",
    image,
    "--",
    "sh",
    "-c",
    "echo one; echo two >&2; exit 3",
  );
  expect([first.code, first.stdout, first.stderr]).toEqual([3, "one\n", "two\n"]);
  await t.stopServers();
  await t.up();
  const { code, stdout } = await t.run("monitor", "past");
  expect([code, stdout.split("\n")[0]]).toEqual([3, "one"]);
  expect((await t.tasks()).map(({ name, status }) => [name, status])).toEqual([["past", "failed"]]);
});

function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host);
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}

test.each(["SIGHUP", "SIGUSR1", "SIGUSR2", "SIGALRM"] as const)(
  "up - %s makes it leave in order, and leaves no process task behind",
  async (signal) => {
    await using t = await Tasklog.create();
    const flags = ["--grpc", t.grpc, "--http", "none", "--data-dir", t.path("up"), "--runtime", "process"];
    const up = t.serve(["up", ...flags]);
    await t.untilWorkers(1, up);
    const command = ["sh", "-c", `echo $$ > ${t.path("pid")}; exec sleep 60`];
    await t.run("run", "-d", "--runtime", "process", "--", ...command);
    const pid = await until("the task runs", async () => Number(await Bun.file(t.path("pid")).text()));
    expect((await up.stop(signal)).code).toBe(0);
    expect(existsSync(`/proc/${pid}`)).toBe(false);
  },
);
