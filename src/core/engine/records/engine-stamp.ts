// The stamp before each record of the logs API: RFC 3339 in UTC with always nine decimals and a space behind it, e.g.
// "2026-11-23T07:51:53.417678314Z ". Read by position, because it is read for each line.

/** The parts of a stamp such as `2026-01-31T08:00:00.000000000Z `, which the engine writes at full length, in bytes. */
export const stampBytes = 31;
const secondBytes = 19;
const nanosOffset = 20;

const decoder = new TextDecoder("latin1");
let lastText = "";
let lastSeconds = 0;

/** Throws an Error where `record` does not begin with a stamp. */
export function readStamp(record: Uint8Array): { seconds: number; nanos: number } {
  if (record[stampBytes - 1] !== 32 || record[stampBytes - 2] !== 90)
    throw new Error("a log record has no stamp");
  const text = decoder.decode(record.subarray(0, secondBytes));
  if (text !== lastText) {
    lastSeconds = Date.parse(`${text}Z`) / 1000;
    lastText = text;
  }
  let nanos = 0;
  for (let at = nanosOffset; at < stampBytes - 2; at++) nanos = nanos * 10 + ((record[at] as number) - 48);
  return { seconds: lastSeconds, nanos };
}

/** True if a stamp stands in `bytes` from `at` on. */
export function isStamp(bytes: Uint8Array, at: number): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z $/.test(
    decoder.decode(bytes.subarray(at, at + stampBytes)),
  );
}
