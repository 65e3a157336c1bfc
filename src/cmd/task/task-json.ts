// A task and a worker as `--json` prints them: our words, RFC 3339 times, and nothing that is not known.
import { redactedUrl } from "../../core/base/webhook-url.ts";
import type { Task, WorkerInfo } from "../../core/rpc/gen/tasklog/v1/task.ts";

export function taskJson(task: Task): Record<string, unknown> {
  const { spec, completion } = task;
  return {
    id: task.id,
    name: spec?.name ?? "",
    status: task.status,
    detail: task.detail,
    user: task.userId,
    worker: task.workerName,
    workerId: task.workerId,
    container: task.containerId,
    image: spec?.image ?? "",
    command: spec?.command ?? [],
    labels: spec?.labels ?? {},
    cancelRequested: task.cancelRequested,
    adopted: task.adopted && {
      container: task.adopted.container,
      source: task.adopted.source,
      limits: task.adopted.limits,
    },
    created: time(task.createdMs),
    started: time(task.startedMs),
    finished: time(task.finishedMs),
    ...(completion && {
      exitCode: completion.exitCode,
      signal: completion.signal || undefined,
      reason: completion.reason || undefined,
      message: completion.message || undefined,
      lastSeq: completion.lastSeq,
      lines: completion.lines,
      bytes: completion.bytes,
      checksum: completion.checksum || undefined,
    }),
  };
}

/** With all that was asked for. Values of the environment may be secrets: only the names are shown. */
export function taskJsonInFull(task: Task): Record<string, unknown> {
  const { spec } = task;
  return {
    ...taskJson(task),
    spec: spec && {
      entrypoint: some(spec.entrypoint),
      env: spec.env.map((entry) => entry.split("=", 1)[0]),
      volumes: spec.volumes,
      workdir: spec.workdir || undefined,
      containerUser: spec.user || undefined,
      network: spec.network || undefined,
      cpus: spec.cpus || undefined,
      memoryBytes: spec.memoryBytes || undefined,
      gpus: spec.gpus || undefined,
      constraints: spec.constraints,
      timeoutMs: spec.timeoutMs || undefined,
      stopTimeoutMs: spec.stopTimeoutMs,
      pull: spec.pull || undefined,
      tty: spec.tty,
      keep: spec.keep,
      runtime: spec.runtime || undefined,
      // A URL's path is often its secret, too.
      webhooks: spec.webhooks.map(redactedUrl),
    },
  };
}

export function workerJson(worker: WorkerInfo): Record<string, unknown> {
  return {
    id: worker.id,
    name: worker.name,
    connected: worker.connected,
    labels: worker.labels,
    slots: worker.slots,
    running: worker.running,
    runtimes: worker.runtimes,
    engine: worker.engine || undefined,
    version: worker.version,
    connectedSince: time(worker.connectedMs),
    lastSeen: time(worker.lastSeenMs),
  };
}

function time(ms: number): string | undefined {
  return ms === 0 ? undefined : new Date(ms).toISOString();
}

function some(list: readonly string[]): readonly string[] | undefined {
  return list.length === 0 ? undefined : list;
}
