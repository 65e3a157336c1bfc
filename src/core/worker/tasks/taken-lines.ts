import { readBytesMax } from "../../base/limits.ts";
import type { Taken } from "../../engine/output.ts";
import { LineBatch } from "../../log/line-batch.ts";
import type { LineSplitter } from "../../log/line-splitter.ts";
import type { SegmentLog } from "../../log/segments/segment-log.ts";

/** Returns the place of the reader of a run: the lines it has written to the log and those it has begun. */
export function takenOf(log: SegmentLog, begun?: LineSplitter): Taken {
  const { stdout, stderr } = log.taken;
  return {
    stdout,
    stderr,
    lastSeq: () => log.nextSeq - 1,
    lastStamp: log.lastStamp,
    isExact: stdout + stderr === log.nextSeq - 1,
    unfinished: { stdout: begun?.begun("stdout"), stderr: begun?.begun("stderr") },
    lastLines: (linesMax) => lastLines(log, linesMax),
  };
}

/** The newest lines of a log, oldest first; those behind its last gap, since what is before it does not adjoin. */
async function lastLines(log: SegmentLog, linesMax: number): Promise<LineBatch[]> {
  const batches: LineBatch[] = [];
  let seq = Math.max(log.firstSeq, log.nextSeq - linesMax);
  while (seq < log.nextSeq) {
    const found = await log.read(seq, readBytesMax);
    if (found instanceof LineBatch) {
      batches.push(found);
      seq = found.lastSeq + 1;
    } else {
      batches.length = 0;
      seq = found.toSeq + 1;
    }
  }
  return batches;
}
