// The beginning of a log file, by which it is known: the stamp of its first record, to the nanosecond.

import { createReadStream } from "node:fs";
import { createGunzip } from "node:zlib";
import { engineRecordBytesMax } from "../../base/limits.ts";
import { formatEpoch } from "../../base/stamp.ts";
import type { LogRecord } from "../records/log-record.ts";
import type { RecordFormat } from "../records/record-format.ts";
import { ifNotThere } from "./if-not-there.ts";

/** Reads no more of the file than that takes, also of a compressed one. Undefined where there is none, or no record. */
export async function firstStamp(path: string, format: RecordFormat): Promise<string | undefined> {
  return await readFirst(path, format).catch(ifNotThere(undefined));
}

async function readFirst(path: string, format: RecordFormat): Promise<string | undefined> {
  const file = createReadStream(path);
  const text = path.endsWith(".gz") ? file.pipe(createGunzip()) : file;
  // A pipe hands on no error of its source.
  file.on("error", (thrown) => text.destroy(thrown));
  let read = Buffer.alloc(0);
  try {
    for await (const piece of text) {
      read = Buffer.concat([read, piece as Buffer]);
      const record = firstRecord(Buffer.from(read), format);
      if (record !== undefined) return stampText(record);
      if (read.length > engineRecordBytesMax) return undefined;
    }
    return undefined;
  } finally {
    file.destroy();
  }
}

/** The record that `bytes` begin with, where they do. Writes in `bytes`. */
export function firstRecord(bytes: Buffer, format: RecordFormat): LogRecord | undefined {
  const records: LogRecord[] = [];
  format.decode(bytes, 0, bytes.length, records);
  return records[0];
}

/** The record's stamp as text, by which a file is known. */
export function stampText(record: LogRecord | undefined): string | undefined {
  return record && formatEpoch(record.seconds as number, record.nanos as number);
}
