// The specification of `run` in the form that the master takes. Paths are made absolute here, where the folder is
// known that they are meant from.
import { resolve } from "node:path";
import { TasklogError } from "../../core/base/errors.ts";
import { parseKeyValue } from "../../core/base/labels.ts";
import { TaskSpec } from "../../core/rpc/gen/tasklog/v1/task.ts";
import type { Flags, Values } from "../framework/define-command.ts";
import { bytes, constraint, duration, label, positive } from "../framework/flag-values.ts";
import { envEntry, readEnvFile } from "./env-file.ts";

const limits = "Limits";
const placing = "Placing";

export const specFlags = {
  name: { type: "string", valueHint: "NAME", description: "name of the task" },
  env: {
    type: "string",
    alias: "e",
    valueHint: "KEY[=VALUE]",
    multiple: true,
    description: "set a variable; KEY alone takes its value from this environment",
  },
  "env-file": {
    type: "string",
    valueHint: "FILE",
    multiple: true,
    description: "set variables from a file, one KEY=VALUE a line",
  },
  volume: {
    type: "string",
    alias: "v",
    valueHint: "SOURCE:TARGET[:ro]",
    multiple: true,
    description: "mount a folder or a volume of the worker's host",
  },
  workdir: {
    type: "string",
    alias: "w",
    valueHint: "DIR",
    description: "start in this folder of the container",
  },
  user: {
    type: "string",
    alias: "u",
    valueHint: "USER[:GROUP]",
    description: "run as this user of the container",
  },
  entrypoint: { type: "string", valueHint: "COMMAND", description: "replace the entrypoint of the image" },
  network: { type: "string", valueHint: "NAME", description: "network of the engine: bridge, host, none, …" },
  tty: {
    type: "boolean",
    alias: "t",
    description: "give the task a terminal; stdout and stderr become one stream",
  },
  label: {
    type: "string",
    alias: "l",
    valueHint: "KEY=VALUE",
    parse: label,
    multiple: true,
    description: "label of the task",
  },
  webhook: {
    type: "string",
    valueHint: "URL",
    multiple: true,
    description: "call this URL when the task is done (the master runs the plugin webhook)",
  },
  keep: { type: "boolean", description: "keep the container when the task has ended" },
  pull: {
    type: "enum",
    options: ["always", "missing", "never"],
    default: "missing",
    description: "when to pull the image",
  },
  runtime: {
    type: "enum",
    options: ["docker", "process"],
    description: "runtime to use (default: the worker's first)",
    group: placing,
  },
  constraint: {
    type: "string",
    valueHint: "KEY=VALUE",
    parse: constraint,
    multiple: true,
    description: "run only on a worker with this label; also KEY!=VALUE and name=WORKER",
    group: placing,
  },
  cpus: {
    type: "string",
    valueHint: "N",
    parse: positive,
    description: "processor limit: 0.5, 2",
    group: limits,
  },
  memory: {
    type: "string",
    alias: "m",
    valueHint: "SIZE",
    parse: bytes,
    description: "memory limit: 512m, 2g",
    group: limits,
  },
  gpus: {
    type: "string",
    valueHint: "GPUS",
    description: "GPUs, as in docker run: all, 2, device=0",
    group: limits,
  },
  timeout: {
    type: "string",
    valueHint: "TIME",
    parse: duration,
    description: "end the task after this time: 30s, 5m, 1h30m",
    group: limits,
  },
  "stop-timeout": {
    type: "string",
    valueHint: "TIME",
    parse: duration,
    description: "time between SIGTERM and SIGKILL (default 10s)",
    group: limits,
  },
} as const satisfies Flags;

/** `image` and `rest` as they stood on the command line. Throws a usage error. */
export function taskSpec(
  args: Values<typeof specFlags>,
  image: string | undefined,
  rest: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): TaskSpec {
  const isProcess = args.runtime === "process" || (image === undefined && args.runtime === undefined);
  if (image === undefined && (!isProcess || rest.length === 0)) {
    throw new TasklogError("usage", '"run" needs an IMAGE: see `tasklog run --help`');
  }
  return TaskSpec.fromPartial({
    name: args.name ?? "",
    // With plain processes there is no image: the first word belongs to the command.
    image: isProcess ? "" : (image ?? ""),
    command: isProcess && image !== undefined ? [image, ...rest] : [...rest],
    entrypoint: args.entrypoint === undefined ? [] : [args.entrypoint],
    env: environment(args, env),
    volumes: args.volume.map(absoluteVolume),
    workdir: args.workdir ?? "",
    user: args.user ?? "",
    network: args.network ?? "",
    cpus: args.cpus ?? 0,
    memoryBytes: args.memory ?? 0,
    gpus: args.gpus ?? "",
    labels: Object.fromEntries(args.label),
    constraints: args.constraint,
    timeoutMs: args.timeout ?? 0,
    ...(args["stop-timeout"] !== undefined && { stopTimeoutMs: args["stop-timeout"] }),
    pull: args.pull,
    tty: args.tty,
    keep: args.keep,
    webhooks: args.webhook,
    runtime: isProcess ? "process" : (args.runtime ?? ""),
  });
}

/** Files first, flags over them; the last of a name counts. */
function environment(
  args: Values<typeof specFlags>,
  env: Readonly<Record<string, string | undefined>>,
): string[] {
  const entries = [
    ...args["env-file"].flatMap((path) => readEnvFile(path, env)),
    // A name without a value takes the variable out of the image's own, as docker run does.
    ...args.env.map((text) => envEntry(text, env, "--env") ?? text),
  ];
  return [...new Map(entries.map((entry) => [parseKeyValue(entry).key, entry])).values()];
}

/** `./data:/data` is meant from here; names of volumes and absolute paths stay. */
function absoluteVolume(text: string): string {
  const [source = "", ...target] = text.split(":");
  return /^\.{1,2}(\/|$)/.test(source) ? [resolve(source), ...target].join(":") : text;
}
