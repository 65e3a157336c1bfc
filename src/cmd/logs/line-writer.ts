// Writes batches of lines to stdout and stderr. Three ways: whole blocks as they are (a pipe; no line is ever looked
// at, so a million lines a second pass), formatted lines (a terminal, times, prefixes), and NDJSON.
import { formatStamp } from "../../core/base/stamp.ts";
import { type LineBatch, stderrFlag } from "../../core/log/line-batch.ts";
import { prefixedText, terminalText } from "../../core/search/terminal-text.ts";
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
  /** Everything that the task printed reaches a terminal, and not its text and colours alone. */
  readonly raw: boolean;
}

/** Lines with what belongs before and behind them. Escape sequences of the task end with their line. */
export function createFormattedWriter(ends: Ends, format: LineFormat): LineWriter {
  const { timestamps, prefix, styles, raw } = format;
  const prefixes = { out: prefix(styles.out), err: prefix(styles.err) };
  const isPrefixed = timestamps || prefixes.out !== "";
  const shownOf = (end: Sink): ((text: string) => string) => {
    if (raw) return (text) => text;
    if (end.isTTY) return terminalText;
    return isPrefixed ? prefixedText : (text) => text;
  };
  const shown = { out: shownOf(ends.out), err: shownOf(ends.err) };
  return async (batch) => {
    for (const [from, to, isStderr] of streamRuns(batch)) {
      const end = isStderr ? "err" : "out";
      const style = styles[end];
      let text = "";
      for (let index = from; index < to; index++) {
        text += prefixes[end];
        if (timestamps) text += `${style.dim(timeOfLine(batch, index))} `;
        text += formatLine(shown[end](batch.textAt(index)), style, isStderr);
        text += batch.isCutAt(index) ? ` ${style.dim("[cut: not the whole line]")}\n` : "\n";
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

/** NDJSON, all of it on stdout, with nothing in it that could steer a terminal. `task` is the id. */
export function createJsonWriter(out: Sink, task: string): LineWriter {
  const tail = `,"task":${JSON.stringify(task)}}\n`;
  return async (batch) => {
    let text = "";
    for (let index = 0; index < batch.count; index++) {
      const time = timeOfLine(batch, index);
      text += `{"seq":${batch.firstSeq + index},"time":"${time}","stream":"${batch.streamAt(index)}"`;
      text += `,"text":${jsonText(batch.textAt(index))}${batch.isCutAt(index) ? ',"cut":true' : ""}${tail}`;
    }
    await out.write(text);
  };
}

/** JSON leaves the controls beyond ASCII as they are; some terminals obey them. */
function jsonText(text: string): string {
  return JSON.stringify(text).replace(/[\x7f-\x9f]/g, (found) => `\\u00${found.charCodeAt(0).toString(16)}`);
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
