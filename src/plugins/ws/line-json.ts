// Lines of a log as JSON text, in the forms the HTTP API and the sockets give them.

import { formatStamp } from "../../core/base/stamp.ts";
import type { LineBatch, StreamName } from "../../core/log/line-batch.ts";

/** A line as the API and the command's `--json` have it. */
export interface LineJson {
  readonly seq: number;
  /** RFC 3339 with nanoseconds. */
  readonly time: string;
  readonly stream: StreamName;
  readonly text: string;
  /** There where the line is not whole: it was longer than tasklog keeps, or a part of it is missing at the gap beside it. */
  readonly cut?: true;
}

/** The text of a LineJson. It is written by hand: there is one for each line of an export. */
export function lineJson(batch: LineBatch, index: number): string {
  const { seconds, nanos } = batch;
  const time = formatStamp(seconds[index] as number, nanos[index] as number);
  const cut = batch.isCutAt(index) ? ',"cut":true' : "";
  const stream = batch.streamAt(index);
  return `{"seq":${batch.firstSeq + index},"time":"${time}","stream":"${stream}","text":${JSON.stringify(batch.textAt(index))}${cut}}`;
}

/** `[time, stream 0 or 1, text, cut?]`, for many lines at once. */
export function lineTuple(batch: LineBatch, index: number): string {
  const { seconds, nanos } = batch;
  const time = formatStamp(seconds[index] as number, nanos[index] as number);
  const stream = batch.streamAt(index) === "stderr" ? 1 : 0;
  const cut = batch.isCutAt(index) ? ",true" : "";
  return `["${time}",${stream},${JSON.stringify(batch.textAt(index))}${cut}]`;
}
