import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { chmod, mkdir, readdir, stat } from "node:fs/promises";
import { lockDataDir } from "../../../../src/core/base/data-lock.ts";
import { openSqliteStore } from "../../../../src/core/master/store/open-store.ts";
import { tempDir } from "../../../helpers/temp-dir.ts";
import { thrownBy } from "../../rpc/thrown-by.ts";
import { someTask, testStore } from "./store-contract.ts";

testStore("SQLite", async (work) => {
  await using dir = await tempDir();
  await work(() => openSqliteStore(dir.path));
});

test("a file of a newer tasklog is refused with one sentence, and left as it is", async () => {
  await using dir = await tempDir();
  await (await openSqliteStore(dir.path))[Symbol.asyncDispose]();
  const file = new Database(`${dir.path}/master.db`);
  file.run("UPDATE meta SET value = '99' WHERE key = 'schema'");
  file.close();
  expect(await thrownBy(openSqliteStore(dir.path))).toMatchObject({
    code: "incompatible",
    message: expect.stringMatching(/written by a newer tasklog \(its schema is 99/),
  });
});

test("a file that is no database is refused with one sentence", async () => {
  await using dir = await tempDir();
  await Bun.write(`${dir.path}/master.db`, "no database, but long enough to be looked at".repeat(100));
  expect(await thrownBy(openSqliteStore(dir.path))).toMatchObject({ code: "not_permitted" });
});

test("a failed insert changes nothing beside it: other statements are not drawn into its transaction", async () => {
  await using dir = await tempDir();
  await using store = await openSqliteStore(dir.path);
  const task = await store.insertTask(someTask({}, { name: "n" }));
  const [refused] = await Promise.allSettled([
    store.insertTask(someTask({}, { name: "n" })),
    store.updateTask({ ...task, detail: "changed meanwhile" }),
    store.keyValue("a").set("k", "v"),
  ]);
  expect(refused.status).toBe("rejected");
  expect((await store.getTask(task.id))?.detail).toBe("changed meanwhile");
  expect(await store.keyValue("a").get("k")).toBe("v");
});

test("lock - a data folder has one process at a time, and is free again when that has ended", async () => {
  await using dir = await tempDir();
  const folder = `${dir.path}/new/folder`;
  {
    await using _held = await lockDataDir(folder, "master");
    expect(await thrownBy(lockDataDir(folder, "master"))).toMatchObject({
      code: "busy",
      message: expect.stringContaining(folder),
    });
  }
  await (await lockDataDir(folder, "master"))[Symbol.asyncDispose]();
});

test("lock - kill -9 of the holder frees the folder", async () => {
  await using dir = await tempDir();
  const script = `const { lockDataDir } = await import(${JSON.stringify(`${import.meta.dir}/../../../../src/core/base/data-lock.ts`)});
    globalThis.held = await lockDataDir(${JSON.stringify(dir.path)}, "master"); console.log("held"); setInterval(() => {}, 1000);`;
  const holder = Bun.spawn([process.execPath, "-e", script], { stdout: "pipe" });
  await holder.stdout.getReader().read();
  expect(await thrownBy(lockDataDir(dir.path, "master"))).toMatchObject({ code: "busy" });
  holder.kill("SIGKILL");
  await holder.exited;
  await (await lockDataDir(dir.path, "master"))[Symbol.asyncDispose]();
});

test("lock - a folder that cannot be made or written is named", async () => {
  await using dir = await tempDir();
  await Bun.write(`${dir.path}/file`, "");
  expect(await thrownBy(lockDataDir(`${dir.path}/file/below`, "worker"))).toMatchObject({
    code: "not_permitted",
    message: expect.stringContaining(`${dir.path}/file/below`),
  });
  if (process.getuid?.() === 0) return; // root writes everywhere
  await mkdir(`${dir.path}/closed`);
  await chmod(`${dir.path}/closed`, 0o500);
  expect(await thrownBy(lockDataDir(`${dir.path}/closed`, "worker"))).toMatchObject({
    code: "not_permitted",
  });
});

test("rows that cannot be understood are told and left out, and the others are there", async () => {
  await using dir = await tempDir();
  await using sound = await openSqliteStore(dir.path);
  for (const name of ["good", "no-json", "weird", "open-end"]) await sound.insertTask(someTask({}, { name }));
  const file = new Database(`${dir.path}/master.db`);
  file.run("UPDATE tasks SET spec = '{' WHERE name = 'no-json'");
  file.run("UPDATE tasks SET status = 'dancing' WHERE name = 'weird'");
  file.run(
    "UPDATE tasks SET status = 'success', completion = NULL, created_ms = 9e15 WHERE name = 'open-end'",
  );
  file.run("INSERT INTO workers (id, name, info) VALUES ('w', 'w', 'x')");
  file.close();
  const said: string[] = [];
  await using store = await openSqliteStore(dir.path, (message) => void said.push(message));
  expect((await store.unfinishedTasks()).map(({ spec }) => spec.name)).toEqual(["good"]);
  const [open] = await store.listTasks({ status: ["success"] });
  expect(open).toMatchObject({ createdMs: 0, completion: { message: "how it ended was not written down" } });
  expect((await store.listTasks({})).length).toBe(2);
  expect(await store.listWorkers()).toEqual([]);
  expect(said.length).toBe(3);
  expect(said.join("\n")).toMatch(/the row of task-\S+ in the table tasks of master.db is damaged/);
});

test("the database is for its owner alone, also one that was open to others", async () => {
  await using dir = await tempDir();
  await (await openSqliteStore(dir.path))[Symbol.asyncDispose]();
  await chmod(`${dir.path}/master.db`, 0o644);
  await using _store = await openSqliteStore(dir.path);
  for (const name of (await readdir(dir.path)).filter((file) => file.startsWith("master.db"))) {
    expect([name, (await stat(`${dir.path}/${name}`)).mode & 0o777]).toEqual([name, 0o600]);
  }
});
