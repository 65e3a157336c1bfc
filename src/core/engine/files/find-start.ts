// Finds the place in the files of a log where a query begins.
import { lineBytesMax } from "../../base/limits.ts";
import type { StreamName } from "../../log/line-batch.ts";
import type { OutputGap } from "../output.ts";
import { endOf } from "../records/line-ends.ts";
import type { EngineLogQuery, LogPlace } from "../sources/engine-log.ts";
import { perhapsRotatedAway, rotatedAway } from "../sources/gaps.ts";
import type { LogFileChain } from "./log-file-chain.ts";
import { LogFileReader } from "./log-file-reader.ts";
import { readBackwards } from "./read-backwards.ts";
import { type SinceOffset, sinceOffset } from "./since-offset.ts";

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
