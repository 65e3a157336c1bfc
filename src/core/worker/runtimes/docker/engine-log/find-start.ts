// Where in the files of a log a query begins.
import type { EngineLogQuery } from "./engine-log.ts";
import type { LogFileChain } from "./log-file-chain.ts";
import { LogFileReader } from "./log-file-reader.ts";

export interface Start {
  reader: LogFileReader;
  /** The place that was asked for is gone. */
  hasMissed: boolean;
  /** Lines from there on that are to be left out. */
  skipLines: number;
}

/** Undefined where there is no file yet, or none any more. */
export async function findStart(chain: LogFileChain, query: EngineLogQuery): Promise<Start | undefined> {
  const { from, skipLines = 0 } = query;
  if (from?.source === "log-file") {
    const file = await chain.find(String(from["first"]));
    const offset = Number(from["offset"]);
    if (file !== undefined && (await file.stampBefore(offset)) === from["last"]) {
      return { reader: new LogFileReader(file, chain.format, offset), hasMissed: false, skipLines };
    }
    await file?.close();
  }
  const oldest = await chain.oldest();
  const reader = oldest && new LogFileReader(oldest, chain.format);
  return reader && { reader, hasMissed: from !== undefined, skipLines: from === undefined ? skipLines : 0 };
}
