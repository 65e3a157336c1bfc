// An attach and the engine's log side by side, until each stream is handed over to the attach (joining.ts), and from then on
// the attach alone.
//
// The log had been read to its end when the attach was made: no line of the attach is before that, so only what the log
// gives from here on is compared with it. What the attach delivers is held meanwhile (and, beyond `heldBytesMax`, not
// read, so that the task waits). A log that rotates faster than it is read is no loss if it had come to the first line
// of the attach: what is behind that the attach has.

import { lineBytesMax } from "../../base/limits.ts";
import type { Stamp } from "../../base/stamp.ts";
import { sleep } from "../../base/wait.ts";
import type { StreamName } from "../../log/line-batch.ts";
import type { OutputChunk, OutputGap } from "../output.ts";
import type { LogRecord } from "../records/log-record.ts";
import { AwakeClock } from "./awake-clock.ts";
import { type HandOverState, Joining, logDelayMs } from "./joining.ts";
import { LiveOutput } from "./live-output.ts";
import { type LogLines, rotatedTooFastReason } from "./log-lines.ts";
import { streams } from "./log-position.ts";
import { wholeLineOf } from "./whole-line-of.ts";

/** Held of an attach before it is joined, in bytes: more than one line; and what was read may wait to be looked at. */
const heldBytesMax = lineBytesMax + 256 * 1024;
const waitingBytesMax = 256 * 1024;
/** The log is read on this often while streams are joined, in ms. */
const pollMs = 50;
/** A stream that could not be joined exactly by then is joined at the likeliest place, and told, in ms. */
const joinMs = 5000;
/** Records in which the beginning of a line is looked for, and for how long at most, in ms. */
const lookedAtRecords = 5000;
const lookMs = 1000;

const repeatsReason = "lines repeat, and where live output begins could not be told exactly";

export class AttachedOutput {
  readonly #live: LiveOutput;
  readonly #log: LogLines;
  readonly #read: (tail: number) => AsyncIterable<LogRecord>;
  readonly #signal: AbortSignal;
  readonly #clock = new AwakeClock();
  readonly #joining = { stdout: new Joining(this.#clock), stderr: new Joining(this.#clock) };
  /** Where the log stood when a stream was handed over: what the attach goes on with is behind it. */
  readonly #handedOverAt: Partial<Record<StreamName, Stamp>> = {};

  /** `log`: read to its end directly before the attach; `read`: its newest records. */
  constructor(
    chunks: AsyncIterable<OutputChunk>,
    log: LogLines,
    read: (tail: number) => AsyncIterable<LogRecord>,
    signal: AbortSignal,
  ) {
    this.#live = new LiveOutput(chunks, waitingBytesMax);
    this.#log = log;
    this.#read = read;
    this.#signal = signal;
  }

  /** To the end of the attach. */
  async *output(): AsyncGenerator<OutputChunk | OutputGap> {
    yield* this.#join();
    if (this.#signal.aborted) return;
    yield* this.#log.tellOfCut();
    while (!this.#signal.aborted && !this.#live.isEnded) {
      await this.#live.wait();
      yield* this.#deliver();
    }
  }

  /** What is left when the container is down, and the log has all that it will have. */
  async *end(): AsyncGenerator<OutputChunk | OutputGap> {
    if (streams.some(this.#takesLog)) yield* this.#readOn();
    yield* this.#log.tellOfCut();
    yield* this.#log.rests(this.#takesLog);
    for (const stream of streams) {
      const joining = this.#joining[stream];
      if (joining.isClosed) yield* this.#handOver(stream, { askedMs: Infinity, isBraked: false, must: true });
      if (!joining.isFirstTorn) continue;
      // A last line without newline may have begun before the attach.
      const bytes = (await this.#wholeInLog(stream, joining.unfinished)) ?? joining.unfinished;
      if (bytes.length > 0) yield { stream, bytes };
    }
  }

  async *#join(): AsyncGenerator<OutputChunk | OutputGap> {
    const { stdout, stderr } = this.#joining;
    let loggedMs = 0;
    while (!this.#signal.aborted) {
      const isBraked = stdout.bytes + stderr.bytes >= heldBytesMax;
      if (isBraked) await sleep(pollMs);
      else {
        await this.#live.wait(pollMs);
        yield* this.#deliver();
      }
      const askedMs = this.#clock.ms;
      const { records } = this.#log;
      if (streams.some(this.#takesLog)) yield* this.#readOn();
      if (this.#log.records > records) loggedMs = askedMs;
      const must = askedMs > joinMs || (isBraked && askedMs - loggedMs >= logDelayMs);
      for (const stream of streams) {
        this.#joining[stream].logWasRead(askedMs);
        yield* this.#handOver(stream, { askedMs, isBraked, must });
      }
      if (this.#live.isEnded || !(stdout.isOpen || stderr.isOpen)) return;
    }
  }

  *#handOver(stream: StreamName, state: HandOverState): Generator<OutputChunk | OutputGap> {
    const joining = this.#joining[stream];
    const handed = joining.handOver(state);
    if (handed === undefined) return;
    yield* this.#log.tellOfCut();
    const { newest } = this.#log;
    if (newest !== undefined) this.#handedOverAt[stream] = newest;
    if (!handed.isCertain)
      yield { missing: { reason: joining.isClosed ? rotatedTooFastReason : repeatsReason } };
    if (handed.rest.length > 0) yield { stream, bytes: handed.rest };
  }

  async *#deliver(): AsyncGenerator<OutputChunk> {
    for (const { stream, bytes } of this.#live.take()) {
      const { first, rest } = this.#joining[stream].push(bytes);
      if (first !== undefined) yield { stream, bytes: await this.#whole(stream, first) };
      if (rest.length > 0) yield { stream, bytes: rest };
    }
  }

  /** The line that ends in `end`, as the log has it, which may be late. */
  async #whole(stream: StreamName, end: Uint8Array): Promise<Uint8Array> {
    if (end.length > lineBytesMax) return end;
    for (let ms = 0; ms < lookMs && !this.#signal.aborted; ms += pollMs) {
      await sleep(pollMs);
      const line = await this.#wholeInLog(stream, end);
      if (line !== undefined) return line;
    }
    return end;
  }

  #wholeInLog(stream: StreamName, end: Uint8Array): Promise<Uint8Array | undefined> {
    return wholeLineOf(this.#read(lookedAtRecords), stream, end, this.#handedOverAt[stream]);
  }

  async *#readOn(): AsyncGenerator<OutputChunk | OutputGap> {
    for await (const item of this.#log.readOn(this.#takesLog)) {
      if (item === "rotated") {
        for (const stream of streams) this.#joining[stream].close();
        continue;
      }
      if ("bytes" in item) this.#joining[item.stream].addLogged(item.bytes);
      yield item;
    }
  }

  readonly #takesLog = (stream: StreamName): boolean => this.#joining[stream].takesLog;
}
