// Lines of a log as JSON text, in the forms the HTTP API and the sockets give them.
import type { LineBatch } from "../../core/log/line-batch.ts";
import { toTime } from "./line-time.ts";

/** `{ seq, time, stream, text, cut? }`, as the command's `--json` has it. */
export function lineJson(batch: LineBatch, index: number): string {
  const { seconds, nanos } = batch;
  const time = toTime(seconds[index] as number, nanos[index] as number);
  const cut = batch.isCutAt(index) ? ',"cut":true' : "";
  const stream = batch.streamAt(index);
  return `{"seq":${batch.firstSeq + index},"time":"${time}","stream":"${stream}","text":${JSON.stringify(batch.textAt(index))}${cut}}`;
}

/** `[time, stream 0 or 1, text, cut?]`, for many lines at once. */
export function lineTuple(batch: LineBatch, index: number): string {
  const { seconds, nanos } = batch;
  const time = toTime(seconds[index] as number, nanos[index] as number);
  const stream = batch.streamAt(index) === "stderr" ? 1 : 0;
  const cut = batch.isCutAt(index) ? ",true" : "";
  return `["${time}",${stream},${JSON.stringify(batch.textAt(index))}${cut}]`;
}
