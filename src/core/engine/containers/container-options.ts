// A task's spec as the engine's create call wants it, with the meaning that the same flags have for `docker run`.
// It checks only what the engine would misunderstand; the rest the engine refuses in good words of its own.
import type { ContainerCreateOptions, DeviceRequest } from "dockerode";
import { TasklogError } from "../../base/errors.ts";
import { tasklogVersion } from "../../base/version.ts";

export const taskLabel = "dev.tasklog.task";
export const workerLabel = "dev.tasklog.worker";
const versionLabel = "dev.tasklog.version";
/** The label of the submitting user: a worker whose data folder was wiped needs it to take the container over. */
export const userLabel = "dev.tasklog.user";
export const specLabel = "dev.tasklog.spec";

/** The part of a task's specification that the engine has to know. */
export interface ContainerSpec {
  image: string;
  command: string[];
  /** An empty list stands for the image's own. */
  entrypoint: string[];
  /** KEY=VALUE. */
  env: string[];
  /** The volumes in the form of `docker run -v`. */
  volumes: string[];
  workdir: string;
  /** The user inside the container, as `docker run -u` takes it. */
  user: string;
  /** An empty name stands for the engine's default. */
  network: string;
  /** Cores; 0 is no limit. */
  cpus: number;
  /** 0 is no limit. */
  memoryBytes: number;
  /** The GPUs in the form of `docker run --gpus`; empty if none. */
  gpus: string;
  labels: Record<string, string>;
  /** The time between SIGTERM and SIGKILL, in ms. */
  stopTimeoutMs?: number | undefined;
  tty: boolean;
  /** The size of its terminal, in lines and characters; 0: the usual one. */
  terminalRows: number;
  terminalColumns: number;
}

/** The size of a terminal that nobody has said a size of. */
const usualRows = 24;
const usualColumns = 80;

/** The owner of a container, by which its worker finds it again: kept as labels on the container. */
export interface ContainerOwner {
  taskId: string;
  workerId: string;
  /** The user who submitted the task. */
  userId?: string | undefined;
  /** The task's specification as text, without secrets, for a worker whose data folder was wiped. */
  specText: string;
}

/** `logConfig`: how the engine keeps its log; absent: as for all containers. Throws "invalid". AutoRemove stays off: it would take the last lines of short tasks with it. */
export function toContainerOptions(
  spec: ContainerSpec,
  { taskId, workerId, userId = "", specText }: ContainerOwner,
  logConfig?: NonNullable<ContainerCreateOptions["HostConfig"]>["LogConfig"],
): ContainerCreateOptions {
  const binds = spec.volumes.filter((volume) => volume.includes(":"));
  const anonymous = spec.volumes.filter((volume) => !volume.includes(":"));
  return {
    name: taskId,
    Image: spec.image,
    ...(spec.command.length > 0 && { Cmd: spec.command }),
    ...(spec.entrypoint.length > 0 && { Entrypoint: spec.entrypoint }),
    Env: spec.env,
    WorkingDir: spec.workdir,
    User: spec.user,
    Tty: spec.tty,
    AttachStdout: true,
    AttachStderr: true,
    Labels: {
      ...spec.labels,
      [taskLabel]: taskId,
      [workerLabel]: workerId,
      [versionLabel]: tasklogVersion,
      [userLabel]: userId,
      [specLabel]: specText,
    },
    Volumes: Object.fromEntries(anonymous.map((path) => [path, {}])),
    // So that a `docker stop` by hand waits as long as ours.
    ...(spec.stopTimeoutMs !== undefined && { StopTimeout: Math.ceil(spec.stopTimeoutMs / 1000) }),
    HostConfig: {
      Binds: binds,
      ...(spec.tty && {
        ConsoleSize: [spec.terminalRows || usualRows, spec.terminalColumns || usualColumns],
      }),
      ...(spec.network !== "" && { NetworkMode: spec.network }),
      NanoCpus: toNanoCpus(spec.cpus),
      Memory: spec.memoryBytes,
      ...(logConfig !== undefined && { LogConfig: logConfig }),
      ...(spec.gpus !== "" && { DeviceRequests: [toDeviceRequest(spec.gpus)] }),
    },
  };
}

/** Billionths of a core; 0: no limit. */
function toNanoCpus(cpus: number): number {
  if (Number.isFinite(cpus) && cpus >= 0) return Math.round(cpus * 1e9);
  throw new TasklogError("invalid", `--cpus ${cpus} cannot be given: use a number above 0, such as 0.5`);
}

/** `all`, a count, or `device=0,capabilities=utility` with quotes around a list of devices, as `docker run --gpus`. */
function toDeviceRequest(gpus: string): DeviceRequest {
  const request: DeviceRequest = {
    Driver: "",
    Count: 0,
    DeviceIDs: [],
    Capabilities: [["gpu"]],
    Options: {},
  };
  for (const field of gpus.match(/(?:"[^"]*"|[^,"])+/g) ?? []) {
    const [, key = "", value = ""] = /^"?([^=]*)=?(.*?)"?$/.exec(field) ?? [];
    if (value === "") request.Count = toCount(key, gpus);
    else if (key === "count") request.Count = toCount(value, gpus);
    else if (key === "device") request.DeviceIDs = value.split(",");
    else if (key === "driver") request.Driver = value;
    else if (key === "capabilities") request.Capabilities = [["gpu", ...value.split(",")]];
    else throw gpusError(gpus);
  }
  if (request.Count === 0 && request.DeviceIDs?.length === 0) request.Count = 1;
  return request;
}

/** -1 stands for all of them. */
function toCount(text: string, gpus: string): number {
  if (text === "all") return -1;
  if (/^[1-9][0-9]{0,3}$/.test(text)) return Number(text);
  throw gpusError(gpus);
}

function gpusError(gpus: string): TasklogError {
  return new TasklogError(
    "invalid",
    `--gpus ${gpus} is not valid: use all, a number, or device=0 or device=UUID`,
  );
}
