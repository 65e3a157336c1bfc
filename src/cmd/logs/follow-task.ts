// One task's log as a client reads it: a stream that goes on by itself when the connection breaks. It asks again from
// the seq behind the last line it gave out, under the same epoch, so that no line is lost or given twice.
// What it does not do: hide that a log was started anew, or that lines are gone; both are told.

import { backoffMs } from "../../core/base/back-off.ts";
import { TasklogError } from "../../core/base/errors.ts";
import { pause } from "../../core/base/wait.ts";
import type { LogItem } from "../../core/log/log-item.ts";
import type { Selection } from "../../core/log/select-lines.ts";
import { SeqCursor } from "../../core/log/seq-cursor.ts";
import type { StreamTaskLogsRequest } from "../../core/rpc/gen/tasklog/v1/master.ts";
import type { MasterClient } from "../../core/rpc/master-client.ts";

export type Start = NonNullable<StreamTaskLogsRequest["start"]>;

export interface FollowOptions extends Selection {
  readonly taskId: string;
  readonly start: Start;
  readonly follow: boolean;
  /** The two ends are on different hosts. */
  readonly compress: boolean;
  readonly signal: AbortSignal;
  /** Called once for each time the connection was lost. */
  readonly onLost: (error: TasklogError) => void;
}

/** A lost connection is tried again for ever; what else may pass by itself, this often without a line in between. */
const faultsMax = 5;
const passingCodes: ReadonlySet<string> = new Set(["internal", "aborted", "exhausted"]);

/**
 * Ends after "complete", at `untilTime`, at the end of what there is without `follow`, and quietly when the signal aborts.
 */
export async function* followTask(
  client: Pick<MasterClient, "streamTaskLogs">,
  options: FollowOptions,
): AsyncGenerator<LogItem, void, undefined> {
  const { taskId, follow, compress, signal, untilTime: until, streams = [] } = options;
  let start = options.start;
  const cursor = new SeqCursor({ nextSeq: start.$case === "fromSeq" ? start.value : 0 });
  let failures = 0;
  let faults = 0;
  while (!signal.aborted) {
    try {
      const asked = start;
      const request = {
        task: taskId,
        start,
        follow,
        epoch: cursor.epoch,
        compress,
        until,
        streams: [...streams],
      };
      for await (const item of client.streamTaskLogs(request, signal)) {
        failures = 0;
        if (item.kind === "batch" || item.kind === "gap") faults = 0;
        const fresh = cursor.unseen(item);
        if (fresh === undefined) continue;
        cursor.note(fresh);
        if (cursor.nextSeq > 0) start = { $case: "fromSeq", value: cursor.nextSeq };
        yield fresh;
        if (item.kind === "complete") return;
        if (asked.$case === "fromSeq" && isAnew(item) && options.start.$case === "since") {
          start = options.start; // the numbers mean nothing in the new log, the time does
          break;
        }
      }
      if (start === options.start && start !== asked) continue;
      if (!follow || until !== undefined || signal.aborted) return;
      throw new TasklogError("internal", `the log of ${taskId} ended without its completion`);
    } catch (thrown) {
      const error = TasklogError.from(thrown);
      if (signal.aborted) return;
      failures++;
      if (error.code !== "unavailable" && (!passingCodes.has(error.code) || ++faults > faultsMax))
        throw error;
      // A client that does not follow asks for what there is now: a worker that stays away is an answer.
      if (!follow && failures > faultsMax) throw error;
      if (failures === 1 && faults <= 1) options.onLost(error);
    }
    await pause(backoffMs(Math.max(failures, faults) - 1), signal);
  }
}

function isAnew(item: LogItem): boolean {
  return item.kind === "start" && !item.recovered;
}
