// Whether the lines of a log are what the container printed: for each stream the first line first, each once, and where
// numbers are missing, as many lines of the container are missing as the gap says.
import type { StreamName } from "../../src/core/log/line-batch.ts";
import { type Merged, short } from "./check-viewer.ts";
import { type Counts, lineOf, numberOf } from "./printer.ts";
import type { Tally } from "./tally.ts";
import type { SeenLine } from "./viewer.ts";

export interface Content {
  merged: Merged;
  /** The seq behind the last one. */
  endSeq: number;
  /** Seqs that stand for lines nobody could count. */
  uncounted: ReadonlySet<number>;
  /** What the container has printed; `exact` false: at least that, and the rest is a matter of the container's death. */
  printed: Counts;
  exact: boolean;
  /** What the engine has of it, where its container was kept. */
  inEngine?: ReadonlySet<string> | undefined;
  /** The engine was ended while the container ran: what its own log lacks it has dropped, and nobody behind it can know. */
  mayEngineLose?: boolean;
  /** The last line of stdout has no newline, and what the engine has ends before it. */
  lacksTornEnd?: boolean;
}

/** So many lines behind the last one that is known a piece of one may be of. */
const pieceSearchMax = 200_000;

/** One stream: the number of its last line, and lines behind a gap whose own numbers are not known yet. */
interface Place {
  last: number;
  waiting: SeenLine[] | undefined;
}

export function checkContent(where: string, content: Content, tally: Tally): void {
  const {
    merged,
    endSeq,
    uncounted,
    printed,
    exact,
    inEngine,
    mayEngineLose = false,
    lacksTornEnd = false,
  } = content;
  const places: Record<StreamName, Place> = {
    stdout: { last: 0, waiting: undefined },
    stderr: { last: 0, waiting: undefined },
  };
  /** Of the gaps since the streams were last in step: numbers missing, lines missing, and whether the count is a guess. */
  let missing = { seqs: 0, lines: 0, isGuess: false, from: 0 };

  const cutTexts = merged.flatMap((line) => (line?.cut ? [line.text] : []));

  const settle = (stream: StreamName, first: number): void => {
    const place = places[stream];
    const skipped = first - place.last - 1;
    if (skipped < 0)
      tally.problem("repeated", -skipped, where, `${stream} goes back from ${place.last} to ${first}`);
    missing.lines += Math.max(0, skipped);
    const kept = inEngine && range(place.last + 1, first).filter((n) => inEngine.has(lineOf(stream, n)));
    const whole = kept?.filter((n) => !cutTexts.some((text) => isPieceOf(text, lineOf(stream, n)))) ?? [];
    if (whole.length > 0) {
      const what = `the gap at ${missing.from} is over ${stream} ${whole[0]}, which the engine's log still has`;
      tally.problem("untrue", 1, where, what);
    }
    const waiting = place.waiting ?? [];
    place.waiting = undefined;
    place.last = first - 1;
    for (const line of waiting) take(line);
    if (places.stdout.waiting !== undefined || places.stderr.waiting !== undefined) return;
    if (!missing.isGuess && missing.lines !== missing.seqs) {
      tally.problem(
        "untrue",
        1,
        where,
        `the gap at ${missing.from} tells ${missing.seqs} lines, ${missing.lines} are missing`,
      );
    }
    missing = { seqs: 0, lines: 0, isGuess: false, from: 0 };
  };

  const take = (line: SeenLine): void => {
    const place = places[line.stream];
    const due = place.last + 1;
    place.last = due;
    if (line.text === lineOf(line.stream, due)) return;
    // Killed in the middle of a line: its last one is short.
    const isLast =
      !exact && !merged.slice(line.seq + 1, endSeq).some((other) => other?.stream === line.stream);
    if (isLast && lineOf(line.stream, due).startsWith(line.text)) return;
    const number = numberOf(line.text);
    if (number === undefined || line.text !== lineOf(line.stream, number)) {
      tally.problem(
        "changed",
        1,
        where,
        `${line.seq} is ${short(line)}, which was not printed there (${line.stream} ${due} was due)`,
      );
      return;
    }
    place.last = number;
    if (
      number > due &&
      mayEngineLose &&
      inEngine &&
      !range(due, number).some((n) => inEngine.has(lineOf(line.stream, n)))
    ) {
      tally.lostByEngine += number - due;
      return;
    }
    const what = `${line.seq} is ${short(line)} where ${line.stream} ${due} was due`;
    tally.problem(number > due ? "lost" : "repeated", Math.abs(number - due), where, what);
  };

  for (let seq = 1; seq < endSeq; seq++) {
    const line = merged[seq];
    if (line?.cut) checkPiece(line, seq);
    if (line === undefined || line.cut) {
      missing.isGuess ||= line !== undefined;
      if (missing.seqs === 0) missing.from = seq;
      missing.seqs++;
      missing.isGuess ||= uncounted.has(seq);
      places.stdout.waiting ??= [];
      places.stderr.waiting ??= [];
      continue;
    }
    const place = places[line.stream];
    if (place.waiting === undefined) {
      take(line);
      continue;
    }
    place.waiting.push(line);
    const number = numberOf(line.text);
    if (number !== undefined) settle(line.stream, number - place.waiting.length + 1);
  }

  function checkPiece(line: SeenLine, at: number): void {
    // Behind a gap it is the first of its stream, before one the last.
    const isBeside = (step: 1 | -1): boolean => {
      let seq = at + step;
      while (merged[seq] && (merged[seq]?.cut || merged[seq]?.stream !== line.stream)) seq += step;
      return seq > 0 && seq < endSeq && merged[seq] === undefined;
    };
    if (!isBeside(-1) && !isBeside(1))
      tally.problem("changed", 1, where, `${line.seq} is cut, with no gap beside it: ${short(line)}`);
    const from = places[line.stream].last + 1;
    for (let n = from; n < from + pieceSearchMax; n++)
      if (isPieceOf(line.text, lineOf(line.stream, n))) return;
    tally.problem("changed", 1, where, `${line.seq} is no piece of a line: ${short(line)}`);
  }

  for (const stream of ["stdout", "stderr"] as const) {
    const place = places[stream];
    if (place.waiting !== undefined) {
      if (exact) settle(stream, printed[stream] - place.waiting.length + 1);
      continue;
    }
    let short = printed[stream] - place.last;
    // An engine that took over a running container may end without logging a last line that has no newline.
    if (short === 1 && stream === "stdout" && lacksTornEnd && mayEngineLose) {
      tally.lostByEngine++;
      short = 0;
    }
    if (short > 0)
      tally.problem(
        "lost",
        short,
        where,
        `${stream} ends with ${place.last}, ${printed[stream]} were printed`,
      );
    else if (short < 0 && exact)
      tally.problem(
        "repeated",
        -short,
        where,
        `${stream} has ${place.last}, ${printed[stream]} were printed`,
      );
  }
}

/** It may lack its beginning and its end; bytes that were cut in two by the engine are left out. */
function isPieceOf(text: string, line: string): boolean {
  const piece = text.replace(/^\ufffd+|\ufffd+$/g, "");
  return line.includes(piece);
}

/** Of those whose lines tell their number. */
function range(from: number, to: number): number[] {
  const all = Array.from({ length: to - from }, (_, n) => from + n);
  return all.filter((n) => numberOf(lineOf("stdout", n)) !== undefined);
}
