// The distribution of a log's lines and errors over time, kept as rows of at most a few thousand lines and seconds
// each. A log only grows, so a profile is made once and then only continued; when it has too many rows, neighbours
// become one. It is worked on piece by piece by those who wait for it, and by nobody when nobody waits.

import { TasklogError } from "../../../core/base/errors.ts";
import { densityRowsMax } from "../../../core/base/limits.ts";
import { toMs } from "../../../core/base/stamp.ts";
import { nextTurn } from "../../../core/base/wait.ts";
import { LineBatch } from "../../../core/log/line-batch.ts";
import { levelOf } from "../../../core/search/level.ts";
import { seenText } from "../../../core/search/seen-text.ts";
import { type LogRange, lastSeqOf } from "./log-range.ts";

export interface ProfileRow {
  readonly fromSeq: number;
  toSeq: number;
  lines: number;
  errors: number;
  /** The time of its first line, in ms of the Unix epoch. */
  readonly timeMs: number;
  lastMs: number;
}

/** A new row begins at the latest after this many lines and ms, times two for each merging. */
const rowLines = 256;
const rowMs = 250;
/** Lines read in one step. */
const stepLines = 16_384;
/** A line without one of these, in small letters, is no error; with one it is looked at more closely. */
const suspectPattern =
  /err|eror|ftl|fatal|fail|crit|panic|severe|severity|priority|emerg|alert|exception|level|lvl|"@l"|"s":|^<\d|^[ef]\d{4} |^[ef], \[/gm;

export class LogProfile {
  readonly epoch: string;
  readonly rows: ProfileRow[] = [];
  nextSeq: number;
  #scale = 1;
  #step: Promise<void> | undefined;

  constructor(epoch: string, firstSeq: number) {
    this.epoch = epoch;
    this.nextSeq = firstSeq;
  }

  /** Goes on to `toSeq`; several may wait at once. Abort leaves it as far as it is. */
  async continueTo(toSeq: number, range: LogRange, signal: AbortSignal): Promise<void> {
    while (this.nextSeq <= toSeq && !signal.aborted) {
      this.#step ??= this.#read(range, toSeq).finally(() => {
        this.#step = undefined;
      });
      // A step may be another's, who has left in the middle of it: then it is begun again.
      const isDone = await this.#step.then(
        () => true,
        (error: unknown) => {
          if (signal.aborted || TasklogError.from(error).code !== "aborted") throw error;
          return false;
        },
      );
      if (!isDone) this.#step = undefined;
      await nextTurn();
    }
  }

  async #read(range: LogRange, toSeq: number): Promise<void> {
    const end = Math.min(toSeq, this.nextSeq + stepLines - 1);
    for await (const stretch of range.forwards(this.nextSeq, end)) {
      if (stretch instanceof LineBatch) this.#add(stretch);
      this.nextSeq = lastSeqOf(stretch) + 1;
    }
    // Lines that are not there (removed meanwhile) are not waited for.
    this.nextSeq = Math.max(this.nextSeq, end + 1);
  }

  #add(batch: LineBatch): void {
    const errors = errorsIn(batch);
    let error = 0;
    for (const [from, to] of batch.runs()) {
      const timeMs = toMs({ seconds: batch.seconds[from] as number, nanos: batch.nanos[from] as number });
      for (let at = from; at < to; at += rowLines) {
        const until = Math.min(to, at + rowLines);
        const before = error;
        while (error < errors.length && (errors[error] as number) < until) error++;
        this.#count(batch.firstSeq + at, until - at, error - before, timeMs);
      }
    }
  }

  #count(seq: number, lines: number, errors: number, timeMs: number): void {
    const last = this.rows.at(-1);
    const isNear = last !== undefined && timeMs < last.timeMs + rowMs * this.#scale && timeMs >= last.timeMs;
    if (last !== undefined && isNear && last.lines + lines <= rowLines * this.#scale) {
      last.toSeq = seq + lines - 1;
      last.lines += lines;
      last.errors += errors;
      last.lastMs = Math.max(last.lastMs, timeMs);
      return;
    }
    this.rows.push({ fromSeq: seq, toSeq: seq + lines - 1, lines, errors, timeMs, lastMs: timeMs });
    if (this.rows.length > densityRowsMax) this.#merge();
  }

  #merge(): void {
    this.#scale *= 2;
    const merged: ProfileRow[] = [];
    for (let index = 0; index < this.rows.length; index += 2) {
      const row = this.rows[index] as ProfileRow;
      const next = this.rows[index + 1];
      if (next !== undefined) {
        row.toSeq = next.toSeq;
        row.lines += next.lines;
        row.errors += next.errors;
        row.lastMs = Math.max(row.lastMs, next.lastMs);
      }
      merged.push(row);
    }
    this.rows.splice(0, this.rows.length, ...merged);
  }
}

/** Indexes of the lines that say that they are an error, in order. */
function errorsIn(batch: LineBatch): number[] {
  const { buffer, byteOffset, byteLength } = batch.block;
  const text = Buffer.from(buffer, byteOffset, byteLength).toString("latin1").toLowerCase();
  const start = batch.startOf(0);
  const found: number[] = [];
  let line = 0;
  suspectPattern.lastIndex = 0;
  for (let hit = suspectPattern.exec(text); hit !== null; hit = suspectPattern.exec(text)) {
    while (batch.endOf(line) - start <= hit.index) line++;
    const level = levelOf(seenText(headOf(batch, line)));
    if (level === "error" || level === "fatal") found.push(line);
    suspectPattern.lastIndex = batch.endOf(line) - start;
  }
  return found;
}

/** Returns the part of a line in which a level is looked for. */
function headOf(batch: LineBatch, index: number): string {
  const bytes = batch.bytesAt(index);
  return bytes.length <= 512 ? batch.textAt(index) : new TextDecoder().decode(bytes.subarray(0, 512));
}
