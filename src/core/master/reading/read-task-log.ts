// One bounded piece of a task's log, at the pace of whoever asks: for a range, a search, an export. Nothing is
// followed and nothing kept; who wants the log as it grows takes streamTaskLogsUnified.
import { TasklogError } from "../../base/errors.ts";
import { readBytesDefault } from "../../base/limits.ts";
import type { Stamp } from "../../base/stamp.ts";
import { isFinal } from "../../log/log-item.ts";
import type { LogPiece } from "../../rpc/worker-client.ts";
import type { StoredTask } from "../store/master-store.ts";
import type { TaskBook } from "../tasks/task-book.ts";
import type { Workers } from "../workers/workers.ts";
import { hasNoLines } from "./finished-log.ts";
import { orGone, withItsEnd } from "./worker-history.ts";

interface ReadTaskLogOptions {
  /** Bytes of text, about; at least one line comes. `readBytesDefault` by default. */
  readonly bytesMax?: number;
  /** Starts at the first line with this stamp or a later one, instead of `fromSeq`. */
  readonly sinceTime?: Stamp | undefined;
  readonly signal?: AbortSignal;
}

/**
 * The lines and gaps of a task from `fromSeq` on; none at the end of what there is. `nextSeq` is the seq the next new
 * line will get. A task that no worker has had yet has no lines and an empty epoch. `taskId` as in `tasks.get`.
 * @throws TasklogError "not_found", "ambiguous", "unavailable" (its worker is away), "aborted".
 */
export type ReadTaskLog = (
  taskId: string,
  fromSeq: number,
  options?: ReadTaskLogOptions,
) => Promise<LogPiece>;

export function createReadTaskLog({ book, workers }: { book: TaskBook; workers: Workers }): ReadTaskLog {
  return async (taskId, fromSeq, { bytesMax = readBytesDefault, sinceTime, signal } = {}) => {
    const task = await book.find(taskId);
    if (isNotBegun(task) || hasNoLines(task)) return emptyPiece(isFinal(task.status));
    const worker = workers.get(task.workerId);
    if (worker === undefined) {
      throw new TasklogError(
        "unavailable",
        `the log of ${task.id} cannot be read now: ${workers.absence(task.workerId)}`,
      );
    }
    const { client, compress } = worker;
    const since = { sinceSeconds: sinceTime?.seconds ?? 0, sinceNanos: sinceTime?.nanos ?? 0 };
    const piece = client.readLog({ taskId: task.id, fromSeq, ...since, bytesMax, compress }, signal);
    if (task.completion !== undefined) {
      const { lastSeq } = task.completion;
      return withItsEnd(await piece.catch(orGone(lastSeq)), fromSeq, lastSeq);
    }
    return piece.catch((error) => {
      // The worker has said that it has the task, but not begun its log.
      if (TasklogError.from(error).code === "not_found") return emptyPiece(false);
      throw error;
    });
  };
}

function isNotBegun({ delivered, completion }: StoredTask): boolean {
  return !delivered && completion === undefined;
}

function emptyPiece(complete: boolean): LogPiece {
  return { items: [], nextSeq: 1, firstSeq: 1, complete, epoch: "" };
}
