import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { silentLogger } from "../../../../src/core/base/logger.ts";
import { openSqliteStore } from "../../../../src/core/master/store/open-store.ts";
import { PatientStore } from "../../../../src/core/master/store/patient-store.ts";
import { tempDir } from "../../../helpers/temp-dir.ts";
import { until } from "../../../helpers/until.ts";
import { thrownBy } from "../../rpc/thrown-by.ts";
import { someTask, testStore } from "./store-contract.ts";

testStore("PatientStore", async (work) => {
  await using dir = await tempDir();
  await work(async () => new PatientStore(await openSqliteStore(dir.path), silentLogger));
});

test("while nothing can be written, what has happened is held and shown, what is only wanted is refused", async () => {
  await using dir = await tempDir();
  await using store = new PatientStore(await openSqliteStore(dir.path), silentLogger);
  const task = someTask({}, { name: "one" });
  await store.insertTask(task);
  const file = new Database(`${dir.path}/master.db`);
  for (const change of ["INSERT", "UPDATE"])
    file.run(
      `CREATE TRIGGER no_${change} BEFORE ${change} ON tasks BEGIN SELECT RAISE(ABORT, 'no room'); END`,
    );

  const running = { ...task, status: "running", workerId: "w" } as const;
  await store.noteTask(running);
  expect(await store.getTask(task.id)).toEqual(running);
  expect(await store.taskNamed("one")).toEqual(running);
  expect(await store.listTasks({})).toEqual([running]);
  expect(await store.tasksWithPrefix("task-", 5)).toEqual([running]);
  expect(await thrownBy(store.insertTask(someTask()))).toMatchObject({
    code: "exhausted",
    message: expect.stringMatching(/^the master cannot write to its data folder \(.*no room\): make room/),
  });
  expect(await thrownBy(store.updateTask(task))).toMatchObject({ code: "exhausted" });

  for (const change of ["INSERT", "UPDATE"]) file.run(`DROP TRIGGER no_${change}`);
  const written = file.query<{ status: string }, []>("SELECT status FROM tasks");
  await until("it is written", () => written.get()?.status === "running");
  file.close();
});
