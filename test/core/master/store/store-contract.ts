// What every store of the master keeps to. A new one starts by passing this.
import { describe, expect, test } from "bun:test";
import type { MasterStore, StoredTask } from "../../../../src/core/master/store/master-store.ts";
import { emptyCompletion } from "../../../../src/core/master/tasks/task-completions.ts";
import { newTaskId } from "../../../../src/core/master/tasks/task-ids.ts";
import { TaskSpec, WorkerInfo } from "../../../../src/core/rpc/gen/tasklog/v1/task.ts";
import { thrownBy } from "../../rpc/thrown-by.ts";

export function someTask(change: Partial<StoredTask> = {}, spec: Partial<TaskSpec> = {}): StoredTask {
  return {
    id: newTaskId(),
    spec: TaskSpec.fromPartial({ command: ["true"], ...spec }),
    userId: "ada",
    requestId: "",
    status: "pending",
    detail: "",
    workerId: "",
    workerName: "",
    containerId: "",
    createdMs: 1_795_000_000_123,
    startedMs: 0,
    finishedMs: 0,
    completion: undefined,
    cancelRequested: false,
    cancelForce: false,
    delivered: false,
    adopted: undefined,
    ...change,
  };
}

/** `open` opens the same store again each time it is called within one `work`. */
export function testStore(
  name: string,
  within: (work: (open: () => Promise<MasterStore>) => Promise<void>) => Promise<void>,
): void {
  const withStore = (work: (store: MasterStore) => Promise<void>) =>
    within(async (open) => {
      await using store = await open();
      await work(store);
    });

  describe(`store ${name}`, () => {
    test("a task comes back as it was stored, also after the store was opened again", () =>
      within(async (open) => {
        const task = someTask(
          { cancelRequested: true, requestId: "r1" },
          {
            name: "build",
            image: "busybox",
            env: ["A=ü \n'\"", "B="],
            labels: { team: "x", "dev.x/y": "" },
            cpus: 0.5,
            memoryBytes: 2 ** 40,
            stopTimeoutMs: 0,
            constraints: ["a!=b"],
          },
        );
        const masterId = await (async () => {
          await using store = await open();
          expect(await store.insertTask(task)).toEqual(task);
          return store.masterId;
        })();
        await using store = await open();
        expect(await store.getTask(task.id)).toEqual(task);
        expect(store.masterId).toBe(masterId);
      }));

    test("an update replaces what changes, with the completion", () =>
      withStore(async (store) => {
        const task = await store.insertTask(someTask());
        const completion = {
          ...emptyCompletion("failed", "oom", "too little memory"),
          exitCode: 137,
          lastSeq: 2 ** 40,
        };
        const changed: StoredTask = {
          ...task,
          status: "failed",
          detail: "d",
          workerId: "w",
          workerName: "one",
          containerId: "c",
          startedMs: 1,
          finishedMs: 2,
          completion,
          cancelForce: true,
          delivered: true,
        };
        await store.updateTask(changed);
        expect(await store.getTask(task.id)).toEqual(changed);
      }));

    test("a request id is one task for its user, however often and however many at once", () =>
      withStore(async (store) => {
        const tasks = Array.from({ length: 5 }, () => someTask({ requestId: "same" }));
        const stored = await Promise.all(tasks.map((task) => store.insertTask(task)));
        expect(new Set(stored.map(({ id }) => id)).size).toBe(1);
        const other = await store.insertTask(someTask({ requestId: "same", userId: "bob" }));
        expect(other.id).not.toBe(stored[0]?.id);
        expect(await store.listTasks({})).toHaveLength(2);
      }));

    test("a name belongs to one unfinished task at a time, and means the newest", () =>
      withStore(async (store) => {
        const first = await store.insertTask(someTask({}, { name: "nightly" }));
        expect(await thrownBy(store.insertTask(someTask({}, { name: "nightly" })))).toMatchObject({
          code: "already_exists",
          message: expect.stringContaining(first.id),
        });
        await store.updateTask({ ...first, status: "success" });
        const second = await store.insertTask(someTask({}, { name: "nightly" }));
        expect((await store.taskNamed("nightly"))?.id).toBe(second.id);
        expect(await store.taskNamed("")).toBeUndefined();
        await store.insertTask(someTask());
        await store.insertTask(someTask());
      }));

    test("a task has another of its name before it, and one without a name has none", () =>
      withStore(async (store) => {
        const done = { status: "success" } as const;
        const [first, , second] = [
          await store.insertTask(someTask(done, { name: "nightly" })),
          await store.insertTask(someTask(done, { name: "other" })),
          await store.insertTask(someTask({}, { name: "nightly" })),
        ];
        expect((await store.taskBefore(second.id))?.id).toBe(first.id);
        expect(await store.taskBefore(first.id)).toBeUndefined();
        await store.insertTask(someTask());
        expect(await store.taskBefore((await store.insertTask(someTask())).id)).toBeUndefined();
        expect(await store.taskBefore("task-none")).toBeUndefined();
      }));

    test("what others started is told from what was submitted", () =>
      withStore(async (store) => {
        const adopted = { container: "web", source: "", limits: [] };
        const task = await store.insertTask(someTask({ adopted }));
        const known = { container: "web", source: "logs-api", limits: ["some"] };
        await store.updateTask({ ...task, adopted: known });
        expect((await store.getTask(task.id))?.adopted).toEqual(known);
        expect((await store.getTask((await store.insertTask(someTask())).id))?.adopted).toBeUndefined();
      }));

    test("unfinished tasks keep the order of their submission, lists are newest first", () =>
      withStore(async (store) => {
        const ids: string[] = [];
        for (let count = 0; count < 20; count++) ids.push((await store.insertTask(someTask())).id);
        const done = await store.getTask(ids[3] as string);
        await store.updateTask({ ...(done as StoredTask), status: "lost" });
        const left = ids.filter((_, index) => index !== 3);
        expect((await store.unfinishedTasks()).map(({ id }) => id)).toEqual(left);
        expect((await store.listTasks({ limit: 3 })).map(({ id }) => id)).toEqual(ids.slice(-3).reverse());
        expect((await store.listTasks({ limit: 2, before: ids[3] ?? "" })).map(({ id }) => id)).toEqual(
          ids.slice(1, 3).reverse(),
        );
        expect(await store.listTasks({ before: "task-nobodyhasthis" })).toEqual([]);
      }));

    test("lists are filtered by status, user, worker and labels", () =>
      withStore(async (store) => {
        const a = await store.insertTask(someTask({ userId: "ada" }, { labels: { team: "x", night: "" } }));
        const b = await store.insertTask(someTask({ userId: "bob" }, { labels: { team: "y" } }));
        await store.updateTask({ ...b, status: "running", workerId: "w-1", workerName: "one" });
        const ids = async (filter: Parameters<MasterStore["listTasks"]>[0]) =>
          (await store.listTasks(filter)).map(({ id }) => id);
        expect(await ids({ status: ["running", "failed"] })).toEqual([b.id]);
        expect(await ids({ userId: "ada" })).toEqual([a.id]);
        expect(await ids({ worker: "one" })).toEqual([b.id]);
        expect(await ids({ worker: "w-1" })).toEqual([b.id]);
        expect(await ids({ labels: ["team"] })).toEqual([b.id, a.id]);
        expect(await ids({ labels: ["team=x", "night"] })).toEqual([a.id]);
        expect(await ids({ labels: ["team=x' OR 1=1 --"] })).toEqual([]);
      }));

    test("a prefix gives the tasks that begin so, at most as many as asked for", () =>
      withStore(async (store) => {
        for (const end of ["aaa", "aab", "abc", "b%_"])
          await store.insertTask(someTask({ id: `task-${end}` }));
        expect((await store.tasksWithPrefix("task-aa", 10)).map(({ id }) => id)).toEqual([
          "task-aab",
          "task-aaa",
        ]);
        expect(await store.tasksWithPrefix("task-a", 2)).toHaveLength(2);
        expect(await store.tasksWithPrefix("task-%", 10)).toEqual([]);
      }));

    test("workers are known again, as away", () =>
      within(async (open) => {
        const worker = WorkerInfo.fromPartial({
          id: "w-1",
          name: "one",
          labels: { a: "b" },
          slots: 4,
          connected: true,
        });
        {
          await using store = await open();
          await store.saveWorker({ ...worker, name: "old" });
          await store.saveWorker(worker);
        }
        await using store = await open();
        expect(await store.listWorkers()).toEqual([{ ...worker, connected: false }]);
      }));

    test("each owner has its own values", () =>
      withStore(async (store) => {
        const [a, b] = [store.keyValue("a"), store.keyValue("b")];
        await a.set("k2", "2");
        await a.set("k1", "old");
        await a.set("k1", "1");
        await b.set("k1", "other");
        expect(await a.list("k")).toEqual([
          { key: "k1", value: "1" },
          { key: "k2", value: "2" },
        ]);
        await a.delete("k1");
        expect(await a.get("k1")).toBeUndefined();
        expect(await b.get("k1")).toBe("other");
      }));
  });
}
