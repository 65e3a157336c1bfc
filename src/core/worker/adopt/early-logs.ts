// The logs of containers that are about to be started. One that prints as fast as it can into a log that rotates at a
// megabyte has lost its beginning before the reading of its run is set up; so the files of its log are opened from its
// creation on, which comes before its first line by as long as the engine takes to start a process. The engine is not asked
// anything then: it answers no question about a container that it is starting.

import { startTimer, type Timer } from "../../base/wait.ts";
import type { Engine } from "../../engine/client/engine.ts";
import { FileScout } from "../../engine/files/file-scout.ts";
import { logFiles, rootOf } from "../../engine/files/log-files.ts";

/** The log of a container that was created and not started yet is watched for so long, in ms. */
const earlyLogMs = 5 * 60_000;

interface EarlyLog {
  /** The scouts by the path of the file that is written; which one it will be is not known yet. */
  scouts: Map<string, FileScout>;
  timer: Timer;
}

export class EarlyLogs {
  readonly #engine: Engine;
  #root = "";
  /** The logs by container. */
  readonly #logs = new Map<string, EarlyLog>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /**
   * Prepares for new containers; call it before they are created. Nothing is held for an engine that does not tell
   * where its folder is.
   */
  async prepare(): Promise<void> {
    this.#root = await rootOf(this.#engine).catch(() => "");
  }

  /** The container was created. */
  hold(containerId: string): void {
    if (this.#root === "" || this.#logs.has(containerId)) return;
    const files = logFiles(this.#root, containerId);
    const scouts = new Map(files.map(({ path, format }) => [path, new FileScout(path, format)]));
    this.#logs.set(containerId, {
      scouts,
      timer: startTimer(() => this.release(containerId), earlyLogMs),
    });
  }

  /** Hands the scout over to the container's first run, which owns it from then on. */
  take(containerId: string, path: string): FileScout | undefined {
    const scouts = this.#logs.get(containerId)?.scouts;
    const taken = scouts?.get(path);
    scouts?.delete(path);
    this.release(containerId);
    return taken;
  }

  /** Nobody will read it, or somebody has. */
  release(containerId: string): void {
    const early = this.#logs.get(containerId);
    if (early === undefined) return;
    early.timer?.stop();
    for (const scout of early.scouts.values()) scout[Symbol.dispose]();
    this.#logs.delete(containerId);
  }

  close(): void {
    for (const containerId of [...this.#logs.keys()]) this.release(containerId);
  }
}
