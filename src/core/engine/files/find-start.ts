// Finds the place in the files of a log where a query begins.
import { engineLogReadBytes, lineBytesMax } from "../../base/limits.ts";
import { addMs, type Stamp, toMs } from "../../base/stamp.ts";
import type { StreamName } from "../../log/line-batch.ts";
import type { OutputGap } from "../output.ts";
import { endOf } from "../records/line-ends.ts";
import type { LogRecord } from "../records/record-format.ts";
import type { EngineLogQuery, LogPlace } from "../sources/engine-log.ts";
import { perhapsRotatedAway, rotatedAway } from "../sources/gaps.ts";
import type { LogFileChain } from "./log-file-chain.ts";
import { LogFileReader } from "./log-file-reader.ts";
import type { OpenLogFile } from "./open-log-file.ts";
import { readBackwards } from "./read-backwards.ts";

export interface Start {
  reader: LogFileReader;
  /** This is the oldest record there is, and what was asked for is gone, or may be. */
  gap?: OutputGap;
  /** Lines from there on that are to be left out. */
  skipLines: number;
}

interface TailOffset extends SinceOffset {
  skipLines: number;
}

/** Undefined where there is no file yet, or none any more. */
export async function findStart(chain: LogFileChain, query: EngineLogQuery): Promise<Start | undefined> {
  const { from, skipLines = 0 } = query;
  if (from !== undefined)
    return (await atPlace(chain, from, skipLines)) ?? (await atOldest(chain, 0, rotatedAway()));
  const start = await beginning(chain, query);
  const file = start.first === undefined ? undefined : await chain.find(start.first);
  if (file === undefined)
    return await atOldest(chain, start.skipLines, await missingBefore(chain, query, start));
  const reader = new LogFileReader(file, chain.format, start.offset);
  return { reader, skipLines: start.skipLines };
}

/** Returns the gap before the oldest record: a tail has what was asked for, and a log that never was full has all. */
async function missingBefore(
  chain: LogFileChain,
  { tail }: EngineLogQuery,
  { first }: TailOffset,
): Promise<OutputGap | undefined> {
  if (first !== undefined) return rotatedAway();
  return tail === undefined && (await chain.isFull()) ? perhapsRotatedAway() : undefined;
}

async function beginning(chain: LogFileChain, query: EngineLogQuery): Promise<TailOffset> {
  const { skipLines = 0, tail, since } = query;
  if (since !== undefined) return { ...(await sinceOffset(chain, since)), skipLines };
  return tail === undefined ? { offset: 0, skipLines } : await tailOffset(chain, tail);
}

async function atPlace(chain: LogFileChain, place: LogPlace, skipLines: number): Promise<Start | undefined> {
  if (place.source !== "log-file") return undefined;
  const file = await chain.find(String(place["first"]));
  const offset = Number(place["offset"]);
  if (file !== undefined && (await file.stampBefore(offset)) === place["last"]) {
    return { reader: new LogFileReader(file, chain.format, offset), skipLines };
  }
  file?.close();
  return undefined;
}

async function atOldest(
  chain: LogFileChain,
  skipLines: number,
  gap: OutputGap | undefined,
): Promise<Start | undefined> {
  const file = await chain.oldest();
  return file && { reader: new LogFileReader(file, chain.format), skipLines, ...(gap && { gap }) };
}

/** Returns the offset behind the end of the line before the tail; earlier if a line of the tail began before that. */
async function tailOffset(chain: LogFileChain, lines: number): Promise<TailOffset> {
  let missing = lines;
  let found: TailOffset | undefined;
  let passedLines = 0;
  let passedBytes = 0;
  /** Streams of which the newest record before the tail is no part: no line of the tail began before it. */
  const settled = new Set<StreamName>();
  for await (const { first, records } of readBackwards(chain)) {
    for (const { record, start, end } of records) {
      const kind = record && endOf(record);
      if (found === undefined) {
        if (kind !== "line" || missing-- > 0) continue;
        found = { first, offset: end, skipLines: 0 };
      }
      if (kind === "line") passedLines++;
      if (record !== undefined && !settled.has(record.stream)) {
        if (kind === "part") found = { first, offset: start, skipLines: passedLines };
        else settled.add(record.stream);
      }
      passedBytes += end - start;
      if (settled.size === 2 || passedBytes > lineBytesMax) return found;
    }
  }
  return found ?? { offset: 0, skipLines: 0 };
}

// About where in the files of a log a time begins, found by halving: only what is near it is read. Stamps may run
// backwards a little, so it is a place that is surely before the first record of that time.

/** Stamps are given to lines before they come into order: they are this much out of it at most, in ms. */
const disorderMs = 1000;

interface SinceOffset {
  /** The stamp that the file begins with; absent: the oldest file. */
  first?: string;
  offset: number;
}

async function sinceOffset(chain: LogFileChain, since: Stamp): Promise<SinceOffset> {
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
