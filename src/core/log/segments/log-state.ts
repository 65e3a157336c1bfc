// `log.json`: the little of a log that its segments cannot say. Its epoch, what retention removed, and which numbers were
// given to lines that could not be written. Always replaced as a whole (a new file, renamed over the old one).

import { mkdir, open, rename } from "node:fs/promises";
import { join } from "node:path";
import { TasklogError } from "../../base/errors.ts";
import { Turns } from "../../base/turns.ts";
import { readIfFile } from "./segment-files.ts";
import { Tally, type TallyColumns } from "./tally.ts";

const stateVersion = 1;
const stateFile = "log.json";

/** Numbers without lines: what is missing, why, and what the log amounts to behind it. */
export interface GapRecord {
  fromSeq: number;
  toSeq: number;
  /** The number of missing lines, where it is known. */
  count?: number | undefined;
  reason: string;
  after: TallyColumns;
}

interface StateFile {
  version: number;
  epoch: string;
  /** The tally of the log behind the last line that retention removed. */
  removed?: TallyColumns | undefined;
  gaps: GapRecord[];
}

export class LogState {
  readonly #dir: string;
  readonly #file: StateFile;
  /** True if the file on disk is up to date. */
  isSaved: boolean;
  /**
   * The part of the file on disk that was not understood and was left out, in one sentence; empty if there is none.
   */
  readonly damage: string;
  readonly #saving = new Turns();

  constructor(dir: string, file: StateFile, isSaved: boolean, damage = "") {
    this.damage = damage;
    this.#dir = dir;
    this.#file = file;
    this.isSaved = isSaved;
  }

  get epoch(): string {
    return this.#file.epoch;
  }

  get gaps(): readonly GapRecord[] {
    return this.#file.gaps;
  }

  /** undefined: nothing was removed. */
  get removed(): Tally | undefined {
    return this.#file.removed && Tally.fromColumns(this.#file.removed);
  }

  /** The gap that the line `seq` is in. */
  gapAt(seq: number): GapRecord | undefined {
    return this.#file.gaps.find((gap) => gap.fromSeq <= seq && seq <= gap.toSeq);
  }

  /** The first gap that begins behind `seq`. */
  gapBehind(seq: number): GapRecord | undefined {
    return this.#file.gaps.find((gap) => gap.fromSeq > seq);
  }

  async addGap(gap: GapRecord): Promise<void> {
    if (!this.#file.gaps.includes(gap)) this.#file.gaps.push(gap);
    await this.save();
  }

  async setRemoved(removed: Tally): Promise<void> {
    this.#file.removed = removed.toColumns();
    this.#file.gaps = this.#file.gaps.filter((gap) => gap.toSeq >= removed.nextSeq);
    await this.save();
  }

  /** Saves what is known now; one save after the other. */
  save(): Promise<void> {
    this.isSaved = false;
    return this.#saving.take(() => this.#write());
  }

  async #write(): Promise<void> {
    await mkdir(this.#dir, { recursive: true });
    const path = join(this.#dir, stateFile);
    const handle = await open(`${path}.new`, "w", 0o600);
    try {
      await handle.writeFile(`${JSON.stringify(this.#file)}\n`);
      // A state that says nothing yet is not worth waiting for the disk.
      if (this.#file.removed || this.#file.gaps.length > 0) await handle.datasync();
    } finally {
      await handle.close();
    }
    await rename(`${path}.new`, path);
    this.isSaved = true;
  }

  /**
   * The state of the log in `dir`; a new one, with a new epoch and not saved yet, where there is none or it cannot be
   * understood. Throws TasklogError `incompatible` for a state of a newer version.
   */
  static async load(dir: string): Promise<LogState> {
    const text = await readIfFile(join(dir, stateFile));
    const file = text === undefined ? undefined : parse(text.toString());
    if (file && file.version > stateVersion) {
      throw new TasklogError(
        "incompatible",
        `the log in ${dir} was written by a newer tasklog (format ${file.version}, this one reads ${stateVersion}); use that one`,
      );
    }
    if (file) {
      const sound = withoutDamage(file);
      const isSound = sound.gaps.length === file.gaps.length && sound.removed === file.removed;
      return new LogState(dir, sound, isSound, isSound ? "" : "has entries that cannot be understood");
    }
    const anew = { version: stateVersion, epoch: crypto.randomUUID(), gaps: [] };
    return new LogState(dir, anew, false, text === undefined ? "" : "cannot be understood");
  }
}

function withoutDamage({ version, epoch, removed, gaps }: StateFile): StateFile {
  const isRemoved = removed === undefined || isTally(removed);
  return { version, epoch, gaps: gaps.filter(isGap), ...(isRemoved && removed && { removed }) };
}

function isGap(gap: unknown): gap is GapRecord {
  if (typeof gap !== "object" || gap === null) return false;
  const { fromSeq, toSeq, count, reason, after } = gap as Partial<GapRecord>;
  const isCounted = count === undefined || isCount(count);
  return (
    isCount(fromSeq) &&
    isCount(toSeq) &&
    fromSeq <= toSeq &&
    isCounted &&
    typeof reason === "string" &&
    isTally(after)
  );
}

function isTally(columns: unknown): columns is TallyColumns {
  return Array.isArray(columns) && columns.length === 8 && columns.every(isCount);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function parse(text: string): StateFile | undefined {
  try {
    const file = JSON.parse(text) as Partial<StateFile> | null;
    if (typeof file?.version !== "number") return undefined;
    if (file.version > stateVersion) return file as StateFile;
    if (typeof file.epoch !== "string" || file.epoch === "" || !Array.isArray(file.gaps)) return undefined;
    return file as StateFile;
  } catch {
    return undefined;
  }
}
