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
  /** What the engine has of it, where the engine was broken, too. */
  inEngine?: ReadonlySet<string> | undefined;
}

/** One stream: the number of its last line, and lines behind a gap whose own numbers are not known yet. */
interface Place {
  last: number;
  waiting: SeenLine[] | undefined;
}

export function checkContent(where: string, content: Content, tally: Tally): void {
  const { merged, endSeq, uncounted, printed, exact, inEngine } = content;
  const places: Record<StreamName, Place> = {
    stdout: { last: 0, waiting: undefined },
    stderr: { last: 0, waiting: undefined },
  };
  /** Of the gaps since the streams were last in step: numbers missing, lines missing, and whether the count is a guess. */
  let missing = { seqs: 0, lines: 0, isGuess: false, from: 0 };

  const settle = (stream: StreamName, first: number): void => {
    const place = places[stream];
    const skipped = first - place.last - 1;
    if (skipped < 0)
      tally.problem("repeated", -skipped, where, `${stream} goes back from ${place.last} to ${first}`);
    missing.lines += Math.max(0, skipped);
    const waiting = place.waiting ?? [];
    place.waiting = undefined;
    place.last = first - 1;
    for (const [n, line] of waiting.entries()) take(line, n === 0);
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

  const take = (line: SeenLine, behindGap = false): void => {
    const place = places[line.stream];
    const due = place.last + 1;
    place.last = due;
    if (line.text === lineOf(line.stream, due)) return;
    // The engine's log may have been cut off in the middle of a line: its end is all that is left of it.
    if (behindGap && line.text !== "" && lineOf(line.stream, due).endsWith(line.text)) return;
    // Killed in the middle of a line: its last one is short, or has the first one of the next start behind it.
    const isLast =
      !exact && !merged.slice(line.seq + 1, endSeq).some((other) => other?.stream === line.stream);
    if (isLast && lineOf(line.stream, due).startsWith(line.text)) return;
    if (due === 1 && line.text.endsWith(lineOf(line.stream, 1))) return;
    const number = numberOf(line.text);
    if (number === undefined && inEngine?.has(line.text)) {
      tally.lostByEngine++; // a part of a line: the engine's own log has no more of it
      return;
    }
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
    if (number > due && inEngine && !range(due, number).some((n) => inEngine.has(lineOf(line.stream, n)))) {
      tally.lostByEngine += number - due;
      return;
    }
    const what = `${line.seq} is ${short(line)} where ${line.stream} ${due} was due`;
    tally.problem(number > due ? "lost" : "repeated", Math.abs(number - due), where, what);
  };

  for (let seq = 1; seq < endSeq; seq++) {
    const line = merged[seq];
    if (line === undefined) {
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

  for (const stream of ["stdout", "stderr"] as const) {
    const place = places[stream];
    if (place.waiting !== undefined) {
      if (exact) settle(stream, printed[stream] - place.waiting.length + 1);
      continue;
    }
    const short = printed[stream] - place.last;
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

/** Of those whose lines tell their number. */
function range(from: number, to: number): number[] {
  const all = Array.from({ length: to - from }, (_, n) => from + n);
  return all.filter((n) => numberOf(lineOf("stdout", n)) !== undefined);
}
