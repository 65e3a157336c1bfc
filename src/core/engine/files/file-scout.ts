// The files of one engine's log as a thread of its own opens them (file-scout-thread.ts): the first one of a log that is
// about to begin, and behind each file the next. What it does not know, whoever reads finds out by names (log-file-chain.ts).
import { closeSync } from "node:fs";
import { engineLogHeldBytesMax } from "../../base/limits.ts";
import type { RecordFormat } from "../records/record-format.ts";
import type { FromThread, ToThread } from "./file-scout-thread.ts";
import { OpenLogFile } from "./open-log-file.ts";

interface Told {
  file: OpenLogFile;
  /** Directly behind the one before. */
  isNext: boolean;
  isFirst: boolean;
}

export class FileScout implements Disposable {
  readonly #key: number;
  readonly #format: RecordFormat;
  #onChange = (): void => {};
  /** True until it has reported something, or can report nothing any more. */
  #willTellFirst = true;
  /** The reports that were not taken yet, in order. */
  readonly #told: Told[] = [];
  /** Directly before them, as far as the next one says so. */
  #taken: OpenLogFile | undefined;

  /** `path`: of the file that is written. */
  constructor(path: string, format: RecordFormat) {
    this.#format = format;
    this.#key = thread().watch(path, this);
  }

  /** `onChange` is called when there is more to be had. */
  listen(onChange: () => void): void {
    this.#onChange = onChange;
  }

  /** The first file of the log; "later": it will be told. undefined: rotation was faster. */
  first(): OpenLogFile | "later" | undefined {
    if (this.#willTellFirst) return "later";
    return this.#told[0]?.isFirst ? this.#take() : undefined;
  }

  behind(file: OpenLogFile): OpenLogFile | undefined {
    // One that was found otherwise is told, too. No two files that are open have the same id.
    const at = this.#told.findIndex((told) => told.file.id === file.id);
    for (const told of this.#told.splice(0, at + 1)) told.file.close();
    if (at !== -1) this.#taken = file;
    return this.#taken === file && this.#told[0]?.isNext ? this.#take() : undefined;
  }

  #take(): OpenLogFile | undefined {
    this.#taken = this.#told.shift()?.file;
    return this.#taken;
  }

  [Symbol.dispose](): void {
    thread().leave(this.#key);
    for (const { file } of this.#told.splice(0)) file.close();
  }

  told({ fd, isNext, isFirst }: FromThread): void {
    this.#willTellFirst = false;
    this.#told.push({ file: OpenLogFile.of(fd, this.#format), isNext, isFirst });
    this.#bound();
    this.#onChange();
  }

  /** Nobody may come for them for long. */
  #bound(): void {
    const sizes = this.#told.slice(0, -1).map(({ file }) => file.look().size);
    let bytes = sizes.reduce((sum, size) => sum + size, 0);
    for (const size of sizes) {
      if (bytes <= engineLogHeldBytesMax) return;
      bytes -= size;
      this.#told.shift()?.file.close();
      (this.#told[0] as Told).isNext = false;
    }
  }

  failed(): void {
    this.#willTellFirst = false;
    this.#onChange();
  }
}

/** The thread for all logs, for as long as the process runs. */
class ScoutThread {
  readonly #worker: Worker;
  readonly #scouts = new Map<number, FileScout>();
  #keys = 0;
  #hasFailed = false;

  constructor() {
    this.#worker = new Worker(new URL(source, import.meta.url).href);
    this.#worker.unref();
    this.#worker.onmessage = ({ data }: MessageEvent<FromThread>): void => {
      const scout = this.#scouts.get(data.key);
      if (scout !== undefined) scout.told(data);
      else closeSync(data.fd);
    };
    this.#worker.onerror = (): void => {
      this.#hasFailed = true;
      for (const scout of this.#scouts.values()) scout.failed();
    };
  }

  watch(path: string, scout: FileScout): number {
    const key = ++this.#keys;
    this.#scouts.set(key, scout);
    if (this.#hasFailed) queueMicrotask(() => scout.failed());
    else this.#post({ key, path });
    return key;
  }

  leave(key: number): void {
    this.#scouts.delete(key);
    this.#post({ key });
  }

  #post(message: ToThread): void {
    this.#worker.postMessage(message);
  }
}

/** The path of the thread's source: in the executable, files lie below the folder of main.ts. */
const source = import.meta.dir.startsWith("/$bunfs/")
  ? "./core/engine/files/file-scout-thread.ts"
  : "./file-scout-thread.ts";

let shared: ScoutThread | undefined;

function thread(): ScoutThread {
  shared ??= new ScoutThread();
  return shared;
}
