// The task of the fault tests: it prints on both streams, in bursts, until it is told to stop. The line that is the n-th
// of a stream is known beforehand, so what must arrive is known without trusting anybody; every fifth line is the same
// as its neighbours of that kind, some are empty, some longer than the engine's 16 KiB. The container itself writes
// down, past Docker, how many lines it has printed.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { StreamName } from "../../src/core/log/line-batch.ts";
import type { Random } from "../helpers/random.ts";

const fill = "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefgh";
const long = fill.repeat(512); // 30 720 bytes: two parts in the engine's log

/** A line that many others are equal to. */
export const sameLine = "the same line";

/** The n-th line of a stream, from 1. */
export function lineOf(stream: StreamName, n: number): string {
  const mark = stream === "stdout" ? "o" : "e";
  if (n % 5 === 0) return sameLine;
  if (n % 97 === 0) return "";
  if (n % 300 === 299) return `${mark} ${n} ${long}`;
  if (n % 211 === 0) return `${mark} ${n} ü€😀`;
  return `${mark} ${n} ${fill.slice(0, (n * 7) % 60)}`;
}

/** The n of a line that tells it; undefined for those that are the same or empty. */
export function numberOf(text: string): number | undefined {
  const found = /^[oe] (\d+) /.exec(text);
  return found ? Number(found[1]) : undefined;
}

const program = `
function line(s, i) {
  if (same) return "the same line"
  if (i % 5 == 0) return "the same line"
  if (i % 97 == 0) return ""
  if (i % 300 == 299) return s " " i " " long
  if (i % 211 == 0) return s " " i " ü€😀"
  return s " " i " " substr(fill, 1, (i * 7) % 60)
}
BEGIN {
  fill = "${fill}"
  long = fill
  for (k = 0; k < 9; k++) long = long long
  run = 1
  while ((getline x < ("/w/progress-" run)) >= 0) run++
  for (r = 1; ; r++) {
    n = r % bigEvery == 0 ? big : burst
    for (k = 0; k < n; k++) {
      print line("o", ++o)
      if (o % 3 == 0) print line("e", ++e) > "/dev/stderr"
    }
    fflush(); fflush("/dev/stderr")
    print o, e > ("/w/progress-" run); close("/w/progress-" run)
    if ((getline x < "/w/stop") >= 0) break
    close("/w/stop")
    system("usleep " pauseUs)
  }
  if (torn) { printf "%s", line("o", ++o); fflush() }
  print o, e > ("/w/printed-" run); close("/w/printed-" run)
}
`;

export interface Counts {
  stdout: number;
  stderr: number;
}

export interface PrinterOptions {
  /** Lines on stdout at once, a third of that on stderr; and how long it rests in between, in microseconds. */
  burst: number;
  pauseUs: number;
  /** Each so many bursts is one of `big` lines. */
  bigEvery: number;
  big: number;
  /** The last line has no newline. */
  torn: boolean;
  exitCode: number;
  /** All lines are the same one. */
  same?: boolean;
}

export function anyPrinter(random: Random): PrinterOptions {
  return {
    burst: random.pick([1, 20, 100]),
    pauseUs: random.pick([5000, 20_000]),
    bigEvery: random.between(30, 120),
    big: random.pick([500, 2000, 5000]),
    torn: random.chance(0.3),
    exitCode: random.between(0, 9),
  };
}

export class Printer {
  readonly dir: string;
  readonly options: PrinterOptions;

  private constructor(dir: string, options: PrinterOptions) {
    this.dir = dir;
    this.options = options;
  }

  /** `dir` is made, and becomes /w of the container. */
  static async create(dir: string, options: PrinterOptions): Promise<Printer> {
    await mkdir(dir, { recursive: true });
    await writeFile(join(dir, "print.awk"), program);
    return new Printer(dir, options);
  }

  /** For `sh -c`. */
  get script(): string {
    const { burst, pauseUs, bigEvery, big, torn, exitCode, same } = this.options;
    const settings = { burst, pauseUs, bigEvery, big, torn: torn ? 1 : 0, same: same ? 1 : 0 };
    const flags = Object.entries(settings).map(([name, value]) => `-v ${name}=${value}`);
    return `awk ${flags.join(" ")} -f /w/print.awk; exit ${exitCode}`;
  }

  get flags(): string[] {
    return ["--volume", `${this.dir}:/w`, "--network", "none"];
  }

  /** It ends soon after. */
  async stop(): Promise<void> {
    await writeFile(join(this.dir, "stop"), "");
  }

  /** At least so many lines have left the program; undefined before the first. `run`: from 1, one for each start. */
  progress(run = 1): Promise<Counts | undefined> {
    return this.#read(`progress-${run}`);
  }

  /** What it has printed in all; undefined unless it came to its end. */
  printed(run = 1): Promise<Counts | undefined> {
    return this.#read(`printed-${run}`);
  }

  async #read(name: string): Promise<Counts | undefined> {
    const text = await readFile(join(this.dir, name), "utf8").catch(() => "");
    const found = /^(\d+) (\d*)\n$/.exec(text);
    return found ? { stdout: Number(found[1]), stderr: Number(found[2]) } : undefined;
  }
}
