// LogItem <-> its wire form. A batch's columns become lengths and runs and back, without an object per line. What
// comes from the wire is checked to add up, so that a faulty peer gives one error and never a batch that reads
// beyond its text. Items are compressed inside the message, because grpc-js servers never compress responses.

import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { newlineByte } from "../base/bytes.ts";
import { TasklogError } from "../base/errors.ts";
import { messageBytesMax } from "../base/limits.ts";
import { cutFlag, LineBatch, stderrFlag } from "../log/line-batch.ts";
import type { LogItem } from "../log/log-item.ts";
import { type LineRun, type LogBatch, LogItem as WireItem } from "./gen/tasklog/v1/log.ts";

/** Below this many bytes of text a frame costs more than it saves. */
const compressBytesMin = 512;

/** The message for `item`; with `compress`, a batch worth it travels as zstd. */
export function toWire(item: LogItem, compress = false): WireItem {
  const wire = plainWire(item);
  if (!compress || item.kind !== "batch" || item.batch.bytes < compressBytesMin) return wire;
  return { item: { $case: "zstd", value: zstdCompressSync(WireItem.encode(wire).finish()) } };
}

/** @throws TasklogError "internal" when the message does not add up. */
export function fromWire(wire: WireItem): LogItem {
  if (wire.item?.$case !== "zstd") return plainItem(wire);
  let bytes: Buffer;
  try {
    bytes = zstdDecompressSync(wire.item.value, { maxOutputLength: messageBytesMax });
  } catch (error) {
    throw new TasklogError("internal", "a compressed batch could not be read", { cause: error });
  }
  return plainItem(WireItem.decode(bytes));
}

/** Bytes that a message keeps in memory, roughly: what a queue of them is bounded by. */
export function wireBytes(wire: WireItem): number {
  switch (wire.item?.$case) {
    case "batch":
      return wire.item.value.text.length + wire.item.value.length.length * 8 + 200;
    case "zstd":
    case "partial":
      return ("text" in wire.item.value ? wire.item.value.text : wire.item.value).length + 200;
    default:
      return 200;
  }
}

function plainWire(item: LogItem): WireItem {
  switch (item.kind) {
    case "batch":
      return { item: { $case: "batch", value: toWireBatch(item.batch) } };
    case "complete":
      return { item: { $case: "complete", value: item.completion } };
    case "partial":
      return { item: { $case: "partial", value: { ...item, text: asBuffer(item.text) } } };
    case "start":
      return { item: { $case: "start", value: item } };
    case "gap":
      return { item: { $case: "gap", value: item } };
    case "status":
      return { item: { $case: "status", value: item } };
  }
}

function plainItem(wire: WireItem): LogItem {
  switch (wire.item?.$case) {
    case "batch":
      return { kind: "batch", batch: fromWireBatch(wire.item.value) };
    case "complete":
      return { kind: "complete", completion: wire.item.value };
    case "partial":
    case "start":
    case "gap":
    case "status":
      return { kind: wire.item.$case, ...wire.item.value } as LogItem;
    default:
      throw new TasklogError("internal", "a log item of an unknown kind; the other end may be newer");
  }
}

function toWireBatch(batch: LineBatch): LogBatch {
  const length = new Array<number>(batch.count);
  let start = batch.endOf(-1);
  for (let index = 0; index < batch.count; index++) {
    const end = batch.ends[index] as number;
    length[index] = end - start - 1;
    start = end;
  }
  const runs: LineRun[] = [];
  for (const [from, to] of batch.runs()) {
    runs.push({
      lines: to - from,
      seconds: batch.seconds[from] as number,
      nanos: batch.nanos[from] as number,
      stream: batch.streamAt(from),
      cut: batch.isCutAt(from),
    });
  }
  return { firstSeq: batch.firstSeq, text: asBuffer(batch.block), length, runs };
}

function fromWireBatch(wire: LogBatch): LineBatch {
  const count = wire.length.length;
  const ends = new Uint32Array(count);
  let end = 0;
  for (let index = 0; index < count; index++) {
    end += (wire.length[index] as number) + 1;
    if (wire.text[end - 1] !== newlineByte) throw broken("a line has no newline where it should end");
    ends[index] = end;
  }
  if (end !== wire.text.length) throw broken("text and lengths differ");
  const seconds = new Uint32Array(count);
  const nanos = new Uint32Array(count);
  const flags = new Uint8Array(count);
  let from = 0;
  for (const run of wire.runs) {
    const to = from + run.lines;
    if (to > count) throw broken("more stamps than lines");
    seconds.fill(run.seconds, from, to);
    nanos.fill(run.nanos, from, to);
    flags.fill((run.stream === "stderr" ? stderrFlag : 0) | (run.cut ? cutFlag : 0), from, to);
    from = to;
  }
  if (from !== count || count === 0) throw broken("fewer stamps than lines");
  return new LineBatch(wire.firstSeq, wire.text, ends, seconds, nanos, flags);
}

function broken(why: string): TasklogError {
  return new TasklogError("internal", `a batch that does not add up: ${why}`);
}

/** A view, no copy. */
function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
