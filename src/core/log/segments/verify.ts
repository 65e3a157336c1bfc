// Checks the log in a folder against itself, for `tasklog store verify`: every record, every mark of every index with its
// counts and checksums, every frame, and that the numbers go on from segment to segment. Changes nothing; may be run beside
// a worker, whose last segment is then looked at as far as it happens to be written.
import { type FileHandle, open } from "node:fs/promises";
import { basename } from "node:path";
import type { TasklogError } from "../../base/errors.ts";
import { IndexTable } from "./index-table.ts";
import { tallyBefore } from "./load-segments.ts";
import { LogState } from "./log-state.ts";
import { scanText } from "./scan-text.ts";
import { addFrame, readFrame } from "./sealed-segment.ts";
import {
  indexPath,
  listMisplaced,
  listSegmentFiles,
  readIfFile,
  type SegmentFile,
  segmentPath,
} from "./segment-files.ts";
import { Tally } from "./tally.ts";

export interface VerifyReport {
  readonly dir: string;
  readonly epoch: string;
  segments: number;
  sealed: number;
  /** Bytes of the segments on disk. */
  diskBytes: number;
  firstSeq: number;
  nextSeq: number;
  /** Lines that are there. */
  lines: number;
  /** Numbers whose lines are known to be missing, those removed by retention not included. */
  missing: number;
  /** The checksum of all lines since the log began; empty if it is not known. */
  checksum: string;
  /** The problems found; empty if there are none. */
  readonly problems: { readonly file: string; readonly message: string }[];
  /** Facts that are not wrong but worth knowing: a torn last line, an index that will be rebuilt. */
  readonly notes: { readonly file: string; readonly message: string }[];
}

/** The most problems in one report: a log that is damaged throughout would fill the memory. */
const problemsMax = 100;

export async function verifyLog(dir: string): Promise<VerifyReport> {
  const state = await LogState.load(dir);
  const base = state.removed ?? new Tally();
  const report: VerifyReport = {
    dir,
    epoch: state.isSaved ? state.epoch : "",
    segments: 0,
    sealed: 0,
    diskBytes: 0,
    firstSeq: base.nextSeq,
    nextSeq: base.nextSeq,
    lines: 0,
    missing: 0,
    checksum: "",
    problems: [],
    notes: [],
  };
  const files = await listSegmentFiles(dir);
  if (!state.isSaved && files.length > 0 && state.damage === "")
    report.problems.push({ file: "log.json", message: "is not there" });
  if (state.damage !== "") report.problems.push({ file: "log.json", message: state.damage });
  for (const file of await listMisplaced(dir))
    report.problems.push({ file, message: "is no file; it is left out" });
  let tally = base;
  for (const file of files) {
    if (file.firstSeq < base.nextSeq || files.some((other) => other !== file && isRemnant(file, other))) {
      report.notes.push({ file: nameOf(dir, file), message: "is a remnant and goes when the log is opened" });
      continue;
    }
    checkHole(report, state, tally.nextSeq, file.firstSeq - 1, nameOf(dir, file));
    tally = tallyBefore(file.firstSeq, tally, state);
    const check = new SegmentCheck(dir, file, tally, report, file === files.at(-1));
    await check.run().catch((error: NodeJS.ErrnoException | TasklogError) => check.problem(error.message));
    report.segments++;
    if (file.sealed) report.sealed++;
  }
  const last = state.gaps.at(-1);
  if (last && last.toSeq >= tally.nextSeq) {
    checkHole(report, state, tally.nextSeq, last.toSeq, "log.json");
    tally = Tally.fromColumns(last.after);
  }
  report.nextSeq = tally.nextSeq;
  if (report.problems.length === 0) report.checksum = tally.checksum.toString();
  return report;
}

/** True if `file` is the sealed one of a text that is still there. */
function isRemnant(file: SegmentFile, other: SegmentFile): boolean {
  return file.sealed && !other.sealed && file.firstSeq === other.firstSeq;
}

function nameOf(dir: string, file: SegmentFile): string {
  return basename(segmentPath(dir, file));
}

