// The state of one run of an adopted container while it is read: its record, its end once that is known, and where the
// reading of it stopped, which is where the next run of the container begins. Who hears of the end (adopter.ts) and who
// reads the lines (adopted-run.ts) meet here.
import type { Stamp } from "../../base/stamp.ts";
import type { LogPlace } from "../../engine/sources/engine-log.ts";
import type { RunSpan, RunStart } from "../../engine/sources/run-reader.ts";
import type { TaskRecord, TaskRecords } from "../tasks/task-records.ts";
import type { Adoption, RunEnd } from "./adoption.ts";

export type AdoptedRecord = TaskRecord & { adopted: Adoption };

export class AdoptedRunState implements RunSpan {
  readonly record: AdoptedRecord;
  /** The engine told of a process of it that was killed for its memory. */
  isOomKilled = false;
  /** The place behind the last record that was taken; undefined before the first. */
  place: LogPlace | undefined;
  readonly #ended = Promise.withResolvers<RunEnd>();
  readonly #ending = new AbortController();

  constructor(record: AdoptedRecord) {
    this.record = record;
    if (record.adopted.end !== undefined) this.#tell(record.adopted.end);
  }

  /** The place where its lines begin. */
  get from(): RunStart {
    return this.record.adopted.from;
  }

  get until(): Stamp | undefined {
    return this.record.adopted.end?.until;
  }

  /** Aborts when the end is known. */
  get ending(): AbortSignal {
    return this.#ending.signal;
  }

  get ended(): Promise<RunEnd> {
    return this.#ended.promise;
  }

  get hasEnded(): boolean {
    return this.#ending.signal.aborted;
  }

  /** The first end that is told counts. */
  end(end: RunEnd, records: TaskRecords): void {
    if (this.hasEnded) return;
    this.record.adopted.end = end;
    records.save(this.record);
    this.#tell(end);
  }

  #tell(end: RunEnd): void {
    this.#ended.resolve(end);
    this.#ending.abort();
  }
}
