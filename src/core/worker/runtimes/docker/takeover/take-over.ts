// The output of a container that runs already, behind the lines that were taken of it: exact where the engine still has
// the lines, and a gap in its place where it has not.
//
//   1. The place is found in the engine's log (find-position.ts), and the log is read to its end from there.
//   2. If the container runs, it is attached to: from then on nothing can rotate away. What the attach delivers is held
//      (and, beyond `heldBytesMax`, not read, so that the task waits) while the log is read on.
//   3. Each stream goes over to the attach as soon as its lines are found to overlap (joining.ts).
//
// The log is never followed: its follower leaves lines out when the file rotates under a burst, and does not say so.
import type { Container, ContainerInspectInfo } from "dockerode";
import { stampNow } from "../../../../log/clock.ts";
import type { StreamName } from "../../../../log/line-batch.ts";
import type { OutputChunk, OutputGap, Taken } from "../../runtime.ts";
import { attachOutput } from "../attach-output.ts";
import { type LogRecord, readLogs } from "../container-logs.ts";
import { engineMessage, statusOf } from "../engine-errors.ts";
import { type Cut, EngineCut } from "./engine-cut.ts";
import { engineMemory } from "./engine-memory.ts";
import { findPosition, UNLOGGED } from "./find-position.ts";
import { Joining } from "./joining.ts";
import { LiveOutput } from "./live-output.ts";
import { LogCursor } from "./log-cursor.ts";
import { wholeLineOf } from "./whole-line-of.ts";
import { WholeLines } from "./whole-lines.ts";

/** Held of an attach before it is joined, in bytes; twice, because what was read may wait to be looked at. */
const heldBytesMax = 1024 * 1024;
/** The log is read on this often while streams are joined, in ms. */
const pollMs = 50;
/** The engine logs a line at most this long after it has read it, in ms; longer only where its disk hangs. */
const logDelayMs = 200;
/** A stream that could not be joined exactly by then is joined at the likeliest place, and told, in ms. */
const joinMs = 5000;
/** What the log may lag behind what was taken, in ms, before that counts as lost. */
const behindMs = 1000;
/** Records that are read while the task may be held up by an attach. */
const nearRecords = 50_000;
/** Records in which the beginning of a line is looked for. */
const lookedAtRecords = 5000;
/** How long a container may count as running after its output has ended, in ms. */
const endMs = 2000;
/** A paused container, to which nobody can attach, is asked after this often, in ms. */
const pausedMs = 200;

const streams = ["stdout", "stderr"] as const;

export interface TakenBefore extends Taken {
  /** Where the output was broken off: the engine itself may have lost what it had read. */
  cut: Cut | undefined;
}

export async function* takeOver(
  container: Container,
  info: ContainerInspectInfo,
  taken: TakenBefore,
  signal: AbortSignal,
): AsyncGenerator<OutputChunk | OutputGap> {
  const ending = new AbortController();
  const ended = AbortSignal.any([signal, ending.signal]);
  try {
    yield* new Takeover(container, info, ended).output(taken);
  } finally {
    ending.abort();
  }
}

class Takeover {
  readonly #container: Container;
  readonly #info: ContainerInspectInfo;
  readonly #signal: AbortSignal;
  readonly #lines = { stdout: new WholeLines(), stderr: new WholeLines() };
  #joining = { stdout: new Joining(), stderr: new Joining() };
  #cursor!: LogCursor;
  /** Until the place in the log is reached where the engine broke off. */
  #cut: EngineCut | undefined;

  constructor(container: Container, info: ContainerInspectInfo, signal: AbortSignal) {
    this.#container = container;
    this.#info = info;
    this.#signal = signal;
  }

