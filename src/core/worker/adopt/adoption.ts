// The record that a worker keeps of an adopted run: which container it is of, and between which places of the
// engine's log its lines are. Plain data, part of the task's record; who decides is adopter.ts.
import { createHash } from "node:crypto";
import type { Stamp } from "../../base/stamp.ts";
import type { RunResult } from "../../engine/output.ts";
import type { RunStart } from "../../engine/sources/run-reader.ts";

export interface RunEnd {
  /** A line with a later stamp is of the next run; undefined: all lines that are there are of this one. */
  until?: Stamp | undefined;
  result: RunResult;
  /** True if the lines that were not read yet are to be left alone: nobody wants them any more. */
  isLeft?: boolean;
}

export interface Adoption {
  containerId: string;
  /** Its name on its engine. */
  container: string;
  /** The engine's time of its start, RFC 3339 with nanoseconds: with the container it names the run. */
  began: string;
  from: RunStart;
  /** The end, as soon as it is known; lines may still be read then. */
  end?: RunEnd | undefined;
  /** The source of its lines, and what that source cannot promise; empty until it is opened. */
  source: string;
  limits: readonly string[];
}

const base32Alphabet = "abcdefghijklmnopqrstuvwxyz234567";

/**
 * The same for the same run, also for a worker whose data folder was wiped. Another worker that adopts the same container
 * has another task: the lines of a task are on one worker.
 */
export function adoptedTaskId(workerId: string, containerId: string, began: string): string {
  const digest = createHash("sha256").update(`${workerId}\n${containerId}\n${began}`).digest();
  return `task-${Array.from(digest.subarray(0, 12), (byte) => base32Alphabet[byte % base32Alphabet.length]).join("")}`;
}
