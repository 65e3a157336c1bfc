// Where in the files of a log a query begins.
import type { EngineLogQuery, LogPlace } from "./engine-log.ts";
import { endOf } from "./line-ends.ts";
import type { LogFileChain } from "./log-file-chain.ts";
import { LogFileReader } from "./log-file-reader.ts";
import { readBackwards } from "./read-backwards.ts";
import { type SinceOffset, sinceOffset } from "./since-offset.ts";

export interface Start {
  reader: LogFileReader;
  /** The place that was asked for is gone: this is the oldest record there is. */
  hasMissed: boolean;
  /** Lines from there on that are to be left out. */
  skipLines: number;
}

interface TailOffset extends SinceOffset {
  skipLines: number;
}

/** So many records that are no parts stand before a place, and no line is taken to go on there. */
const quietRecords = 8;

/** Undefined where there is no file yet, or none any more. */
export async function findStart(chain: LogFileChain, query: EngineLogQuery): Promise<Start | undefined> {
  const { from, skipLines = 0 } = query;
  if (from !== undefined) return (await atPlace(chain, from, skipLines)) ?? (await atOldest(chain, 0, true));
  const start = await beginning(chain, query);
  const file = start.first === undefined ? undefined : await chain.find(start.first);
  if (file === undefined) return await atOldest(chain, start.skipLines, start.first !== undefined);
  const reader = new LogFileReader(file, chain.format, start.offset);
  return { reader, hasMissed: false, skipLines: start.skipLines };
}

async function beginning(chain: LogFileChain, query: EngineLogQuery): Promise<TailOffset> {
  const { skipLines = 0, tail, sinceMs } = query;
  if (sinceMs !== undefined) return { ...(await sinceOffset(chain, sinceMs)), skipLines };
  return tail === undefined ? { offset: 0, skipLines } : await tailOffset(chain, tail);
}

async function atPlace(chain: LogFileChain, place: LogPlace, skipLines: number): Promise<Start | undefined> {
  if (place.source !== "log-file") return undefined;
  const file = await chain.find(String(place["first"]));
  const offset = Number(place["offset"]);
  if (file !== undefined && (await file.stampBefore(offset)) === place["last"]) {
    return { reader: new LogFileReader(file, chain.format, offset), hasMissed: false, skipLines };
  }
  file?.close();
  return undefined;
}

async function atOldest(
  chain: LogFileChain,
  skipLines: number,
  hasMissed: boolean,
): Promise<Start | undefined> {
  const file = await chain.oldest();
  return file && { reader: new LogFileReader(file, chain.format), hasMissed, skipLines };
}

/** Behind the end of the line before the tail; earlier where a line of the tail may have begun before that. */
async function tailOffset(chain: LogFileChain, lines: number): Promise<TailOffset> {
  let missing = lines;
  let found: TailOffset | undefined;
  let passed = 0;
  let quiet = 0;
  for await (const { first, records } of readBackwards(chain)) {
    for (const { record, start, end } of records) {
      const kind = record && endOf(record);
      if (found === undefined) {
        if (kind !== "line") continue;
        if (missing-- > 0) continue;
        found = { first, offset: end, skipLines: 0 };
      }
      if (kind === "line") passed++;
      quiet = kind === "part" ? 0 : quiet + 1;
      if (kind === "part") found = { first, offset: start, skipLines: passed };
      if (quiet >= quietRecords) return found;
    }
  }
  return found ?? { offset: 0, skipLines: 0 };
}
