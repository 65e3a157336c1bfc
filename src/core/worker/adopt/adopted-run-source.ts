// Reads the runs of adopted containers. adopter.ts finds out where a run begins and ends and adds it here; an
// execution then opens it and reads it as it reads every task. Deliberately absent: starting, stopping and removing.
import { TasklogError } from "../../base/errors.ts";
import type { Engine } from "../../engine/client/engine.ts";
import { fromEngine, statusOf } from "../../engine/client/engine-errors.ts";
import type { Taken } from "../../engine/output.ts";
import type { EngineLog } from "../../engine/sources/engine-log.ts";
import { openEngineLog } from "../../engine/sources/open-engine-log.ts";
import { ReadingPlaces } from "../../engine/sources/reading-places.ts";
import type { Run, RunSource } from "../runtimes/runtime.ts";
import type { TaskRecords } from "../tasks/task-records.ts";
import { AdoptedRun, containerRemovedReason } from "./adopted-run.ts";
import type { AdoptedRunState } from "./adopted-run-state.ts";
import type { EarlyLogs } from "./early-logs.ts";
import type { Watch } from "./watch.ts";

const notWantedHandle = "";

export class AdoptedRunSource implements RunSource {
  readonly #engine: Engine;
  readonly #records: TaskRecords;
  readonly #watch: Watch;
  readonly #early: EarlyLogs;
  /** The runs by their handles. */
  readonly #runs = new Map<string, AdoptedRunState>();

  constructor(engine: Engine, records: TaskRecords, watch: Watch, early: EarlyLogs) {
    this.#engine = engine;
    this.#records = records;
    this.#watch = watch;
    this.#early = early;
  }

  add(run: AdoptedRunState): void {
    this.#runs.set(run.record.handle, run);
  }

  delete(run: AdoptedRunState): void {
    this.#runs.delete(run.record.handle);
    this.#early.release(run.record.adopted.containerId);
  }

  async reopen(handle: string, taken: Taken): Promise<Run> {
    const run = this.#runs.get(handle);
    if (run === undefined) throw new TasklogError("internal", `${handle} is not adopted`);
    const { adopted, taskId } = run.record;
    const log = adopted.end?.isLeft ? notWantedHandle : await this.#open(adopted.containerId);
    if (typeof log !== "string") {
      adopted.source = log.kind;
      adopted.limits = log.limits === "" ? [] : [log.limits];
    }
    const places = new ReadingPlaces(this.#records, taskId);
    return new AdoptedRun({ engine: this.#engine, run, log, watch: this.#watch, places, taken });
  }

  /** Or why there is none, as a clause. */
  async #open(containerId: string): Promise<EngineLog | string> {
    const short = containerId.slice(0, 12);
    try {
      const info = await this.#engine.docker.getContainer(containerId).inspect();
      return await openEngineLog(this.#engine, info, (path) => this.#early.take(containerId, path));
    } catch (thrown) {
      if (statusOf(thrown) === 404) return containerRemovedReason;
      if (thrown instanceof TasklogError && thrown.code === "invalid") return thrown.message;
      throw fromEngine(this.#engine.address, `container ${short} cannot be read`, thrown);
    }
  }
}
