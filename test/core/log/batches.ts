import {
  cutFlag,
  type Line,
  type LineBatch,
  LineBatchBuilder,
  stderrFlag,
} from "../../../src/core/log/line-batch.ts";
import type { LogItem } from "../../../src/core/log/log-item.ts";

const encoder = new TextEncoder();

/** A batch of these lines on stdout, numbered from 1. */
export function batchOf(...texts: string[]): LineBatch {
  const builder = new LineBatchBuilder();
  for (const text of texts) add(builder, { text });
  return builder.build(1);
}

export function add(builder: LineBatchBuilder, line: Partial<Line>): void {
  const bytes = encoder.encode(line.text ?? "");
  const flags = (line.stream === "stderr" ? stderrFlag : 0) | (line.cut ? cutFlag : 0);
  builder.add(bytes, 0, bytes.length, { seconds: line.seconds ?? 1, nanos: line.nanos ?? 2 }, flags);
}

/** `count` lines "line N", where N is the seq they get when they are published after `firstSeq - 1` others. */
export function numberedLines(firstSeq: number, count: number): LineBatch {
  const builder = new LineBatchBuilder();
  for (let seq = firstSeq; seq < firstSeq + count; seq++) add(builder, { text: `line ${seq}` });
  return builder.build(firstSeq);
}

/** What a reader of these items saw: "line N" as N, others by their kind. */
export function seen(items: LogItem[]): (number | string)[] {
  return items.flatMap((item): (number | string)[] => {
    if (item.kind === "gap") return [`gap ${item.fromSeq}-${item.toSeq}`];
    if (item.kind !== "batch") return [item.kind];
    return [...item.batch.lines()].map((line) => {
      if (line.text !== `line ${line.seq}`) throw new Error(`seq ${line.seq} has the text ${line.text}`);
      return line.seq;
    });
  });
}
