// The effect of the workers' disks on tasks, for /metrics: workers report it, and it is counted here. Only what is
// told of an unfinished task counts, so that a worker that comes again and tells everything again is not counted
// twice.
import type { TaskReport } from "../../rpc/gen/tasklog/v1/worker.ts";
import type { Counter, MetricsRegistry } from "../http/metrics.ts";

type Told = Pick<TaskReport, "diskHeldMs" | "diskBehind">;

export class DiskMetrics {
  readonly #isUnfinished: (taskId: string) => boolean;
  /** The last word on each task that a disk has held up. */
  readonly #told = new Map<string, Told>();
  readonly #heldSeconds: Counter;

  constructor(metrics: MetricsRegistry, isUnfinished: (taskId: string) => boolean) {
    this.#isUnfinished = isUnfinished;
    const own = metrics.part("disk");
    this.#heldSeconds = own.counter(
      "held_seconds_total",
      "How long tasks' output was held up by workers' disks.",
    );
    own.gauge("behind_tasks", "Tasks whose lines wait for a worker's disk that is slow or takes none.", () =>
      this.#behind(),
    );
  }

  /**
   * Adds the report to the metrics; call it before the book takes the report, because after the last one the task is
   * finished.
   */
  note({ taskId, diskHeldMs, diskBehind }: Pick<TaskReport, "taskId"> & Told): void {
    const before = this.#told.get(taskId);
    if ((diskHeldMs === 0 && !diskBehind && before === undefined) || !this.#isUnfinished(taskId)) return;
    this.#heldSeconds.add(Math.max(0, diskHeldMs - (before?.diskHeldMs ?? 0)) / 1000);
    this.#told.set(taskId, { diskHeldMs, diskBehind });
  }

  #behind(): number {
    for (const taskId of this.#told.keys()) if (!this.#isUnfinished(taskId)) this.#told.delete(taskId);
    return [...this.#told.values()].filter(({ diskBehind }) => diskBehind).length;
  }
}
