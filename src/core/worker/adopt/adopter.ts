// Finds the containers that a worker adopts (`--adopt`), and tells where each of their runs begins and
// ends: from the engine's events where they are to be had (event-listener.ts), else from what the containers say of
// themselves. Each of the two may come twice, and tells the same the second time.
//
// Deliberately absent: anything that changes a container. Lines are read elsewhere (adopted-run.ts).

import { stampNow } from "../../base/clock.ts";
import type { Logger } from "../../base/logger.ts";
import { addMs, formatStamp, isLater, middleOf, parseStamp, type Stamp, toMs } from "../../base/stamp.ts";
import type { Engine } from "../../engine/client/engine.ts";
import {
  type ContainerFacts,
  inspectContainer,
  listContainers,
} from "../../engine/containers/container-facts.ts";
import type { EngineEvent } from "../../engine/containers/engine-events.ts";
import { signalOf } from "../../engine/containers/run-result.ts";
import type { RunStart } from "../../engine/sources/run-reader.ts";
import type { TaskExecutor } from "../tasks/task-executor.ts";
import type { TaskRecords } from "../tasks/task-records.ts";
import type { AdoptRules } from "./adopt-rules.ts";
import { fromEvent, type KnownContainer, toRecord, unknownEnd } from "./adopted-records.ts";
import { AdoptedRunSource } from "./adopted-run-source.ts";
import { type AdoptedRecord, AdoptedRunState } from "./adopted-run-state.ts";
import type { RunEnd } from "./adoption.ts";
import { containerTitle } from "./container-title.ts";
import { EarlyLogs } from "./early-logs.ts";
import { EventListener } from "./event-listener.ts";
import { byStart, isAdopted, KnownRuns } from "./known-runs.ts";
import { RunQueue } from "./run-queue.ts";
import { Watch } from "./watch.ts";

/** A run whose end was not seen: its last lines may come this long after its last process ended, in ms. */
const endLinesMs = 100;

export interface AdopterParts {
  engine: Engine;
  /** It is undefined when no container is adopted; what was adopted before is given up. */
  rules: AdoptRules | undefined;
  records: TaskRecords;
  executor: TaskExecutor;
  /** The container that this process is in; it is never adopted. */
  ownContainerId: string | undefined;
  logger: Logger;
}

const unseenReason = "nobody listened to the engine when";

export class Adopter {
  readonly #parts: AdopterParts;
  readonly #closing = new AbortController();
  readonly #queue: RunQueue;
  readonly #known: KnownRuns;
  readonly #early: EarlyLogs;
  readonly #listener: EventListener;
  #listening: Promise<void> = Promise.resolve();

