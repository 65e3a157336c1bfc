// Tells a log file of another engine's making (podman writes the CRI form under Docker's names) from one of Docker's
// that is damaged: in the latter, records stand behind the damage.
import type { LogRecord } from "../records/log-record.ts";
import type { RecordFormat } from "../records/record-format.ts";
import { OpenLogFile } from "./open-log-file.ts";

/** The part of the file that is looked at, in bytes: more than a record that was broken off. */
const lookBytes = 128 * 1024;

/** Returns true if the file has whole lines at its beginning, and none of them is a record. Throws what opening it throws. */
export async function isUnknown(path: string, format: RecordFormat): Promise<boolean> {
  const file = OpenLogFile.openNow(path, format);
  if (file === undefined) return false;
  try {
    const bytes = await file.read(0, lookBytes);
    return bytes.length > 0 && !hasRecord(bytes, format);
  } finally {
    file.close();
  }
}

/** A record that is not whole yet counts, too. */
function hasRecord(bytes: Buffer, format: RecordFormat): boolean {
  const records: LogRecord[] = [];
  for (let at = 0; at < bytes.length; at = format.resync(bytes, at, bytes.length)) {
    if (format.decode(bytes, at, bytes.length, records) !== -1) return true;
  }
  return false;
}
