// How a log file is recognised whatever it is called: by its inode as long as it is open, else by the stamp of its first
// record, to the nanosecond. A file that is not there, or no whole one yet, has no identity.
import { createReadStream } from "node:fs";
import { createGunzip } from "node:zlib";
import { engineRecordBytesMax } from "../../base/limits.ts";
import { formatEpoch } from "../../base/stamp.ts";
import type { LogRecord, RecordFormat } from "../records/record-format.ts";

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

/** Identifies a file under any name, as long as it is open. */
export const fileId = ({ dev, ino }: { dev: number; ino: number }): string => `${dev}:${ino}`;

/**
 * Makes a handler for `catch` that returns `value` if a file is not there, or is no whole compressed one (yet), or
 * unpacks to more than the engine writes into one, and rethrows everything else.
 */
export function ifNotThere<T>(value: T): (thrown: unknown) => T {
  return (thrown) => {
    const { code } = thrown as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "EFBIG" || code?.startsWith("Z_")) return value;
    throw thrown;
  };
}
