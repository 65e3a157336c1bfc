// The files of a log from the one that is read to the one that is written, all open: what rotation removes meanwhile
// stays readable, and its room on the disk taken, until it has been read. So a reader that is slow, or waits for somebody
// slow, loses nothing until it is behind by `engineLogHeldBytesMax`; then the oldest file that it has not begun goes.
import { engineLogHeldBytesMax } from "../../base/limits.ts";
import type { FileScout } from "./file-scout.ts";
import type { LogFileChain, Successor } from "./log-file-chain.ts";
import type { OpenLogFile } from "./open-log-file.ts";

interface HeldFile {
  file: OpenLogFile;
  /** Bytes, since it is not written any more. */
  size: number;
  /** Lines are missing before it. */
  hasMissed: boolean;
}

export class HeldLogFiles {
  readonly #chain: LogFileChain;
  readonly #scout: FileScout | undefined;
  /** Oldest first; the first one is being read. */
  readonly #files: HeldFile[];
  #looking: Promise<boolean> | undefined;
  #isLooking = false;

  constructor(chain: LogFileChain, scout: FileScout | undefined, first: OpenLogFile) {
    this.#chain = chain;
    this.#scout = scout;
    this.#files = [{ file: first, size: 0, hasMissed: false }];
  }

  /** Opens what has been begun since. Resolves to whether there is a file behind the one that is being read. */
  async look(): Promise<boolean> {
    await this.#looking?.catch(() => {});
    this.#looking = this.#look();
    return await this.#looking;
  }

  /**
   * The same when files were renamed, what can be before it returns: a rotation may be followed by the next before a
   * promise is kept. What goes wrong here goes wrong in `look`, too, and is told there.
   */
  hold(): void {
    if (this.#isLooking) return;
    this.#looking = this.#look();
    this.#looking.catch(() => {});
  }

  /** Goes on to the next file, which there must be. */
  next(): HeldFile {
    this.#files.shift()?.file.close();
    return this.#files[0] as HeldFile;
  }

  close(): void {
    for (const { file } of this.#files.splice(0)) file.close();
  }

  async #look(): Promise<boolean> {
    this.#isLooking = true;
    try {
      for (let last = this.#files.at(-1); last !== undefined; last = this.#files.at(-1)) {
        const next = this.#scouted(last.file) ?? (await this.#found(last.file));
        if (next === undefined) break;
        if (this.#files.at(-1) === last) this.#add(last, next);
        else next.file.close(); // `close` was called meanwhile
      }
      return this.#files.length > 1;
    } finally {
      this.#isLooking = false;
    }
  }

  #scouted(last: OpenLogFile): Successor | undefined {
    const file = this.#scout?.behind(last);
    return file && { file, hasMissed: false };
  }

  /** Finds the next file by names; a report of the scout is better than this. */
  async #found(last: OpenLogFile): Promise<Successor | undefined> {
    const found = await this.#chain.successor(last);
    if (found?.hasMissed === false) return found;
    const scouted = this.#scouted(last);
    if (scouted !== undefined) found?.file.close();
    return scouted ?? found;
  }

  #add(last: HeldFile, next: Successor): void {
    last.size = last.file.look().size;
    this.#files.push({ ...next, size: 0 });
    const bytes = (): number => this.#files.slice(1).reduce((sum, { size }) => sum + size, 0);
    while (this.#files.length > 2 && bytes() > engineLogHeldBytesMax) {
      this.#files.splice(1, 1)[0]?.file.close();
      (this.#files[1] as HeldFile).hasMissed = true;
    }
  }
}