  async *output(taken: TakenBefore): AsyncGenerator<OutputChunk | OutputGap> {
    try {
      this.#cut = await this.#cutOf(taken);
      const gap = await this.#begin(taken);
      if (this.#signal.aborted) return;
      if (gap === UNLOGGED && this.#cut !== undefined) this.#cut.wasAhead();
      else if (gap !== undefined) yield { missing: { reason: gap } };
    } catch (thrown) {
      if (isUnreadable(thrown)) yield* this.#liveOnly();
      else throw thrown;
      return;
    }
    if (this.#cursor.recordsBehind > nearRecords) yield* this.#catchUp();
    if (this.#signal.aborted) return;
    this.#joining = { stdout: new Joining(), stderr: new Joining() };
    const live = await this.#attach();
    if (live === undefined) {
      yield* this.#logToItsEnd(streams);
      return;
    }
    yield* this.#join(live);
    yield* this.#tellOfCut();
    const open = streams.filter((stream) => !this.#joining[stream].isJoined);
    if (live.isEnded) {
      await this.#untilDown();
      yield* this.#logToItsEnd(open);
    } else {
      yield* this.#follow(live);
      await this.#untilDown();
      for (const stream of open) yield* this.#lastWithoutNewline(stream);
    }
  }

  /** A reader who is far behind does not hold up the task meanwhile; one who cannot get nearer has to. */
  async *#catchUp(): AsyncGenerator<OutputChunk | OutputGap> {
    for (let records = Infinity, before = Infinity; ; before = records) {
      records = yield* this.#readOn();
      if (records < nearRecords || records > before / 2) return;
    }
  }

  /** Where the engine keeps no log: what was printed meanwhile is gone. */
  async *#liveOnly(): AsyncGenerator<OutputChunk | OutputGap> {
    yield { missing: { reason: "the engine keeps no log of this container that can be read" } };
    if (!(await this.#isRunning())) return;
    const chunks = await attachOutput(this.#container, this.#info.Config.Tty, this.#signal);
    if (await this.#isRunning()) yield* chunks;
  }

  async #cutOf(taken: TakenBefore): Promise<EngineCut | undefined> {
    const { cut } = taken;
    if (cut === undefined) return undefined;
    cut.memory ??= await engineMemory(this.#container);
    return await EngineCut.behind(cut, cut.memory, !this.#info.State.Running, taken);
  }

  /** Before the first line that came after it. */
  *#tellOfCut(): Generator<OutputChunk | OutputGap> {
    const cut = this.#cut;
    if (cut === undefined) return;
    this.#cut = undefined;
    const reason = cut.tell();
    for (const stream of streams) {
      const bytes = cut.beginning(stream, this.#lines[stream].rest());
      if (bytes !== undefined) yield { stream, bytes };
    }
    if (reason !== undefined) yield { missing: { reason } };
  }

  /** Finds the place; returns why lines may be missing there. */
  async #begin(taken: TakenBefore): Promise<string | undefined> {
    const { Type, Config } = this.#info.HostConfig.LogConfig ?? { Type: "", Config: {} };
    const files = { driver: Type, options: (Config ?? {}) as Record<string, string> };
    const read = (tail: number | undefined) => this.#read(tail);
    const deadline = performance.now() + behindMs;
    let found = await findPosition(read, taken, files);
    while (found.isBehind && this.#info.State.Running && performance.now() < deadline) {
      await Bun.sleep(pollMs);
      if (this.#signal.aborted) break;
      found = await findPosition(read, taken, files);
    }
    this.#cursor = new LogCursor(read, files, found.position, this.#signal);
    return found.gap;
  }

  /** Undefined: the container is down, and the log has all of it. */
  async #attach(): Promise<LiveOutput | undefined> {
    while ((await this.#container.inspect()).State.Paused && !this.#signal.aborted) await Bun.sleep(pausedMs);
    if (!(await this.#isRunning())) return undefined;
    const chunks = await attachOutput(this.#container, this.#info.Config.Tty, this.#signal);
    const live = new LiveOutput(chunks, heldBytesMax);
    // To a container that ended meanwhile one can be attached, for ever.
    return (await this.#isRunning()) ? live : undefined;
  }

  async #isRunning(): Promise<boolean> {
    const { State } = await this.#container.inspect();
    return State.Running && !State.Paused;
  }

  /** Reads log and attach side by side until each stream has either been joined or printed nothing since. */
  async *#join(live: LiveOutput): AsyncGenerator<OutputChunk | OutputGap> {
    const began = performance.now();
    let quietSince = began;
    await live.wait(pollMs);
    for (;;) {
      if (this.#held < heldBytesMax) {
        for (const { stream, bytes } of live.take()) {
          const joining = this.#joining[stream];
          quietSince = performance.now();
          if (!joining.isJoined) joining.addLive(bytes);
          else yield { stream, bytes: joining.pass(bytes) };
        }
      }
      const asked = performance.now();
      const records = yield* this.#readOn();
      if (records > 0) quietSince = asked;
      const quiet = asked - quietSince >= logDelayMs;
      const must = performance.now() - began > joinMs || (this.#held >= heldBytesMax && records === 0);
      const state = { settledMs: asked - logDelayMs, quiet, must };
      for (const stream of streams) yield* this.#tryJoin(stream, state);
      if (this.#signal.aborted || live.isEnded) return;
      const isWaiting = streams.some((stream) => this.#joining[stream].isWaiting);
      if (!isWaiting && asked - began >= logDelayMs) return;
      await live.wait(this.#held < heldBytesMax ? pollMs : 0);
      if (this.#held >= heldBytesMax || quiet) await Bun.sleep(pollMs);
    }
  }

  *#tryJoin(
    stream: StreamName,
    state: { settledMs: number; quiet: boolean; must: boolean },
  ): Generator<OutputChunk | OutputGap> {
    const joining = this.#joining[stream];
    if (!joining.isWaiting) return;
    const joined = joining.join(state);
    if (joined === undefined) return;
    yield* this.#tellOfCut();
    this.#lines[stream] = new WholeLines();
    if (!joined.isCertain) {
      yield { missing: { reason: "lines repeat, and where live output begins could not be told exactly" } };
    }
    if (joined.rest.length > 0) yield { stream, bytes: joined.rest };
  }

  /** From here on the attach has everything; of a stream that was silent so far perhaps not the beginning of its line. */
  async *#follow(live: LiveOutput): AsyncGenerator<OutputChunk> {
    while (!this.#signal.aborted && !live.isEnded) {
      await live.wait();
      for (const { stream, bytes } of live.take()) {
        const joining = this.#joining[stream];
        if (joining.isJoined) {
          yield { stream, bytes: joining.pass(bytes) };
          continue;
        }
        const begun = joining.begin(bytes);
        if (begun === undefined) continue;
        yield { stream, bytes: await this.#whole(stream, begun.first) };
        if (begun.rest.length > 0) yield { stream, bytes: begun.rest };
      }
    }
  }

  /** After the end: what the log has of these streams, also a line without newline. */
  async *#logToItsEnd(open: readonly StreamName[]): AsyncGenerator<OutputChunk | OutputGap> {
    yield* this.#readOn();
    yield* this.#tellOfCut();
    for (const stream of open) {
      const rest = this.#lines[stream].rest();
      if (rest !== undefined) yield { stream, bytes: rest };
    }
  }

  /** Text without newline of a stream that was not joined to the end: the log has it whole. */
  async *#lastWithoutNewline(stream: StreamName): AsyncGenerator<OutputChunk> {
    if (this.#signal.aborted || this.#joining[stream].isJoined) return;
    const end = this.#joining[stream].unfinished;
    const bytes = (await wholeLineOf(this.#read(lookedAtRecords), stream, end)) ?? end;
    if (bytes.length > 0) yield { stream, bytes };
  }

  /** The line that ends in `end`, as the log has it. */
  async #whole(stream: StreamName, end: Uint8Array): Promise<Uint8Array> {
    await Bun.sleep(logDelayMs);
    return (await wholeLineOf(this.#read(lookedAtRecords), stream, end)) ?? end;
  }

  /** Reads the log on; returns how many records came. */
  async *#readOn(): AsyncGenerator<OutputChunk | OutputGap, number> {
    let records = 0;
    for await (const record of this.#cursor.poll()) {
      if (record === "rotated") {
        yield* this.#leap();
        continue;
      }
      records++;
      const { stream, seconds, nanos } = record;
      if (this.#joining[stream].isJoined) continue;
      if (this.#cut?.isBefore(record)) yield* this.#tellOfCut();
      const line = this.#lines[stream].add(record.bytes);
      if (line === undefined) continue;
      this.#cut?.hasLine(stream);
      this.#joining[stream].addLogged(line);
      const stamp = seconds === undefined || nanos === undefined ? stampNow() : { seconds, nanos };
      yield { stream, bytes: line, stamp };
    }
    return records;
  }

  /** Lines have gone before they could be read. What an attach has by now goes on behind them. */
  *#leap(): Generator<OutputChunk | OutputGap> {
    const open = streams.filter((stream) => !this.#joining[stream].isJoined);
    if (open.length === 0) return;
    yield { missing: { reason: "the engine's log rotated faster than it could be read" } };
    for (const stream of open) {
      this.#lines[stream] = new WholeLines();
      const { rest } = this.#joining[stream].join({ settledMs: 0, quiet: false, must: true }) ?? {};
      if (rest !== undefined && rest.length > 0) yield { stream, bytes: rest };
    }
  }

  #read(tail: number | undefined): AsyncGenerator<LogRecord> {
    const query = { follow: false, ...(tail !== undefined && { tail }) };
    return readLogs(this.#container, this.#info.Config.Tty, query, this.#signal);
  }

  get #held(): number {
    return this.#joining.stdout.bytes + this.#joining.stderr.bytes;
  }

  async #untilDown(): Promise<void> {
    const deadline = performance.now() + endMs;
    while (!this.#signal.aborted && performance.now() < deadline && (await this.#isRunning())) {
      await Bun.sleep(pollMs);
    }
  }
}

/** Whether an engine's failure means that the log driver of the container keeps nothing to be read. */
function isUnreadable(thrown: unknown): boolean {
  return statusOf(thrown) !== undefined && /does not support reading/.test(engineMessage(thrown));
}
