// The end of a task's log, for a call. A log that cannot be read now (its worker is away) does not hold up the call.

import { formatStamp } from "../../core/base/stamp.ts";
import { timeoutSignal } from "../../core/base/wait.ts";
import type { PluginHost } from "../../core/plugin-api.ts";
import { cut } from "./cut.ts";

/** The end of a task's log is waited for this long before its call goes out without lines, in ms. */
const webhookLinesMs = 5_000;

export interface LastLine {
  readonly seq: number;
  /** RFC 3339 with nanoseconds. */
  readonly time: string;
  readonly stream: "stdout" | "stderr";
  /** The text, at most 2000 bytes; a cut text ends in "…". */
  readonly text: string;
}

/** The longest line in a call, in bytes: several have to fit below `webhookBodyBytesMax`. */
const lineBytesMax = 2000;

/** The last `count` lines; undefined: they could not be read. */
export async function readLastLines(
  host: Pick<PluginHost, "streamTaskLogsUnified" | "signal">,
  taskId: string,
  count: number,
): Promise<LastLine[] | undefined> {
  if (count === 0) return [];
  const lines: LastLine[] = [];
  const signal = AbortSignal.any([host.signal, timeoutSignal(webhookLinesMs)]);
  try {
    const { completion } = await host.streamTaskLogsUnified(
      signal,
      taskId,
      "",
      ({ lines: batch }) => {
        for (const { seq, seconds, nanos, stream, text } of batch?.lines() ?? []) {
          lines.push({ seq, time: formatStamp(seconds, nanos), stream, text: cut(text, lineBytesMax) });
        }
        lines.splice(0, lines.length - count);
      },
      { from: { tail: count }, follow: false },
    );
    return completion === undefined && signal.aborted ? undefined : lines;
  } catch {
    return undefined;
  }
}
