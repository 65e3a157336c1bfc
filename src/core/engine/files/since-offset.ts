// About where in the files of a log a time begins, found by halving: only what is near it is read. Stamps may run
// backwards a little, so it is a place that is surely before the first record of that time.

import { engineLogReadBytes } from "../../base/limits.ts";
import { addMs, type Stamp, toMs } from "../../base/stamp.ts";
import type { LogRecord } from "../records/log-record.ts";
import type { LogFileChain } from "./log-file-chain.ts";
import type { OpenLogFile } from "./open-log-file.ts";

/** Stamps are given to lines before they come into order: they are this much out of it at most, in ms. */
const disorderMs = 1000;

export interface SinceOffset {
  /** The stamp that the file begins with; absent: the oldest file. */
  first?: string;
  offset: number;
}

export async function sinceOffset(chain: LogFileChain, since: Stamp): Promise<SinceOffset> {
  const sought = toMs(addMs(since, -disorderMs)) / 1000;
  for (const path of await chain.paths()) {
    const file = await chain.open(path);
    if (file === undefined) continue;
    try {
      const first = await file.first();
      if (first !== undefined && Number(first) < sought) {
        return { first, offset: await offsetIn(file, chain, sought) };
      }
    } finally {
      file.close();
    }
  }
  return { offset: 0 };
}

/** The beginning of a record that is older than `sought` (seconds), as all before it are. */
async function offsetIn(file: OpenLogFile, { format }: LogFileChain, sought: number): Promise<number> {
  let older = 0;
  let newer = file.look().size;
  while (newer - older > engineLogReadBytes) {
    const middle = Math.floor((older + newer) / 2);
    const piece = await file.read(middle, engineLogReadBytes);
    const start = format.resync(piece, 0, piece.length);
    const records: LogRecord[] = [];
    format.decode(piece, start, piece.length, records);
    const seconds = records[0]?.seconds;
    // A record that is longer than a piece: what is before it is read through.
    if (seconds === undefined || seconds >= sought) newer = middle;
    else older = middle + start;
  }
  return older;
}
