// The output of a container that runs already, behind the lines that were taken of it: exact where the engine still has
// the lines, and a gap in its place where it has not.
//
//   1. The place is found in the engine's log (find-position.ts), and the log is read to its end from there.
//   2. If the container runs, it is attached to: from then on nothing can rotate away. Log and attach are read side by
//      side until each stream can be left to the attach alone (attached-output.ts).
//
// The log is never followed: its follower leaves lines out when the file rotates under a burst, and does not say so.

import type { Container, ContainerInspectInfo } from "dockerode";
import { sleep } from "../../base/wait.ts";
import { engineMessage, statusOf } from "../client/engine-errors.ts";
import { attachOutput } from "../containers/attach-output.ts";
import { untilDown, untilRunning } from "../containers/container-state.ts";
import type { LogFiles } from "../files/log-files.ts";
import type { OutputChunk, OutputGap, Taken } from "../output.ts";
import type { LogRecord } from "../records/log-record.ts";
import { readLogs } from "../sources/container-logs.ts";
import { AttachedOutput } from "./attached-output.ts";
import { type Cut, EngineCut } from "./engine-cut.ts";
import { engineMemory } from "./engine-memory.ts";
import { type FoundPosition, findPosition, unloggedReason } from "./find-position.ts";
import { LogCursor } from "./log-cursor.ts";
import { LogLines, rotatedTooFastReason } from "./log-lines.ts";

/** What the log may lag behind what was taken, in ms, before that counts as lost; shorter where its engine ended meanwhile. */
const behindMs = 10_000;
const behindCutMs = 1000;
const behindPollMs = 50;
/** With fewer records to be read than this an attach is made. */
const nearRecords = 1000;

export interface TakenBefore extends Taken {
  /** Where the output was broken off: the engine itself may have lost what it had read. */
  cut: Cut | undefined;
  /** Is called when more is known of the cut. */
  onLearned: (cut: Cut) => void;
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

  constructor(container: Container, info: ContainerInspectInfo, signal: AbortSignal) {
    this.#container = container;
    this.#info = info;
    this.#signal = signal;
  }

  async *output(taken: TakenBefore): AsyncGenerator<OutputChunk | OutputGap> {
    const { Type, Config } = this.#info.HostConfig.LogConfig ?? { Type: "", Config: {} };
    const files = { driver: Type, options: (Config ?? {}) as Record<string, string> };
    let found: FoundPosition;
    let cut: EngineCut | undefined;
    try {
      cut = await this.#cutOf(taken);
      found = await this.#find(taken, files, cut === undefined ? behindMs : behindCutMs);
    } catch (thrown) {
      if (!isUnreadable(thrown)) throw thrown;
      yield* this.#liveOnly();
      return;
    }
    if (this.#signal.aborted) return;
    if (found.gap === unloggedReason && cut !== undefined) cut.wasAhead();
    else if (found.gap !== undefined) yield { missing: { reason: found.gap } };
    yield* this.#behind(new LogLines(new LogCursor(this.#read, files, found.position, this.#signal), cut));
  }

  async *#behind(log: LogLines): AsyncGenerator<OutputChunk | OutputGap> {
    const startedAt = await untilRunning(this.#container, this.#signal);
    if (startedAt === undefined) return yield* this.#toItsEnd(log);
    yield* this.#catchUp(log);
    const attached = await this.#attach(log);
    if (attached !== undefined) yield* attached.output();
    await untilDown(this.#container, startedAt, this.#signal);
    if (!this.#signal.aborted) yield* attached?.end() ?? this.#toItsEnd(log);
  }

  /** The container is down, and the log has all of it. */
  async *#toItsEnd(log: LogLines): AsyncGenerator<OutputChunk | OutputGap> {
    yield* this.#readOn(log);
    if (this.#signal.aborted) return;
    yield* log.tellOfCut();
    yield* log.rests(() => true);
  }

  /** Where the engine keeps no log: what was printed meanwhile is gone. */
  async *#liveOnly(): AsyncGenerator<OutputChunk | OutputGap> {
    yield { missing: { reason: "the engine keeps no log of this container that can be read" } };
    if ((await untilRunning(this.#container, this.#signal)) === undefined) return;
    const chunks = await attachOutput(this.#container, this.#info.Config.Tty, this.#signal);
    if ((await untilRunning(this.#container, this.#signal)) !== undefined) yield* chunks;
  }

  async #cutOf(taken: TakenBefore): Promise<EngineCut | undefined> {
    const { cut } = taken;
    if (cut === undefined) return undefined;
    if (cut.memory === undefined) {
      cut.memory = await engineMemory(this.#container);
      taken.onLearned(cut);
    }
    return EngineCut.behind(cut, cut.memory, !this.#info.State.Running, taken.unfinished);
  }

  /** The place in the log; of one that is only late, when it has come so far. */
  async #find(taken: TakenBefore, files: LogFiles, waitMs: number): Promise<FoundPosition> {
    const deadline = performance.now() + waitMs;
    for (;;) {
      const found = await findPosition(this.#read, taken, files);
      const isLate = found.isBehind && this.#info.State.Running && performance.now() < deadline;
      if (!isLate || this.#signal.aborted) return found;
      await sleep(behindPollMs);
    }
  }

  /** A reader who is far behind does not hold up the task meanwhile; one who cannot get nearer has to. */
  async *#catchUp(log: LogLines): AsyncGenerator<OutputChunk | OutputGap> {
    for (let before = Infinity; !this.#signal.aborted; ) {
      const { records } = log;
      yield* this.#readOn(log);
      const read = log.records - records;
      if (read < nearRecords || read > before / 2) return;
      before = read;
    }
  }

  async *#readOn(log: LogLines): AsyncGenerator<OutputChunk | OutputGap> {
    for await (const item of log.readOn(() => true)) {
      yield item === "rotated" ? { missing: { reason: rotatedTooFastReason } } : item;
    }
  }

  /** To a container that ended meanwhile one can be attached, for ever: then undefined. */
  async #attach(log: LogLines): Promise<AttachedOutput | undefined> {
    if (this.#signal.aborted) return undefined;
    const chunks = await attachOutput(this.#container, this.#info.Config.Tty, this.#signal);
    const attached = new AttachedOutput(chunks, log, this.#read, this.#signal);
    return (await untilRunning(this.#container, this.#signal)) === undefined ? undefined : attached;
  }

  /** The newest records of the log, or all. */
  readonly #read = (tail: number | undefined): AsyncGenerator<LogRecord> => {
    const query = { follow: false, ...(tail !== undefined && { tail }) };
    return readLogs(this.#container, this.#info.Config.Tty, query, this.#signal);
  };
}

/** Whether an engine's failure means that the log driver of the container keeps nothing to be read. */
function isUnreadable(thrown: unknown): boolean {
  return statusOf(thrown) !== undefined && /does not support reading/.test(engineMessage(thrown));
}
