// A log from its end to its beginning, over all its files, in pieces: whoever wants its last lines reads no more than that.
import { engineLogReadBytes, engineRecordBytesMax } from "../../base/limits.ts";
import type { LogRecord } from "../records/record-format.ts";
import { firstRecord } from "./file-identity.ts";
import type { LogFileChain } from "./log-file-chain.ts";
import type { OpenLogFile } from "./open-log-file.ts";

export interface RecordAt {
  /** Undefined: damaged. */
  record: LogRecord | undefined;
  /** Offsets in the file. */
  start: number;
  end: number;
}

/** Newest first. `first` is the stamp that the file begins with. */
export async function* readBackwards(
  chain: LogFileChain,
): AsyncGenerator<{ first: string; records: RecordAt[] }> {
  let newer: string | undefined;
  for (const path of await chain.paths()) {
    const file = await chain.open(path);
    if (file === undefined) continue;
    try {
      const first = (await file.first()) ?? "";
      // Renamed meanwhile, it is there again under the name of the one before it.
      if (first === newer) continue;
      newer = first;
      let end = file.look().size;
      while (end > 0) {
        const records = await pieceBefore(file, end, chain);
        end = records.at(-1)?.start ?? 0;
        yield { first, records };
      }
    } finally {
      file.close();
    }
  }
}

/** The records of a piece that ends at `end`, newest first. */
async function pieceBefore(file: OpenLogFile, end: number, { format }: LogFileChain): Promise<RecordAt[]> {
  for (let bytes = engineLogReadBytes; ; bytes = engineRecordBytesMax) {
    const from = Math.max(0, end - bytes);
    const piece = await file.read(from, end - from);
    const records: RecordAt[] = [];
    for (let at = piece.length; at > 0; ) {
      const found = format.startOf(piece, at);
      if (found < 0 && from > 0) break;
      const start = Math.max(0, found);
      const record = firstRecord(piece.subarray(start, at), format);
      records.push({ record, start: from + start, end: from + at });
      at = start;
    }
    if (records.length > 0) return records;
    // Nothing here looks like a record: it is damaged, and passed over as a whole.
    if (bytes === engineRecordBytesMax) return [{ record: undefined, start: from, end }];
  }
}
