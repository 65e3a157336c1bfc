// The files of one log: X is written, X.1 was before it, X.2 before that, those may be compressed (X.2.gz). Rotation
// renames them while they are being read, so a name says nothing: a file is known by the stamp of its first record, by
// which it is found again under another name, compressed, after a restart of the reader, or on another disk.

import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { doubledMs } from "../../base/back-off.ts";
import { sleep } from "../../base/wait.ts";
import type { RecordFormat } from "../records/record-format.ts";
import { firstStamp, ifNotThere } from "./file-identity.ts";
import { OpenLogFile } from "./open-log-file.ts";

/** The number of looks before a file counts as gone: removing and compressing are not seen at one moment. */
const looksMax = 8;
const lookAgainMs = 5;

export interface Successor {
  file: OpenLogFile;
  /** The file that was read last is gone, and perhaps others with it. */
  hasMissed: boolean;
}

export class LogFileChain {
  /** The file that is written now. */
  readonly path: string;
  readonly format: RecordFormat;
  /** The number of files that the engine keeps. */
  readonly #filesMax: number;
  readonly #unpackedBytesMax: number;

  /** `unpackedBytesMax`: a compressed file that unpacks to more was not written by the engine, and is passed over. */
  constructor(path: string, format: RecordFormat, filesMax: number, unpackedBytesMax: number) {
    this.path = path;
    this.format = format;
    this.#filesMax = filesMax;
    this.#unpackedBytesMax = unpackedBytesMax;
  }

  /** True if rotation may have removed files already: there are as many as there may be. */
  async isFull(): Promise<boolean> {
    const oldest = (await this.paths()).at(-1);
    const number = oldest === undefined ? 0 : (rotations(basename(oldest), basename(this.path)) ?? 0);
    return number > 0 && number >= this.#filesMax - 1;
  }

  /** Newest first: the paths that there are, one for each file. Whoever walks them cannot miss one that gets older. */
  async paths(): Promise<string[]> {
    const folder = dirname(this.path);
    const names = await readdir(folder).catch(ifNotThere([]));
    const numbers = new Map<number, string>();
    for (const name of names.sort()) {
      const number = rotations(name, basename(this.path));
      // X.1 comes before X.1.gz, which is incomplete as long as the two are there.
      if (number !== undefined && !numbers.has(number)) numbers.set(number, join(folder, name));
    }
    return [...numbers].sort(([one], [other]) => one - other).map(([, path]) => path);
  }

  /** Undefined where it is gone just now, or is not compressed as a whole. */
  open(path: string): Promise<OpenLogFile | undefined> {
    return OpenLogFile.open(path, this.format, this.#unpackedBytesMax);
  }

  /** The file whose first record has this stamp. */
  async find(first: string): Promise<OpenLogFile | undefined> {
    for (let look = 0; look < looksMax; look++) {
      for (const path of await this.paths()) {
        if ((await firstStamp(path, this.format)) !== first) continue;
        const file = await this.open(path);
        if (file !== undefined && (await file.first()) === first) return file;
        file?.close();
      }
      await sleep(lookAgainMs);
    }
    return undefined;
  }

  async oldest(): Promise<OpenLogFile | undefined> {
    for (let look = 0; look < looksMax; look++) {
      const paths = await this.paths();
      if (paths.length === 0) return undefined;
      const file = await this.#openFrom(paths, paths.length - 1);
      if (file !== undefined) return file;
    }
    return undefined;
  }

  /** Returns the next file at once; undefined also if it takes longer to know. */
  #successorNow(file: OpenLogFile): OpenLogFile | undefined {
    for (let number = 0; ; number++) {
      const path = this.#rotated(number);
      if (!file.isNamed(path)) {
        if (number > 0 && !existsSync(path)) return undefined;
        continue;
      }
      if (number === 0) return undefined;
      const next = OpenLogFile.openNow(this.#rotated(number - 1), this.format);
      // While `file` has the name it had, no other rotation came between: `next` is the one behind it.
      if (next !== undefined && file.isNamed(path)) return next;
      next?.close();
      return undefined;
    }
  }

  #rotated(number: number): string {
    return number === 0 ? this.path : `${this.path}.${number}`;
  }

  /** The file that was begun after `file`; undefined where there is none yet, or none any more. */
  async successor(file: OpenLogFile): Promise<Successor | undefined> {
    let paths: string[] = [];
    let at: number | undefined;
    for (let look = 0; look < looksMax; look++) {
      const now = this.#successorNow(file);
      if (now !== undefined) return { file: now, hasMissed: false };
      if (file.isNamed(this.path)) return undefined;
      paths = await this.paths();
      at = await indexOf(file, paths);
      if (at === 0) return undefined;
      const isHole = at !== undefined && this.#numberOf(paths, at) !== this.#numberOf(paths, at - 1) + 1;
      if (at !== undefined && !isHole) {
        const next = await this.open(paths[at - 1] as string);
        // The oldest is renamed first: as long as `file` has its name, `next` had that of the one behind it.
        if (next !== undefined && (await file.isAt(paths[at] as string))) {
          return { file: next, hasMissed: false };
        }
        next?.close();
      }
      // In the middle of a rotation, which goes on when the engine does; else too long a wait would miss more.
      await sleep(isHole ? doubledMs(look, lookAgainMs, Number.POSITIVE_INFINITY) : lookAgainMs);
    }
    const next = await (at === undefined ? this.oldest() : this.#openFrom(paths, at - 1));
    return next && { file: next, hasMissed: true };
  }

  /** The first that can be opened of the file at `index` and those that are newer. */
  async #openFrom(paths: readonly string[], index: number): Promise<OpenLogFile | undefined> {
    for (const path of paths.slice(0, index + 1).reverse()) {
      const file = await this.open(path);
      if (file !== undefined) return file;
    }
    return undefined;
  }

  #numberOf(paths: readonly string[], index: number): number {
    return rotations(basename(paths[index] as string), basename(this.path)) as number;
  }
}

async function indexOf(file: OpenLogFile, paths: readonly string[]): Promise<number | undefined> {
  for (const [index, path] of paths.entries()) if (await file.isAt(path)) return index;
  return undefined;
}

/** Returns how often the file with this name was renamed; undefined if it is none of this log. */
function rotations(name: string, base: string): number | undefined {
  if (name === base) return 0;
  if (!name.startsWith(`${base}.`)) return undefined;
  const number = /^(\d+)(\.gz)?$/.exec(name.slice(base.length + 1))?.[1];
  return number === undefined ? undefined : Number(number);
}