  constructor(parts: AdopterParts) {
    const { engine, records, executor } = parts;
    this.#parts = parts;
    const watch = new Watch();
    this.#early = new EarlyLogs(engine);
    const source = new AdoptedRunSource(engine, records, watch, this.#early);
    this.#queue = new RunQueue({ records, executor, source, signal: this.#closing.signal });
    this.#known = new KnownRuns(records.all());
    this.#listener = new EventListener({
      ...parts,
      watch,
      hear: (event) => this.#hear(event),
      lookAtAll: (heard) => this.#lookAtAll(heard),
      signal: this.#closing.signal,
    });
  }

  /** Takes up again what was adopted, and begins to listen. */
  start(): void {
    const open = this.#parts.records.open().filter(isAdopted);
    for (const record of open.sort(byStart)) this.#resume(record);
    if (this.#parts.rules !== undefined) this.#listening = this.#listener.listen();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#listening;
    this.#early.close();
  }

  /** Takes up a run that this worker was reading when it ended. */
  #resume(record: AdoptedRecord): void {
    const { logger, records } = this.#parts;
    const run = new AdoptedRunState(record);
    this.#known.add(record);
    if (this.#isWanted(record.adopted.containerId, record.adopted.container, record.spec.labels)) {
      logger.info(`adopted ${record.spec.name} (${record.taskId}) again`);
    } else {
      const message = "this worker does not adopt its container any more (--adopt), which was left as it is";
      run.end({ result: unknownEnd(record.startedMs, 0, message), isLeft: true }, records);
    }
    this.#queue.add(run);
  }

  async #hear(event: EngineEvent): Promise<void> {
    const { engine, records } = this.#parts;
    const { action, containerId, at } = event;
    const open = this.#queue.open(containerId);
    switch (action) {
      case "create":
        if (this.#isWanted(containerId, event.attributes["name"] ?? "", event.attributes)) {
          this.#early.hold(containerId);
        }
        return;
      case "start":
        return await this.#begin(event);
      case "oom":
        if (open !== undefined) open.isOomKilled = true;
        return;
      case "die":
        // At once, not after a question to the engine: the next run may be about to print.
        if (open !== undefined && this.#known.at(containerId, at) === open.record) {
          open.end({ until: at, result: resultOf(event, open.record.startedMs) }, records);
        }
        return;
      case "destroy":
        this.#removed(containerId, at);
        return;
      case "rename": {
        const facts = await inspectContainer(engine, containerId);
        if (facts !== undefined) this.#look(facts, undefined);
      }
    }
  }

  async #begin(event: EngineEvent): Promise<void> {
    const { containerId, at, attributes } = event;
    if (this.#known.at(containerId, at) !== undefined) return;
    const facts = await inspectContainer(this.#parts.engine, containerId);
    const container = facts ?? fromEvent(event);
    if (!this.#isWanted(containerId, attributes["name"] ?? container.name, container.labels)) return;
    const open = this.#queue.open(containerId);
    const before = this.#known.lastEnd(containerId);
    const told = parseStamp(facts?.startedAt ?? "");
    // The container's start may be that of a later run by now.
    const isThis =
      told !== undefined && !isLater(told, at) && (before === undefined || isLater(told, before));
    if (isThis && this.#known.began(containerId, facts?.startedAt ?? "") !== undefined) return;
    const stamp = isThis ? told : at;
    const split = open === undefined ? before : this.#endUnseen(open, stamp, undefined);
    const finished = isThis && facts?.running ? facts.finished : undefined;
    const after = split ?? (finished && middleOf(finished, stamp));
    this.#add(
      container,
      { text: isThis ? (facts?.startedAt ?? "") : formatStamp(at.seconds, at.nanos), stamp },
      { after },
    );
  }

  /** `heard`: what happened later than that was missed; undefined: nothing was, or nobody has looked before. */
  async #lookAtAll(heard: Stamp | undefined): Promise<void> {
    const { engine } = this.#parts;
    await this.#early.prepare();
    const listed = await listContainers(engine);
    const ids = new Set(listed.map(({ id }) => id));
    for (const run of this.#queue.allOpen()) {
      const { containerId } = run.record.adopted;
      if (!ids.has(containerId)) this.#removed(containerId, stampNow());
    }
    for (const { id, name, labels } of listed) {
      if (!this.#isWanted(id, name, labels) && this.#queue.open(id) === undefined) continue;
      const facts = await inspectContainer(engine, id);
      if (facts !== undefined) this.#look(facts, heard);
    }
  }

  /** Takes in what a container says of itself, beside all events. */
  #look(facts: ContainerFacts, heard: Stamp | undefined): void {
    const { records } = this.#parts;
    const { id, startedAt, running, finished, result } = facts;
    const stamp = parseStamp(startedAt);
    if (stamp === undefined) return; // created, and never started
    const open = this.#queue.open(id);
    if (open?.record.adopted.began === startedAt) {
      if (!running) open.end(endOf(facts), records);
      return;
    }
    const split = open && this.#endUnseen(open, stamp, finished);
    const known = this.#known.began(id, startedAt);
    if (known !== undefined) {
      if (known.completion !== undefined && known.adopted.end?.isLeft) this.#takeUp(known);
      return;
    }
    if (!this.#isWanted(id, facts.name, facts.labels)) return;
    // Runs that ended before adoption began are left alone; runs that ended since then are not.
    if (!running && (heard === undefined || finished === undefined || !isLater(finished, heard))) return;
    const gap = running ? finished && middleOf(finished, stamp) : addMs(stamp, -endLinesMs);
    const run = this.#add(facts, { text: startedAt, stamp }, { after: split ?? gap });
    if (!running) run.end({ ...endOf(facts), result }, records);
  }

  /** The end of a run that a later start tells of. Gives the time that splits their lines. */
  #endUnseen(open: AdoptedRunState, began: Stamp, finished: Stamp | undefined): Stamp {
    const { records, logger } = this.#parts;
    const { startedMs, spec } = open.record;
    const until = finished === undefined ? addMs(began, -endLinesMs) : middleOf(finished, began);
    const message = `${unseenReason} it ended and was started again: how it ended is not known, and where its lines end was told by time`;
    logger.warn(`${spec.name} was started again while the engine's events were not received`);
    open.end({ until, result: unknownEnd(startedMs, toMs(finished ?? until), message) }, records);
    return until;
  }

  #removed(containerId: string, at: Stamp): void {
    const open = this.#queue.open(containerId);
    if (open !== undefined) {
      const message = `${unseenReason} it ended and its container was removed: how it ended is not known`;
      open.end({ result: unknownEnd(open.record.startedMs, toMs(at), message) }, this.#parts.records);
    }
    this.#queue.forget(containerId);
    // Files that are held for a run that is being read stay.
    if (!this.#known.has(containerId)) this.#early.release(containerId);
  }

  #add(container: KnownContainer, began: { text: string; stamp: Stamp }, from: RunStart): AdoptedRunState {
    const { records, logger } = this.#parts;
    const record = toRecord(records.workerId, container, began, from);
    const run = new AdoptedRunState(record);
    logger.info(`adopted ${record.spec.name} (${record.taskId})`);
    this.#known.add(record);
    this.#queue.add(run);
    return run;
  }

  /** A run that was given up for want of a rule, and is wanted again: its log goes on. */
  #takeUp(record: AdoptedRecord): void {
    const { adopted, completion: _, ...rest } = record;
    const again: AdoptedRecord = {
      ...rest,
      status: "pending",
      sealed: false,
      adopted: { ...adopted, end: undefined },
    };
    this.#known.add(again);
    this.#queue.add(new AdoptedRunState(again));
  }

  #isWanted(id: string, container: string, labels: Record<string, string>): boolean {
    const { rules, ownContainerId } = this.#parts;
    if (rules === undefined || id === ownContainerId) return false;
    return rules({ container, title: containerTitle(container, labels), labels });
  }
}

function endOf({ finished, result }: ContainerFacts): RunEnd {
  return { ...(finished && { until: addMs(finished, endLinesMs) }), result };
}

function resultOf({ at, attributes }: EngineEvent, startedMs: number): RunEnd["result"] {
  const exitCode = Number(attributes["exitCode"] ?? Number.NaN);
  if (!Number.isInteger(exitCode))
    return unknownEnd(startedMs, toMs(at), "the engine did not tell how it ended");
  return { exitCode, signal: signalOf(exitCode), oomKilled: false, startedMs, finishedMs: toMs(at) };
}
