// The judge on trial: what is taken from a whole log, given twice, turned round or changed must be found, and a gap
// must be true.
import { describe, expect, test } from "bun:test";
import type { StreamName } from "../../src/core/log/line-batch.ts";
import { checkContent } from "./check-content.ts";
import { checkViewer, type Merged } from "./check-viewer.ts";
import { lineOf } from "./printer.ts";
import { Tally } from "./tally.ts";
import type { Seen, SeenLine } from "./viewer.ts";

const count = 4000;
const printed = { stdout: 0, stderr: 0 };
const whole: SeenLine[] = Array.from({ length: count }, (_, n) => {
  const stream: StreamName = n % 4 === 3 ? "stderr" : "stdout";
  return { seq: n + 1, stream, text: lineOf(stream, ++printed[stream]) };
});

/** As a worker would number them. */
const numbered = (lines: SeenLine[]): SeenLine[] => lines.map((line, n) => ({ ...line, seq: n + 1 }));

function judge(items: Seen[], uncounted = new Set<number>()): Tally {
  const tally = new Tally();
  const merged: Merged = [];
  const endSeq = checkViewer("viewer", items, merged, tally) ?? 1;
  checkContent("task", { merged, endSeq, uncounted, printed, exact: true }, tally);
  return tally;
}

const counts = ({ lost, repeated, disordered, changed, untrue }: Tally) => ({
  lost,
  repeated,
  disordered,
  changed,
  untrue,
});
const clean = { lost: 0, repeated: 0, disordered: 0, changed: 0, untrue: 0 };

describe("what a viewer saw", () => {
  test("the whole log is in order", () => {
    expect(counts(judge(whole))).toEqual(clean);
  });

  test("a number that does not come is lost", () => {
    expect(judge(whole.filter(({ seq }) => seq !== 1234)).lost).toBeGreaterThan(0);
  });

  test("a number that comes twice is repeated", () => {
    expect(judge([...whole.slice(0, 100), ...whole.slice(90)]).repeated).toBe(10);
  });

  test("numbers that change places are out of order", () => {
    const swapped = [...whole];
    [swapped[10], swapped[11]] = [whole[11] as SeenLine, whole[10] as SeenLine];
    expect(judge(swapped).disordered).toBe(1);
  });
});

describe("what the container printed", () => {
  test.each([1, 2, 5, 6, 299, 398, 1500, 3999])("line %d taken out before numbering is found", (seq) => {
    const { lost, changed } = judge(numbered(whole.filter((line) => line.seq !== seq)));
    expect(lost + changed).toBeGreaterThan(0);
  });

  test.each([1, 5, 1500, 3999])("line %d numbered twice is found", (seq) => {
    const { repeated, changed } = judge(numbered([...whole.slice(0, seq), ...whole.slice(seq - 1)]));
    expect(repeated + changed).toBeGreaterThan(0);
  });

  test("a line cut in half is found", () => {
    expect(
      judge(whole.map((line) => (line.seq === 700 ? { ...line, text: line.text.slice(0, 3) } : line)))
        .changed,
    ).toBe(1);
  });

  test("the streams may stand in another order to each other", () => {
    const apart = [...whole].sort((a, b) => Number(a.stream === "stderr") - Number(b.stream === "stderr"));
    expect(counts(judge(numbered(apart)))).toEqual(clean);
  });
});

describe("a gap", () => {
  const gapped = (fromSeq: number, toSeq: number, told = toSeq): Seen[] => [
    ...whole.slice(0, fromSeq - 1),
    { gap: { fromSeq, toSeq: told, reason: "test" } },
    ...whole.slice(toSeq).map((line) => ({ ...line, seq: line.seq + told - toSeq })),
  ];

  test.each([
    [1, 17],
    [500, 500],
    [1200, 2500],
    [3990, 4000],
  ])("from %d to %d that is true", (from, to) => {
    expect(counts(judge(gapped(from, to)))).toEqual(clean);
  });

  test("that tells too few or too many is untrue", () => {
    expect(judge(gapped(1000, 1100, 1090)).untrue).toBe(1);
    expect(judge(gapped(1000, 1100, 1110)).untrue).toBe(1);
  });

  test("that nobody could count takes one number", () => {
    expect(counts(judge(gapped(1000, 1100, 1000), new Set([1000])))).toEqual(clean);
  });
});

describe("a last line that is missing", () => {
  test.each([
    [
      "is the engine's loss if the engine lacks its torn end, and was ended while the container ran",
      true,
      true,
      1,
    ],
    ["is lost if no engine was ended then", false, true, 0],
    ["is lost if the engine has it, or it is not torn", true, false, 0],
  ] as const)("%s", (_, mayEngineLose, lacksTornEnd, lostByEngine) => {
    const last = whole.findLastIndex(({ stream }) => stream === "stdout");
    const lines = numbered(whole.filter((_, at) => at !== last));
    const content = { merged: [undefined, ...lines], endSeq: lines.length + 1, uncounted: new Set<number>() };
    const inEngine = new Set(lines.map(({ text }) => text));
    const tally = new Tally();
    checkContent("task", { ...content, printed, exact: true, inEngine, mayEngineLose, lacksTornEnd }, tally);
    expect([tally.lost, tally.lostByEngine]).toEqual([1 - lostByEngine, lostByEngine]);
  });
});
