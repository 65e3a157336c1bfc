// How a batch of lines is put on stdout and stderr. Three ways: whole blocks as they are (a pipe; no line is ever
// looked at, so a million lines a second pass), formatted lines (a terminal, times, prefixes), and NDJSON.
import { formatStamp } from "../../core/base/stamp.ts";
import { type LineBatch, stderrFlag } from "../../core/log/line-batch.ts";
import type { Sink } from "../output/sink.ts";
import { resetColor, type Style } from "../output/style.ts";

/** Resolves when the lines were taken by who reads them. */
export type LineWriter = (batch: LineBatch) => Promise<void>;

export interface Ends {
  readonly out: Sink;
  readonly err: Sink;
}

/** Runs of consecutive lines of one stream, in order, each one write. */
export function createBlockWriter({ out, err }: Ends): LineWriter {
  return async (batch) => {
    for (const [from, to, isStderr] of streamRuns(batch)) {
      await (isStderr ? err : out).write(batch.text.subarray(batch.startOf(from), batch.endOf(to - 1)));
    }
  };
}

export interface LineFormat {
  readonly timestamps: boolean;
  /** Put before each line, styled for each end; empty for none. */
  readonly prefix: (style: Style) => string;
  readonly styles: { readonly out: Style; readonly err: Style };
}

/** Lines with what belongs before and behind them. Escape sequences of the task pass, but end with their line. */
export function createFormattedWriter(ends: Ends, format: LineFormat): LineWriter {
  const { timestamps, prefix, styles } = format;
  const prefixes = { out: prefix(styles.out), err: prefix(styles.err) };
  return async (batch) => {
    for (const [from, to, isStderr] of streamRuns(batch)) {
      const end = isStderr ? "err" : "out";
      const style = styles[end];
      let text = "";
      for (let index = from; index < to; index++) {
        text += prefixes[end];
        if (timestamps) text += `${style.dim(timeOfLine(batch, index))} `;
        text += formatLine(batch.textAt(index), style, isStderr);
        text += batch.isCutAt(index) ? ` ${style.dim("[cut: the line was longer]")}\n` : "\n";
      }
      await ends[end].write(text);
    }
  };
}

function formatLine(text: string, style: Style, isStderr: boolean): string {
  if (!style.enabled) return text;
  if (isStderr) return style.red(text);
  return text.includes("\x1b") ? text + resetColor : text;
}

/** NDJSON, all of it on stdout. `task` is the id. */
export function createJsonWriter(out: Sink, task: string): LineWriter {
  const tail = `,"task":${JSON.stringify(task)}}\n`;
  return async (batch) => {
    let text = "";
    for (let index = 0; index < batch.count; index++) {
      const time = timeOfLine(batch, index);
      text += `{"seq":${batch.firstSeq + index},"time":"${time}","stream":"${batch.streamAt(index)}"`;
      text += `,"text":${JSON.stringify(batch.textAt(index))}${batch.isCutAt(index) ? ',"cut":true' : ""}${tail}`;
    }
    await out.write(text);
  };
}

function timeOfLine({ seconds, nanos }: LineBatch, index: number): string {
  return formatStamp(seconds[index] as number, nanos[index] as number);
}

function* streamRuns(batch: LineBatch): Generator<readonly [from: number, to: number, isStderr: boolean]> {
  const { flags, count } = batch;
  let from = 0;
  while (from < count) {
    const stream = (flags[from] as number) & stderrFlag;
    let to = from + 1;
    while (to < count && ((flags[to] as number) & stderrFlag) === stream) to++;
    yield [from, to, stream !== 0];
    from = to;
  }
}
