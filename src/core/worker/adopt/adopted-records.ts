// A run of an adopted container as the record of a task. What it is comes from the engine; values of the environment do
// not come at all.

import { type Stamp, toMs } from "../../base/stamp.ts";
import type { ContainerFacts } from "../../engine/containers/container-facts.ts";
import type { EngineEvent } from "../../engine/containers/engine-events.ts";
import type { RunResult } from "../../engine/output.ts";
import type { RunStart } from "../../engine/sources/run-reader.ts";
import { TaskSpec } from "../../rpc/gen/tasklog/v1/task.ts";
import type { AdoptedRecord } from "./adopted-run-state.ts";
import { adoptedTaskId } from "./adoption.ts";
import { containerTitle } from "./container-title.ts";

/** The identity of a run: from the container, or if that is gone already, from the event of its start. */
export type KnownContainer = Pick<
  ContainerFacts,
  "id" | "name" | "image" | "entrypoint" | "command" | "tty" | "labels"
>;

export function fromEvent({ containerId, attributes }: EngineEvent): KnownContainer {
  const { image = "", name = "", ...labels } = attributes;
  return { id: containerId, name, image, entrypoint: [], command: [], tty: false, labels };
}

/** `began`: RFC 3339 with nanoseconds; with the container it names the run. */
export function toRecord(
  workerId: string,
  container: KnownContainer,
  began: { text: string; stamp: Stamp },
  from: RunStart,
): AdoptedRecord {
  const { id, name, image, entrypoint, command, tty, labels } = container;
  return {
    taskId: adoptedTaskId(workerId, id, began.text),
    spec: TaskSpec.fromPartial({
      name: containerTitle(name, labels),
      image,
      entrypoint,
      command,
      labels,
      tty,
      keep: true,
    }),
    userId: "",
    runtime: "adopted",
    status: "pending",
    handle: `${id}@${began.text}`,
    startedMs: toMs(began.stamp),
    stopRequested: false,
    adopted: { containerId: id, container: name, began: began.text, from, source: "", limits: [] },
  };
}

/** Makes the end of a run that nobody saw end. */
export function unknownEnd(startedMs: number, finishedMs: number, message: string): RunResult {
  return { exitCode: undefined, signal: "", oomKilled: false, startedMs, finishedMs, message };
}
