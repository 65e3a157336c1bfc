// All that a worker says of itself and of its tasks, checked where it comes in: a worker is another machine, perhaps of
// another version, perhaps not one of ours. Numbers and times that cannot be become 0, which means "not known"; texts are
// made printable and short. What has no meaning at all (a status that there is not, a task that has ended and does not say
// how) is refused with a sentence. Behind this file nobody checks again.
import { TasklogError } from "../base/errors.ts";
import { specBytesMax, timeMsMax } from "../base/limits.ts";
import { isFinal, type LogItem, type TaskStatus, taskStatuses } from "../log/log-item.ts";
import type { Completion } from "./gen/tasklog/v1/log.ts";
import { type Adopted, TaskSpec, type WorkerInfo } from "./gen/tasklog/v1/task.ts";
import type { TaskReport } from "./gen/tasklog/v1/worker.ts";

/** The limits of what a worker may report: a sentence (characters), a name (characters), entries of a list. */
const wordsTextMax = 4096;
const wordsNameMax = 255;
const wordsItemsMax = 256;

const statuses: ReadonlySet<string> = new Set(taskStatuses);

export function isStatus(status: string): status is TaskStatus {
  return statuses.has(status);
}

/** @throws TasklogError "invalid" */
export function checkedWorker(worker: WorkerInfo): WorkerInfo {
  const { id, name } = worker;
  if (!/^[\w.-]{1,200}$/.test(id)) throw refused(`the worker's id ${quoted(id)} cannot be used`);
  // The host's name by default, so nearly anything.
  if (name === "" || name.length > wordsNameMax || printable(name) !== name) {
    throw refused(`the worker's name ${quoted(name)} cannot be used; start it with another --name`);
  }
  return {
    ...worker,
    labels: textMap(worker.labels),
    runtimes: worker.runtimes.slice(0, wordsItemsMax).map(shortText),
    version: shortText(worker.version),
    engine: shortText(worker.engine),
    hostId: shortText(worker.hostId),
    connectedMs: checkedMs(worker.connectedMs),
    lastSeenMs: checkedMs(worker.lastSeenMs),
  };
}

/** @throws TasklogError "invalid": the task is left as it is known. */
export function checkedReport(report: TaskReport): TaskReport {
  const { taskId, snapshotEnd } = report;
  if (snapshotEnd) return report;
  if (!/^[\w.-]{1,100}$/.test(taskId)) throw refused(`${quoted(taskId)} is no id of a task`);
  const completion = report.completion && checkedCompletion(report.completion);
  const status = completion?.status ?? report.status;
  if (!isStatus(status)) throw refused(`${taskId} has the status ${quoted(status)}, which there is not`);
  if (isFinal(status) && completion === undefined) {
    throw refused(`${taskId} is said to be ${status} without how it ended`);
  }
  return {
    ...report,
    status,
    completion,
    progress: report.progress && { ...report.progress, message: shortText(report.progress.message) },
    detail: shortText(report.detail),
    containerId: shortText(report.containerId),
    startedMs: checkedMs(report.startedMs),
    createdMs: checkedMs(report.createdMs),
    diskHeldMs: checkedCount(report.diskHeldMs),
    adopted: report.adopted && checkedAdopted(report.adopted),
    spec: report.spec && adoptedSpec(report.spec),
  };
}

/** @throws TasklogError "invalid" */
export function checkedCompletion(completion: Completion): Completion {
  const { status, exitCode } = completion;
  if (!isStatus(status) || !isFinal(status)) throw refused(`no task ends with the status ${quoted(status)}`);
  return {
    ...completion,
    exitCode: exitCode === undefined || !Number.isInteger(exitCode) ? undefined : exitCode,
    signal: shortText(completion.signal),
    reason: shortText(completion.reason),
    message: shortText(completion.message),
    checksum: shortText(completion.checksum),
    lastSeq: checkedCount(completion.lastSeq),
    lines: checkedCount(completion.lines),
    bytes: checkedCount(completion.bytes),
    startedMs: checkedMs(completion.startedMs),
    finishedMs: checkedMs(completion.finishedMs),
  };
}

/** @throws TasklogError "invalid" */
export function checkedItem(item: LogItem): LogItem {
  switch (item.kind) {
    case "complete":
      return { ...item, completion: checkedCompletion(item.completion as Completion) };
    case "status":
      if (!isStatus(item.status))
        throw refused(`a log tells the status ${quoted(item.status)}, which there is not`);
      return { ...item, detail: shortText(item.detail) };
    case "gap":
      if (item.fromSeq < 1 || item.toSeq < item.fromSeq) {
        throw refused(`a log tells a gap from line ${item.fromSeq} to ${item.toSeq}`);
      }
      return { ...item, reason: shortText(item.reason) };
    case "start":
      if (item.firstSeq < 1 || item.nextSeq < 1) throw refused("a log begins before its first line");
      return { ...item, epoch: shortText(item.epoch) };
    case "batch":
      if (item.batch.firstSeq < 1) throw refused("a log has a line before its first one");
      return item;
    case "partial":
      return item;
  }
}

function checkedAdopted({ container, source, limits }: Adopted): Adopted {
  return {
    container: nameText(container),
    source: shortText(source),
    limits: limits.slice(0, wordsItemsMax).map(shortText),
  };
}

/**
 * Cuts the specification of an adopted task to our rules instead of refusing it: its container was not made by them.
 */
function adoptedSpec(spec: TaskSpec): TaskSpec {
  const named = { ...spec, name: nameText(spec.name), image: shortText(spec.image) };
  if (Buffer.byteLength(JSON.stringify(named)) <= specBytesMax) return named;
  const { name, image, tty, keep } = named;
  const command = spec.command.slice(0, wordsItemsMax).map(shortText);
  return TaskSpec.fromPartial({ name, image, tty, keep, command });
}

/** Milliseconds of the Unix epoch; 0 for what is no moment that can be written (RFC 3339 has four digits for the year). */
export function checkedMs(ms: number): number {
  return Number.isSafeInteger(ms) && ms > 0 && ms <= timeMsMax ? ms : 0;
}

function checkedCount(count: number): number {
  return Number.isSafeInteger(count) && count > 0 ? count : 0;
}

/** Makes a valid container name; characters that are not allowed become `_`. */
function nameText(text: string): string {
  return text.slice(0, wordsNameMax).replace(/[^\w./@:+-]/g, "_");
}

function textMap(map: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(map).slice(0, wordsItemsMax);
  return Object.fromEntries(entries.map(([key, value]) => [shortText(key), shortText(value)]));
}

function shortText(text: string): string {
  return printable(text.length > wordsTextMax ? `${text.slice(0, wordsTextMax)}…` : text);
}

/** Control characters would reach terminals, headers and logs. */
function printable(text: string): string {
  return text.replace(/[\x00-\x1f\x7f-\x9f\u2028\u2029]/g, " ");
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}

function refused(message: string): TasklogError {
  return new TasklogError("invalid", message);
}
