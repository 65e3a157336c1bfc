// The logs in a worker's data folder, looked at from outside: for `tasklog store`. Changes nothing. Where no worker runs
// the folder is held meanwhile, so that none starts; where one runs, its logs may grow, be sealed and be removed
// while they are looked at, and whoever asks is told.

import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { lockDataDir } from "../../base/data-lock.ts";
import { TasklogError } from "../../base/errors.ts";
import { bytesIn } from "../../base/folder-size.ts";
import { sleep } from "../../base/wait.ts";
import type { Completion } from "../../log/log-item.ts";
import { listSegmentFiles } from "../../log/segments/segment-files.ts";
import { type VerifyReport, verifyLog } from "../../log/segments/verify.ts";
import { damagedRecords, readCompletion } from "../tasks/task-records.ts";
import { logsFolder } from "./task-logs.ts";

/** A log that changes under the check is checked again, so often in all, and after this time: sealing takes a while, in ms. */
const triesMax = 10;
const againMs = 250;

export interface StoredLog {
  readonly taskId: string;
  readonly dir: string;
}

export interface LogSize {
  readonly taskId: string;
  readonly segments: number;
  /** The number of these that are compressed. */
  readonly sealed: number;
  /** The size on disk in bytes, indexes included. */
  readonly bytes: number;
}

export interface StoredLogs extends AsyncDisposable {
  /** The worker's folder: the one given, or `worker` in it. */
  readonly dataDir: string;
  /** A worker runs on it, or the folder cannot be held. */
  readonly isInUse: boolean;
  readonly logs: readonly StoredLog[];
  /** Rows of the worker's tasks that cannot be understood, a sentence each. */
  readonly damage: readonly string[];
}

/** Throws TasklogError "not_found" for a folder that holds no logs. */
export async function openStoredLogs(folder: string): Promise<StoredLogs> {
  for (const dataDir of [folder, join(folder, "worker")]) {
    const names = await readdir(join(dataDir, logsFolder)).catch(() => undefined);
    if (names === undefined) continue;
    const isNew = !existsSync(join(dataDir, "lock"));
    const lock = isNew ? undefined : await lockDataDir(dataDir, "worker").catch(() => undefined);
    return {
      dataDir,
      isInUse: !isNew && lock === undefined,
      logs: names.sort().map((taskId) => ({ taskId, dir: join(dataDir, logsFolder, taskId) })),
      damage: damagedRecords(dataDir),
      [Symbol.asyncDispose]: async () => await lock?.[Symbol.asyncDispose](),
    };
  }
  throw new TasklogError(
    "not_found",
    `there are no logs in ${folder}: name the data folder of a worker with --data-dir`,
  );
}

/**
 * Checks a log against itself and, where its task is done, against what the worker noted then. What looks wrong while a
 * worker runs is looked at again before it is believed.
 */
export async function verifyStored(stored: StoredLogs, { dir, taskId }: StoredLog): Promise<VerifyReport> {
  for (let tries = 1; ; tries++) {
    const completion = readCompletion(stored.dataDir, taskId);
    const report = await verifyLog(dir);
    if (completion !== undefined && report.problems.length === 0) compare(report, completion);
    if (report.problems.length === 0 || !stored.isInUse || tries === triesMax) return report;
    await sleep(againMs);
  }
}

function compare(report: VerifyReport, { lastSeq, checksum }: Completion): void {
  const found = report.nextSeq - 1;
  let message: string | undefined;
  if (found !== lastSeq) message = `the log ends with line ${found}, its task ended with line ${lastSeq}`;
  else if (checksum !== "" && checksum !== report.checksum)
    message = `the lines give ${report.checksum}, its task ended with ${checksum}`;
  if (message !== undefined) report.problems.push({ file: "", message });
}

export async function sizeOf({ taskId, dir }: StoredLog): Promise<LogSize> {
  const files = await listSegmentFiles(dir);
  const sealed = files.filter((file) => file.sealed).length;
  return { taskId, segments: files.length, sealed, bytes: await bytesIn(dir) };
}
