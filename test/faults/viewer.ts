// One who looks at a task's log and wants every line: `tasklog monitor --json` into a file. Where the process is killed,
// another one goes on behind the last line that the first one has printed, as a script would do it.
import { readFile } from "node:fs/promises";
import type { StreamName } from "../../src/core/log/line-batch.ts";
import type { Child } from "../helpers/child.ts";
import type { Tasklog } from "../helpers/tasklog.ts";

export interface SeenLine {
  seq: number;
  stream: StreamName;
  text: string;
  /** It may not be whole: what is missing of it is at the gap beside it. */
  cut?: boolean;
}

export interface SeenGap {
  gap: { fromSeq: number; toSeq: number; count?: number; reason: string };
}

export type Seen = SeenLine | SeenGap;

/** Told by one that cannot begin; a task that is lost is told with the same exit code. */
const unreachable = /no master answers|cannot reach|lost the master|connection/i;
/** It cannot begin while no master answers: then it is tried again after this time, in ms. */
const againMs = 300;

export class Viewer {
  readonly name: string;
  readonly #t: Tasklog;
  readonly #taskId: string;
  readonly #master: string;
  /** Flags that say where it begins. */
  readonly #start: string[];
  readonly #files: string[] = [];
  #child: Child;
  #killed = false;
  /** Exit code of the one that ended by itself. */
  readonly ended: Promise<number>;
  notices = "";
  gaveUp = false;

  constructor(t: Tasklog, name: string, taskId: string, master: string, start: string[]) {
    this.#t = t;
    this.name = name;
    this.#taskId = taskId;
    this.#master = master;
    this.#start = start;
    this.#child = this.#spawn(start);
    this.ended = this.#live();
  }

  get running(): boolean {
    return this.#child.running;
  }

  get pid(): number {
    return this.#child.pid;
  }

  signal(name: "SIGSTOP" | "SIGCONT"): void {
    this.#child.signal(name);
  }

  /** kill -9; it goes on by itself behind its last line. */
  kill(): void {
    this.#killed = true;
    this.#child.signal("SIGKILL");
  }

  /** Ends it for good. */
  async giveUp(): Promise<void> {
    this.gaveUp = true;
    this.#child.signal("SIGKILL");
    await this.ended;
  }

  /** All that was printed, in order; the last piece of one that was killed may be torn and is left out. */
  async items(): Promise<Seen[]> {
    const lives = await Promise.all(this.#files.map(itemsOf));
    return lives.flat();
  }

  async #live(): Promise<number> {
    for (;;) {
      const { code, stderr } = await this.#child.ended;
      this.notices += stderr;
      const items = await itemsOf(this.#files.at(-1) ?? "");
      const neverBegan = code === 125 && items.length === 0 && unreachable.test(stderr);
      if (this.gaveUp || (!this.#killed && !neverBegan)) return code;
      this.#killed = false;
      if (neverBegan) await Bun.sleep(againMs);
      const last = (await this.items()).at(-1);
      this.#child = this.#spawn(last === undefined ? this.#start : ["--from-seq", String(seqAfter(last))]);
    }
  }

  #spawn(start: string[]): Child {
    const file = this.#t.path(`${this.name}-${this.#files.length + 1}.ndjson`);
    this.#files.push(file);
    const args = ["monitor", "--json", "--master", this.#master, ...start, this.#taskId];
    return this.#t.start(args, { stdoutFile: file });
  }
}

function seqAfter(item: Seen): number {
  return ("gap" in item ? item.gap.toSeq : item.seq) + 1;
}

/** Lines and gaps. That a log was started anew is looked for in the notices. Throws where a whole line is no JSON. */
async function itemsOf(file: string): Promise<Seen[]> {
  const text = await readFile(file, "utf8").catch(() => "");
  return itemsIn(text);
}

export function itemsIn(text: string): Seen[] {
  return text
    .slice(0, text.lastIndexOf("\n") + 1)
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Seen | { start: object })
    .filter((item): item is Seen => !("start" in item));
}
