// `tasklog up` that runs plain processes: for measurements in which no engine takes part. TASKLOG_BIN says which
// executable; else it runs from source.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../test/helpers/free-port.ts";
import { until } from "../test/helpers/until.ts";

const root = join(import.meta.dir, "..");
const tasklog = process.env["TASKLOG_BIN"]
  ? [process.env["TASKLOG_BIN"]]
  : [process.execPath, join(root, "src/main.ts")];

/** A master and a worker in one process, with the process runtime. */
export async function startTasklog() {
  const dir = await mkdtemp(join(tmpdir(), "tasklog-bench-"));
  const [grpc, http] = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`];
  const flags = [
    "--runtime",
    "process",
    "--plugins",
    "ws",
    "--grpc",
    grpc,
    "--http",
    http,
    "--data-dir",
    dir,
  ];
  const server = Bun.spawn([...tasklog, "up", ...flags], {
    cwd: root,
    stdin: "ignore",
    stdout: "ignore",
    stderr: "ignore",
  });
  await until("the master answers", async () =>
    (await fetch(`http://${http}/api/v1/workers`)).text().then((text) => /true/.test(text)),
  );
  return {
    pid: server.pid,
    grpc,
    http,
    dir,
    async submit(command: string[]): Promise<string> {
      const answer = await fetch(`http://${http}/api/v1/tasks`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ runtime: "process", command }),
      });
      return ((await answer.json()) as { id: string }).id;
    },
    async [Symbol.asyncDispose]() {
      server.kill();
      await server.exited;
      await rm(dir, { recursive: true, force: true });
    },
  };
}
