// The frames of a socket without a sub-protocol: those of the specification, one for each line, so that the page of
// three lines that is written there works as it stands. What it does not know has another `type`.
import { formatStamp } from "../../../core/base/stamp.ts";
import type { LineBatch } from "../../../core/log/line-batch.ts";
import type { Completion, LogGap, LogStart, TaskStatus } from "../../../core/log/log-item.ts";
import { SharedByBatch } from "../../../core/log/shared-by-batch.ts";
import type { LineFilter } from "../../../core/search/line-filter.ts";

const all = new SharedByBatch((batch, status) =>
  Array.from({ length: batch.count }, (_, index) => lineFrame(batch, index, status as TaskStatus)),
);

/** @throws the signal's reason. */
export async function plainLines(
  batch: LineBatch,
  status: TaskStatus,
  filter: LineFilter | undefined,
  signal: AbortSignal,
): Promise<readonly Buffer[]> {
  if (filter === undefined) return all.of(batch, status);
  return (await filter.select(batch, signal)).map((index) => lineFrame(batch, index, status));
}

function lineFrame(batch: LineBatch, index: number, status: TaskStatus): Buffer {
  return toFrame({
    type: "log",
    content: batch.textAt(index),
    isComplete: false,
    status,
    seq: batch.firstSeq + index,
    time: formatStamp(batch.seconds[index] as number, batch.nanos[index] as number),
    stream: batch.streamAt(index),
  });
}

export function plainStart({ epoch, firstSeq, nextSeq, recovered }: LogStart): Buffer {
  return toFrame({ type: "start", epoch, firstSeq, nextSeq, recovered });
}

export function plainGap({ fromSeq, toSeq, count, reason }: LogGap): Buffer {
  return toFrame({ type: "gap", fromSeq, toSeq, count, reason });
}

export function plainStatus(status: TaskStatus, detail: string): Buffer {
  return toFrame({ type: "status", status, detail });
}

export function plainComplete({ status, exitCode, lastSeq }: Completion): Buffer {
  return toFrame({
    type: "log",
    content: "",
    isComplete: true,
    status,
    exitCode: exitCode ?? null,
    lastSeq,
  });
}

function toFrame(frame: object): Buffer {
  return Buffer.from(JSON.stringify(frame));
}
