// Which runs of which containers this worker has had, so that a run that is told of twice, by an event and by the list or
// after a restart, is one task.

import { compareStamps, isLater, parseStamp, type Stamp } from "../../base/stamp.ts";
import type { TaskRecord } from "../tasks/task-records.ts";
import type { AdoptedRecord } from "./adopted-run-state.ts";

export class KnownRuns {
  readonly #byContainer = new Map<string, AdoptedRecord[]>();

  constructor(records: readonly TaskRecord[]) {
    for (const record of records) if (isAdopted(record)) this.add(record);
  }

  /** Adds a record; later changes of the record are seen here. */
  add(record: AdoptedRecord): void {
    const { containerId } = record.adopted;
    const others = (this.#byContainer.get(containerId) ?? []).filter(
      ({ taskId }) => taskId !== record.taskId,
    );
    this.#byContainer.set(containerId, [...others, record].sort(byStart));
  }

  has(containerId: string): boolean {
    return this.#byContainer.has(containerId);
  }

  began(containerId: string, text: string): AdoptedRecord | undefined {
    return this.#of(containerId).find(({ adopted }) => adopted.began === text);
  }

  /** The run that went on at this time, as far as its two ends are known. */
  at(containerId: string, stamp: Stamp): AdoptedRecord | undefined {
    return this.#of(containerId).findLast(({ adopted: { began, end } }) => {
      if (isLater(beginOf(began), stamp)) return false;
      return end === undefined || (end.until !== undefined && isLater(end.until, stamp));
    });
  }

  /** The end of the last run, where it is known. */
  lastEnd(containerId: string): Stamp | undefined {
    return this.#of(containerId).at(-1)?.adopted.end?.until;
  }

  #of(containerId: string): AdoptedRecord[] {
    return this.#byContainer.get(containerId) ?? [];
  }
}

export function isAdopted(record: TaskRecord): record is AdoptedRecord {
  return record.adopted !== undefined;
}

/** Compares by the order in which the runs started. */
export function byStart(a: AdoptedRecord, b: AdoptedRecord): number {
  return compareStamps(beginOf(a.adopted.began), beginOf(b.adopted.began));
}

function beginOf(text: string): Stamp {
  return parseStamp(text) ?? { seconds: 0, nanos: 0 };
}
