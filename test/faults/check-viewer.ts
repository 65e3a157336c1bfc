// Whether one viewer saw each number once and in order, and whether all viewers saw the same line under a number.

import type { Tally } from "./tally.ts";
import type { Seen, SeenGap, SeenLine } from "./viewer.ts";

/** The log put together from everything that anybody saw: index = seq. */
export type Merged = (SeenLine | undefined)[];

/** Puts the viewer's lines into `merged`. Gives the seq behind the last one it saw; undefined if it saw nothing. */
export function checkViewer(
  where: string,
  items: readonly Seen[],
  merged: Merged,
  tally: Tally,
): number | undefined {
  let next: number | undefined;
  const seen = new Set<number>();
  tally.viewers++;
  for (const item of items) {
    const { fromSeq, toSeq } = "gap" in item ? item.gap : { fromSeq: item.seq, toSeq: item.seq };
    next ??= fromSeq;
    if (toSeq < next && "gap" in item) tally.problem("repeated", 1, where, `the gap ${fromSeq} to ${toSeq}`);
    else if (fromSeq < next && !("gap" in item)) {
      tally.problem(
        seen.has(fromSeq) ? "repeated" : "disordered",
        1,
        where,
        `${fromSeq} came where ${next} was due`,
      );
    } else if (fromSeq > next) {
      tally.problem("lost", fromSeq - next, where, `${next} to ${fromSeq - 1}, and nothing was told`);
    }
    next = Math.max(next, toSeq + 1);
    if ("gap" in item) {
      tally.gaps++;
      tally.gapLines += toSeq - fromSeq + 1;
    } else {
      tally.lines++;
      seen.add(item.seq);
      merge(where, item, merged, tally);
    }
  }
  return next;
}

function merge(where: string, line: SeenLine, merged: Merged, tally: Tally): void {
  const known = merged[line.seq];
  if (known === undefined) merged[line.seq] = line;
  else if (known.text !== line.text || known.stream !== line.stream) {
    tally.problem("changed", 1, where, `${line.seq} is ${short(line)}, for others it is ${short(known)}`);
  }
}

/** A gap must be one for everybody: no viewer is told of lines missing that the log has. */
export function checkGaps(where: string, items: readonly Seen[], whole: Merged, tally: Tally): void {
  for (const { gap } of items.filter((item): item is SeenGap => "gap" in item)) {
    for (let seq = gap.fromSeq; seq <= gap.toSeq; seq++) {
      const line = whole[seq];
      if (line === undefined) continue;
      tally.problem("untrue", 1, where, `a gap ${JSON.stringify(gap)}, but ${seq} is there: ${short(line)}`);
      break;
    }
  }
}

export function short({ stream, text }: SeenLine): string {
  return `${stream} ${JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text)}`;
}
