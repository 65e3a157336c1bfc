// Wakes the reader of a log that is being written: the kernel tells of every change in its folder, and a look now and
// then is the safety net, often where the kernel is not to be relied on (network and FUSE file systems).

import { type FSWatcher, watch } from "node:fs";
import { statfs } from "node:fs/promises";
import { engineLogLookMs, engineLogPollMs } from "../../base/limits.ts";
import { startTimer } from "../../base/wait.ts";

/** `f_type` of file systems whose changes the kernel sees: ext, XFS, Btrfs, tmpfs, overlay, ZFS, F2FS. */
const watched = new Set([0xef53, 0x58465342, 0x9123683e, 0x01021994, 0x794c7630, 0x2fc12fc1, 0xf2f52010]);

export class WakeUp implements Disposable {
  readonly #folder: string;
  readonly #onRename: () => void;
  #watcher: FSWatcher | undefined;
  #canWatch = true;
  #isDue = false;
  #wake: (() => void) | undefined;
  #isClosed = false;

  /** `onRename` is called at once when files come, go, or get another name. */
  constructor(folder: string, onRename: () => void) {
    this.#folder = folder;
    this.#onRename = onRename;
  }

  /** Begins to watch; call it before the first look. A folder that is not there yet is tried again at each wait. */
  async watch(): Promise<void> {
    if (this.#watcher !== undefined || !this.#canWatch) return;
    const type = await statfs(this.#folder).then(
      (found) => found.type,
      () => undefined,
    );
    if (type === undefined || this.#isClosed) return;
    this.#canWatch = watched.has(type >>> 0);
    if (!this.#canWatch) return;
    try {
      this.#watcher = watch(this.#folder, (event) => {
        if (event === "rename") this.#onRename();
        this.wake();
      });
      this.#watcher.on("error", () => this.#watcher?.close());
      this.#isDue = true; // what came before there was a watch
    } catch {
      this.#canWatch = false; // no watch left to be had (fs.inotify.max_user_watches)
    }
  }

  /** Ends the wait that there is, or the next one. */
  wake(): void {
    this.#isDue = true;
    this.#wake?.();
  }

  /** Resolves at once when there was a change since the last wait, else at the next one, or when it is time to look. */
  async wait(): Promise<void> {
    await this.watch();
    if (!this.#isDue) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      const timer = startTimer(resolve, this.#watcher === undefined ? engineLogPollMs : engineLogLookMs);
      await promise;
      timer.stop();
      this.#wake = undefined;
    }
    this.#isDue = false;
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    this.#watcher?.close();
  }
}
