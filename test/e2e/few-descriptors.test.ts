// A worker that is short of file descriptors: tasks wait for those of others, and what is wrong is told as it is.
import { expect, test } from "bun:test";
import { Tasklog } from "../helpers/tasklog.ts";

test("tasks that find no descriptors are started when others have ended, and nobody is called no program", async () => {
  await using t = await Tasklog.create();
  const flags = `--grpc ${t.grpc} --http none --data-dir ${t.path("up")} --runtime process --slots 60`;
  const up = t.shellLine(`ulimit -n 90; exec "$TASKLOG" up ${flags}`, { TASKLOG: t.executable });
  await t.untilWorkers(1, up);
  const ids: string[] = [];
  for (let n = 0; n < 40; n++) {
    const { stdout } = await t.run(
      "run",
      "-d",
      "--runtime",
      "process",
      "--",
      "sh",
      "-c",
      "sleep 1; echo done",
    );
    ids.push(stdout.trim());
  }
  for (const id of ids) {
    const task = await t.untilStatus(id, "success", "failed");
    expect([task.message, task.status]).toEqual([task.message, "success"]);
  }
  await up.stop("SIGINT");
  expect(up.stderr).not.toMatch(/is no program|garbage collect/);
});
