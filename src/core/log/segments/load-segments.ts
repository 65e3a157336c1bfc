// Finds the segments of a log that is opened, tidies up what a crash has left half done, and works out what the log
// amounts to. Reads no line where the indexes are complete; of the last segment what its index does not cover yet.
import { rm } from "node:fs/promises";
import type { LogState } from "./log-state.ts";
import { PlainSegment } from "./plain-segment.ts";
import { SealedSegment } from "./sealed-segment.ts";
import { indexPath, listSegmentFiles, type SegmentFile, segmentPath } from "./segment-files.ts";
import { Tally } from "./tally.ts";

export async function loadSegments(
  dir: string,
  state: LogState,
  everyBytes: number,
): Promise<{ segments: (PlainSegment | SealedSegment)[]; tally: Tally }> {
  const files = await tidy(dir, await listSegmentFiles(dir), state);
  const segments: (PlainSegment | SealedSegment)[] = [];
  let tally = state.removed ?? new Tally();
  for (const file of files) {
    const base = tallyBefore(file.firstSeq, tally, state);
    const isLast = file === files.at(-1);
    const segment = file.sealed
      ? await SealedSegment.open(dir, base)
      : await PlainSegment.open(dir, base, everyBytes, isLast);
    segments.push(segment);
    tally = segment.end.copy();
  }
  for (const gap of state.gaps) if (gap.toSeq >= tally.nextSeq) tally = Tally.fromColumns(gap.after);
  return { segments, tally };
}

/** Computes the tally of the log before line `seq` from the tally at the end of the segment before. */
export function tallyBefore(seq: number, previous: Tally, state: LogState): Tally {
  const gap = seq > previous.nextSeq ? state.gaps.find((gap) => gap.toSeq === seq - 1) : undefined;
  const tally = gap ? Tally.fromColumns(gap.after) : previous.copy();
  tally.nextSeq = seq;
  return tally;
}

/** Removes segments that retention had begun to remove, and of a text that had just been sealed the sealed one. */
async function tidy(dir: string, files: SegmentFile[], state: LogState): Promise<SegmentFile[]> {
  const firstSeq = state.removed?.nextSeq ?? 1;
  const kept: SegmentFile[] = [];
  for (const file of files) {
    if (file.firstSeq >= firstSeq && kept.at(-1)?.firstSeq !== file.firstSeq) kept.push(file);
    else await removeSegmentFile(dir, file);
  }
  return kept;
}

export async function removeSegmentFile(dir: string, file: SegmentFile): Promise<void> {
  await rm(segmentPath(dir, file), { force: true });
  await rm(indexPath(dir, file), { force: true });
}
