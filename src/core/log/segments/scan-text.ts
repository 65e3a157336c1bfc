// Goes through the text of a segment once, from a place on, in small steps: to work out an index that is missing, to find
// the end of the last whole line after a crash, to seal, and to verify. Never holds more than one line and a megabyte.
import type { FileHandle } from "node:fs/promises";
import type { LineBatch } from "../line-batch.ts";
import { decodeLines } from "./cri-format.ts";
import type { IndexTable } from "./index-table.ts";
import type { Tally } from "./tally.ts";

/** The sizes of one read and of one step of decoding, in bytes: large reads cost few calls, small steps hold nobody up. */
const scanBlockBytes = 1024 * 1024;
const scanStepBytes = 32 * 1024;

export interface ScanStep {
  /** Offset behind the step in the file. */
  readonly end: number;
  /** undefined: one damaged record. */
  readonly batch: LineBatch | undefined;
}

/** The records in [from, to) of a file; what follows the last newline is not one. `seq` is the number of the first. */
export async function* scanText(
  handle: FileHandle,
  from: number,
  to: number,
  seq: number,
): AsyncGenerator<ScanStep> {
  let block = Buffer.allocUnsafeSlow(scanBlockBytes);
  while (from < to) {
    const length = await readFully(handle, block, Math.min(block.length, to - from), from);
    let at = 0;
    for (;;) {
      const decoded = decodeLines(block, at, length, seq, scanStepBytes);
      if (decoded.batch) {
        at = decoded.end;
        seq += decoded.batch.count;
        yield { end: from + at, batch: decoded.batch };
      } else if (decoded.damagedEnd > 0) {
        at = decoded.damagedEnd;
        seq++;
        yield { end: from + at, batch: undefined };
      } else break;
    }
    from += at;
    if (length === 0) return;
    if (at > 0) continue;
    if (length < block.length || length === to - from) return; // no newline up to the end: torn
    block = Buffer.allocUnsafeSlow(block.length * 2);
  }
}

/** Reads until `length` bytes are there or the file ends; returns how many. */
export async function readFully(
  handle: FileHandle,
  target: Buffer,
  length: number,
  position: number,
): Promise<number> {
  let done = 0;
  while (done < length) {
    const { bytesRead } = await handle.read(target, done, length - done, position + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return done;
}

/**
 * Completes the marks of a text of `fileBytes` bytes and returns where its last sound record ends. `base` is what the log
 * amounts to before the segment. A damaged record between sound ones keeps its number; behind the last sound one there
 * is nothing but the traces of a crash.
 */
export async function completeIndex(
  handle: FileHandle,
  table: IndexTable,
  fileBytes: number,
  base: Tally,
  everyBytes: number,
): Promise<{ end: Tally; bytes: number }> {
  const start = base.copy();
  start.startSegment();
  if (table.count === 0) table.add(0, start);
  const tally = table.tallyAt(table.count - 1);
  let marked = table.offsetAt(table.count - 1);
  let sound = { end: tally, bytes: marked };
  let hasDamage = false;
  for await (const step of scanText(handle, marked, fileBytes, tally.nextSeq)) {
    if (step.batch) {
      tally.add(step.batch);
      sound = { end: tally, bytes: step.end };
      hasDamage = false;
      if (step.end - marked < everyBytes) continue;
      marked = step.end;
      table.add(marked, tally);
    } else {
      if (!hasDamage) sound = { end: tally.copy(), bytes: sound.bytes };
      hasDamage = true;
      tally.addDamaged();
    }
  }
  const end = sound.end.copy();
  if (sound.bytes > marked) table.add(sound.bytes, end);
  return { end, bytes: sound.bytes };
}