/** The numbers in [from, to] have no lines: they must be in gaps that the log knows of. */
function checkHole(report: VerifyReport, state: LogState, from: number, to: number, file: string): void {
  if (to < from - 1) report.problems.push({ file, message: `begins before line ${from}, which is next` });
  if (to < from) return;
  report.missing += to - from + 1;
  for (let seq = from; seq <= to; ) {
    const gap = state.gapAt(seq);
    if (!gap) {
      report.problems.push({
        file,
        message: `lines ${seq} to ${to} are missing before it, for no known reason`,
      });
      return;
    }
    seq = gap.toSeq + 1;
  }
}

class SegmentCheck {
  readonly #dir: string;
  readonly #file: SegmentFile;
  readonly #tally: Tally;
  readonly #report: VerifyReport;
  readonly #isLast: boolean;

  /** `tally`: what the log amounts to before the segment; has the segment added when the check is done. */
  constructor(dir: string, file: SegmentFile, tally: Tally, report: VerifyReport, isLast: boolean) {
    this.#dir = dir;
    this.#file = file;
    this.#tally = tally;
    this.#report = report;
    this.#isLast = isLast;
  }

  problem(message: string): void {
    const { problems } = this.#report;
    if (problems.length < problemsMax) problems.push({ file: nameOf(this.#dir, this.#file), message });
  }

  #note(message: string): void {
    this.#report.notes.push({ file: nameOf(this.#dir, this.#file), message });
  }

  async run(): Promise<void> {
    const encoded = (await readIfFile(indexPath(this.#dir, this.#file))) ?? Buffer.alloc(0);
    const handle = await open(segmentPath(this.#dir, this.#file), "r");
    try {
      const { size } = await handle.stat();
      this.#report.diskBytes += size;
      const table = IndexTable.decode(encoded, this.#file.firstSeq, size);
      this.#tally.startSegment();
      if (table.count === 0) {
        this.#note("has no sound index; it is worked out again when the log is opened");
        table.add(0, this.#tally);
      }
      if (this.#file.sealed) await this.#checkFrames(handle, table, size);
      else await this.#checkText(handle, table, size);
    } finally {
      await handle.close();
    }
  }

  #checkMark(table: IndexTable, mark: number): void {
    const expected = table.tallyAt(mark);
    const isSame =
      expected.toColumns().join() === this.#tally.toColumns().join() &&
      expected.maxSeconds === this.#tally.maxSeconds &&
      expected.maxNanos === this.#tally.maxNanos;
    if (!isSame) this.problem(`is not what its index says before line ${expected.nextSeq}`);
  }

  async #checkText(handle: FileHandle, table: IndexTable, size: number): Promise<void> {
    let at = 0;
    for (let mark = 0; mark <= table.count; mark++) {
      const to = mark < table.count ? table.offsetAt(mark) : size;
      for await (const step of scanText(handle, at, to, this.#tally.nextSeq)) {
        at = step.end;
        if (step.batch) {
          this.#tally.add(step.batch);
          this.#report.lines += step.batch.count;
        } else {
          this.problem(`line ${this.#tally.nextSeq}, which ends at byte ${at}, is damaged`);
          this.#tally.addDamaged();
        }
      }
      if (mark < table.count) this.#checkMark(table, mark);
    }
    if (at === size) return;
    const message = `ends with ${size - at} bytes that are no whole line`;
    if (this.#isLast) this.#note(message);
    else this.problem(message);
  }

  async #checkFrames(handle: FileHandle, table: IndexTable, size: number): Promise<void> {
    this.#checkMark(table, 0);
    for (let mark = 0; mark + 1 < table.count; mark++) {
      const before = this.#tally.nextSeq;
      const [from, to] = [table.offsetAt(mark), table.offsetAt(mark + 1)];
      try {
        addFrame(this.#tally, await readFrame(handle, from, to));
        this.#report.lines += this.#tally.nextSeq - before;
        this.#checkMark(table, mark + 1);
      } catch (error) {
        this.problem(
          `the frame at byte ${from} (from line ${before} on) is damaged: ${(error as Error).message}`,
        );
        Object.assign(this.#tally, table.tallyAt(mark + 1));
      }
    }
    const end = table.offsetAt(table.count - 1);
    if (end < size) this.#note("has an index that ends early; it is worked out again when the log is opened");
  }
}
