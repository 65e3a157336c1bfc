// A thread of its own that opens the files of engines' logs as rotation makes them. In a burst into a log of
// `max-size=1m max-file=3` a file is gone some 30 ms after it was begun, and the main thread, which reads, splits and sends
// what is in them, may be busy for longer. Nothing is read here. An open file belongs to the whole process: what is sent
// is its descriptor.
import { closeSync, existsSync, fstatSync, openSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { fileId } from "./file-identity.ts";
import { WakeUp } from "./wake-up.ts";

declare const self: { onmessage: (message: { data: ToThread }) => void; postMessage(told: FromThread): void };

export interface ToThread {
  /** The number of the scout. */
  key: number;
  /** The path of the file that is written; absent means leave it. */
  path?: string;
}

export interface FromThread {
  key: number;
  /** The descriptor of a file; whoever receives it closes it. */
  fd: number;
  /** It is directly behind the one that was told before. */
  isNext: boolean;
  /** There is none before it. */
  isFirst: boolean;
}

class Watched {
  readonly #key: number;
  readonly #path: string;
  readonly #wakeUp: WakeUp;
  /** Open, so that no other file gets its number. */
  #last: { fd: number; id: string } | undefined;
  #isLeft = false;

  constructor(key: number, path: string) {
    this.#key = key;
    this.#path = path;
    this.#wakeUp = new WakeUp(dirname(path), () => this.#look());
  }

  async watch(): Promise<void> {
    await this.#wakeUp.watch();
    this.#look();
    while (!this.#isLeft) {
      await this.#wakeUp.wait();
      this.#look();
    }
  }

  leave(): void {
    this.#isLeft = true;
    this.#wakeUp[Symbol.dispose]();
    this.#wakeUp.wake();
    if (this.#last !== undefined) closeSync(this.#last.fd);
  }

  /** All that has been begun since the last look. */
  #look(): void {
    while (!this.#isLeft && this.#next());
  }

  /** Returns true if there was one more. */
  #next(): boolean {
    const last = this.#last;
    const number = this.#numberOfLast();
    if (number === 0) return false;
    const isEarliest = last === undefined && !this.#hasOlderThan(0);
    const fd = openNow(this.#named((number ?? 1) - 1));
    if (fd === undefined) return false;
    // While the last one has its name, no rotation came between. One that has none any more is given up.
    if (number !== undefined && this.#idAt(number) !== last?.id) {
      closeSync(fd);
      return true;
    }
    const forReader = openNow(`/proc/self/fd/${fd}`);
    if (forReader === undefined) {
      closeSync(fd); // no descriptor is left: another time
      return false;
    }
    if (last !== undefined) closeSync(last.fd);
    this.#last = { fd, id: fileId(fstatSync(fd)) };
    const isFirst = isEarliest && !this.#hasOlderThan(this.#numberOfLast() ?? 0);
    self.postMessage({ key: this.#key, fd: forReader, isNext: number !== undefined, isFirst });
    return true;
  }

  /** Returns how often the last file was renamed; undefined if it has no name any more, or if there is none. */
  #numberOfLast(): number | undefined {
    if (this.#last === undefined) return undefined;
    for (let number = 0; ; number++) {
      const id = this.#idAt(number);
      if (id === this.#last.id) return number;
      // In the middle of a rotation, a number is missing.
      if (id === undefined && number > 0 && this.#idAt(number + 1) === undefined) return undefined;
    }
  }

  /** Two numbers are looked at: in the middle of a rotation, one is missing. */
  #hasOlderThan(number: number): boolean {
    const older = [this.#named(number + 1), this.#named(number + 2)];
    return older.some((path) => existsSync(path) || existsSync(`${path}.gz`));
  }

  #idAt(number: number): string | undefined {
    const found = statSync(this.#named(number), { throwIfNoEntry: false });
    return found && fileId(found);
  }

  #named(number: number): string {
    return number === 0 ? this.#path : `${this.#path}.${number}`;
  }
}

function openNow(path: string): number | undefined {
  try {
    return openSync(path, "r");
  } catch {
    return undefined;
  }
}

const watched = new Map<number, Watched>();

self.onmessage = ({ data: { key, path } }) => {
  watched.get(key)?.leave();
  watched.delete(key);
  if (path === undefined) return;
  const begun = new Watched(key, path);
  watched.set(key, begun);
  void begun.watch();
};
