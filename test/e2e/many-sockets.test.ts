// Strangers who open more sockets than the process may have files: commands go on working, and the log says so once.
import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { Tasklog } from "../helpers/tasklog.ts";
import { until } from "../helpers/until.ts";

/** The processor time that a process has taken, in ticks of 10 ms. */
function ticksOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

test("230 silent sockets at each address leave descriptors for commands, at no cost", async () => {
  await using t = await Tasklog.create();
  const flags = `--grpc ${t.grpc} --http ${t.http} --data-dir ${t.path("up")} --runtime process`;
  const up = t.shellLine(`ulimit -n 256; exec "$TASKLOG" up ${flags}`, { TASKLOG: t.executable });
  await t.untilWorkers(1, up);
  const sockets: Socket[] = [];
  let closed = 0;
  try {
    for (const address of [t.http, t.grpc]) {
      const [host, port] = address.split(":");
      for (let n = 0; n < 230; n++) {
        const socket = connect(Number(port), host);
        socket.on("error", () => {});
        socket.on("close", () => closed++);
        sockets.push(socket);
      }
    }
    // 144 of them may stay at --http, and 24 at --grpc until they have been silent for too long.
    await until("the others are closed", () => closed >= 2 * 230 - 144 - 24);
    expect(readdirSync(`/proc/${up.pid}/fd`).length).toBeLessThan(230);
    const { stdout } = await t.run("run", "--runtime", "process", "--", "echo", "got through");
    expect(stdout).toBe("got through\n");
    const [before, beganMs] = [ticksOf(up.pid), performance.now()];
    for (let n = 0; n < 3; n++) await t.run("ps");
    expect((ticksOf(up.pid) - before) * 10).toBeLessThan((performance.now() - beganMs) / 2);
  } finally {
    for (const socket of sockets) socket.destroy();
  }
  await up.stop("SIGINT");
  expect(up.stderr.match(/--http has 144 connections/g)).toHaveLength(1);
  expect(up.stderr).not.toMatch(/EMFILE|should not happen/);
});
