// The log of a task that is done, on the master: a broadcaster that is complete, over the worker's history, as the worker
// itself reads a finished log. So a viewer of it needs no cursor code but the broadcaster's. It is read by ReadLog
// alone, at the viewer's pace.
import { type From, TaskLogBroadcaster } from "../../log/task-log-broadcaster.ts";
import type { StoredTask } from "../store/master-store.ts";
import { knowsItsLog, unknownEnd } from "../tasks/task-completions.ts";
import type { Workers } from "../workers/workers.ts";
import { WorkerHistory } from "./worker-history.ts";

interface FinishedLogParts {
  readonly workers: Workers;
  readonly batchLinesMax?: number | undefined;
}

/** The place where a viewer begins, and the epoch of the log that it knows; empty if none. */
interface ViewerPlace {
  readonly from: From;
  readonly epoch: string;
}

/**
 * Opens the log of a task that is done. The first piece of it is read here: it says which log the worker has.
 * @throws TasklogError "unavailable" (its worker is away), "aborted".
 */
export async function openFinishedLog(
  { workers, batchLinesMax }: FinishedLogParts,
  task: StoredTask,
  place: ViewerPlace,
  signal: AbortSignal,
): Promise<TaskLogBroadcaster> {
  const completion = task.completion ?? unknownEnd(task.status);
  const { lastSeq } = completion;
  const log = { taskId: task.id, ...(batchLinesMax !== undefined && { batchLinesMax }) };
  let broadcaster: TaskLogBroadcaster;
  if (hasNoLines(task)) {
    broadcaster = new TaskLogBroadcaster({ ...log, epoch: place.epoch });
  } else {
    const history = new WorkerHistory(workers, task.id, task.workerId, lastSeq);
    const { epoch, nextSeq } = await history.piece(firstRead(place.from, lastSeq), signal);
    broadcaster = new TaskLogBroadcaster({
      ...log,
      // A log that is gone has no name: its lines are told as a gap under the numbers that the viewer knows.
      epoch: epoch || place.epoch,
      firstSeq: Math.max(nextSeq, lastSeq + 1),
      history,
    });
  }
  broadcaster.complete(completion);
  return broadcaster;
}

/** True if the task is known to have printed nothing: no worker had it, or its completion says so. */
export function hasNoLines({ workerId, completion }: StoredTask): boolean {
  return workerId === "" || (completion?.lastSeq === 0 && knowsItsLog(completion));
}

/** The seq that the viewer will read first, as far as it can be known; else one behind the end, which brings no lines. */
function firstRead(from: From, lastSeq: number): number {
  if ("all" in from) return 1;
  if ("fromSeq" in from) return Math.max(1, from.fromSeq);
  if ("tail" in from && lastSeq > 0) return Math.max(1, lastSeq + 1 - from.tail);
  return Number.MAX_SAFE_INTEGER;
}
