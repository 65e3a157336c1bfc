// Tells a watching master what has become of each task. Holds the latest report of a task, not a queue of them: a
// slow or absent watcher costs one entry a task, and what it gets is always the present state.
import type { TaskReport } from "../../rpc/gen/tasklog/v1/worker.ts";

export class TaskReports {
  readonly #latest = new Map<string, TaskReport>();
  readonly #watchers = new Set<{ dirty: Set<string>; wake: () => void }>();

  set(report: TaskReport): void {
    this.#latest.set(report.taskId, report);
    for (const watcher of this.#watchers) {
      watcher.dirty.add(report.taskId);
      watcher.wake();
    }
  }

  /** All tasks, then `snapshotEnd`, then each change until abort. */
  async *watch(signal: AbortSignal): AsyncGenerator<TaskReport> {
    let changed = Promise.withResolvers<void>();
    const watcher = { dirty: new Set(this.#latest.keys()), wake: () => changed.resolve() };
    this.#watchers.add(watcher);
    signal.addEventListener("abort", watcher.wake, { once: true });
    try {
      let snapshot = true;
      while (!signal.aborted) {
        const dirty = [...watcher.dirty];
        watcher.dirty.clear();
        changed = Promise.withResolvers<void>();
        for (const taskId of dirty) {
          const report = this.#latest.get(taskId);
          if (report !== undefined) yield report;
        }
        if (snapshot) yield snapshotEndMark;
        snapshot = false;
        if (watcher.dirty.size === 0 && !signal.aborted) await changed.promise;
      }
    } finally {
      this.#watchers.delete(watcher);
      signal.removeEventListener("abort", watcher.wake);
    }
  }
}

const snapshotEndMark: TaskReport = {
  taskId: "",
  status: "unspecified",
  progress: undefined,
  completion: undefined,
  containerId: "",
  startedMs: 0,
  snapshotEnd: true,
  detail: "",
  diskHeldMs: 0,
  diskBehind: false,
  adopted: undefined,
  spec: undefined,
  createdMs: 0,
};
