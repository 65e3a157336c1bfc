// Flags that several commands share, each written once.
import {
  batchLinesMax,
  lostAfterMs,
  retainEveryMs,
  ringBytesMax,
  ringLinesMax,
  slotsDefault,
} from "../core/base/limits.ts";
import type { Flags } from "./framework/define-command.ts";
import {
  address,
  addressOrNone,
  bytes,
  commaList,
  count,
  duration,
  interval,
  label,
  origin,
  pluginOption,
} from "./framework/flag-values.ts";

const everywhere = "Everywhere";

export const commonFlags = {
  color: {
    type: "enum",
    options: ["auto", "always", "never"],
    description: "use colours",
    group: everywhere,
  },
  verbose: { type: "boolean", description: "say more on stderr, with stack traces", group: everywhere },
} as const satisfies Flags;

export const clientFlags = {
  master: {
    type: "string",
    valueHint: "HOST:PORT",
    description: "address of the master (see `tasklog config`)",
    group: everywhere,
  },
  ...commonFlags,
} as const satisfies Flags;

const listening = "Listening";

export const insecureFlag = {
  insecure: {
    type: "boolean",
    description: "allow addresses beyond loopback, where anybody can read logs and start tasks",
    group: listening,
  },
} as const satisfies Flags;

export const dataDirFlag = {
  "data-dir": {
    type: "string",
    valueHint: "DIR",
    description: "data folder: the master uses DIR/master, a worker DIR/worker",
  },
} as const satisfies Flags;

export const masterFlags = {
  plugins: {
    type: "string",
    valueHint: "LIST",
    parse: commaList,
    default: "",
    description: "plugins to load, separated by commas: ws, webhook, ./my-plugin.ts, cli",
  },
  "plugin-option": {
    type: "string",
    valueHint: "NAME.KEY=VALUE",
    parse: pluginOption,
    multiple: true,
    description: "set an option of a plugin; the config file's [plugins.NAME] does the same",
  },
  grpc: {
    type: "string",
    valueHint: "HOST:PORT",
    parse: address,
    default: "127.0.0.1:7070",
    description: "address for clients and workers",
    group: listening,
  },
  http: {
    type: "string",
    valueHint: "HOST:PORT",
    parse: addressOrNone,
    default: "127.0.0.1:8080",
    description: "address for browsers and the HTTP API; none turns it off",
    group: listening,
  },
  "allow-origin": {
    type: "string",
    valueHint: "URL",
    parse: origin,
    multiple: true,
    description: "another origin whose pages may call the API, e.g. https://ci.example",
    group: listening,
  },
  "lost-after": {
    type: "string",
    valueHint: "TIME",
    parse: duration,
    default: `${lostAfterMs / 1000}s`,
    description: "tasks of a worker that is away this long become lost",
  },
} as const satisfies Flags;

export const logFlags = {
  "ring-lines": {
    type: "string",
    valueHint: "N",
    parse: count(1, 10_000_000),
    default: String(ringLinesMax),
    description: "newest lines of each task to keep in memory",
    group: "Logs",
  },
  "ring-bytes": {
    type: "string",
    valueHint: "SIZE",
    parse: bytes,
    default: `${ringBytesMax / 1024 ** 2}m`,
    description: "upper bound in bytes of those lines",
    group: "Logs",
  },
  "batch-lines": {
    type: "string",
    valueHint: "N",
    parse: count(1, 65_536),
    default: String(batchLinesMax),
    description: "most lines in one batch",
    group: "Logs",
  },
} as const satisfies Flags;

export const workerFlags = {
  name: { type: "string", valueHint: "NAME", description: "name of the worker (default: the host name)" },
  label: {
    type: "string",
    alias: "l",
    valueHint: "KEY=VALUE",
    parse: label,
    multiple: true,
    description: "label that tasks can require with --constraint",
  },
  slots: {
    type: "string",
    valueHint: "N",
    parse: count(1, 100_000),
    default: String(slotsDefault),
    description: "tasks to run at the same time",
  },
  runtime: {
    type: "string",
    valueHint: "NAME",
    parse: commaList,
    multiple: true,
    description: "runtime to offer: docker (the default), process",
  },
  "docker-host": {
    type: "string",
    valueHint: "URL",
    description: "the container engine (see `tasklog config`)",
  },
  "engine-log-max": {
    type: "string",
    valueHint: "SIZE",
    parse: bytes,
    default: "100g",
    description: "size at which the engine empties its own log of a task's container",
  },
  adopt: {
    type: "string",
    valueHint: "WHICH",
    multiple: true,
    description: "adopt containers that others start: 'name~^web' (RE2), label=KEY, label=KEY=VALUE or all",
  },
  retain: {
    type: "string",
    valueHint: "TIME",
    parse: duration,
    description: "remove lines older than this, e.g. 30d",
    group: "Store",
  },
  "task-bytes-max": {
    type: "string",
    valueHint: "SIZE",
    parse: bytes,
    description: "largest log of one task on disk, e.g. 10g; its oldest lines are removed",
    group: "Store",
  },
  "store-bytes-max": {
    type: "string",
    valueHint: "SIZE",
    parse: bytes,
    description: "largest size of all logs on disk; logs of the tasks that ended first are removed first",
    group: "Store",
  },
  "retain-every": {
    type: "string",
    valueHint: "TIME",
    parse: interval,
    default: `${retainEveryMs / 1000}s`,
    description: "how often the three limits above are applied",
    group: "Store",
  },
  fsync: {
    type: "enum",
    options: ["roll", "second", "never", "always"],
    default: "second",
    description: "when lines are flushed to disk: roll (each file), second, always (each write), never",
    group: "Store",
  },
} as const satisfies Flags;
