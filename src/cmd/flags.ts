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
    description: "the master to ask (see `tasklog config`)",
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
    description: "where data is kept: a master's in DIR/master, a worker's in DIR/worker",
  },
} as const satisfies Flags;

export const masterFlags = {
  plugins: {
    type: "string",
    valueHint: "LIST",
    parse: commaList,
    default: "",
    description: "plugins to load, with commas between: ws, webhook, ./my-plugin.ts, cli",
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
    description: "where clients and workers come in",
    group: listening,
  },
  http: {
    type: "string",
    valueHint: "HOST:PORT",
    parse: addressOrNone,
    default: "127.0.0.1:8080",
    description: "where browsers come in; none: nowhere",
    group: listening,
  },
  "allow-origin": {
    type: "string",
    valueHint: "URL",
    parse: origin,
    multiple: true,
    description:
      "whose pages may ask beside its own, e.g. https://ci.example; their host may be asked for, too",
    group: listening,
  },
  "lost-after": {
    type: "string",
    valueHint: "TIME",
    parse: duration,
    default: `${lostAfterMs / 1000}s`,
    description: "a worker that stays away this long makes its tasks lost",
  },
} as const satisfies Flags;

export const logFlags = {
  "ring-lines": {
    type: "string",
    valueHint: "N",
    parse: count(1, 10_000_000),
    default: String(ringLinesMax),
    description: "newest lines of a task kept in memory",
    group: "Logs",
  },
  "ring-bytes": {
    type: "string",
    valueHint: "SIZE",
    parse: bytes,
    default: `${ringBytesMax / 1024 ** 2}m`,
    description: "and at most this much of them",
    group: "Logs",
  },
  "batch-lines": {
    type: "string",
    valueHint: "N",
    parse: count(1, 65_536),
    default: String(batchLinesMax),
    description: "lines a reader takes at once",
    group: "Logs",
  },
} as const satisfies Flags;

export const workerFlags = {
  name: { type: "string", valueHint: "NAME", description: "name of the worker; the host's by default" },
  label: {
    type: "string",
    alias: "l",
    valueHint: "KEY=VALUE",
    parse: label,
    multiple: true,
    description: "what tasks can ask for with --constraint",
  },
  slots: {
    type: "string",
    valueHint: "N",
    parse: count(1, 100_000),
    default: String(slotsDefault),
    description: "tasks it runs at once",
  },
  runtime: {
    type: "string",
    valueHint: "NAME",
    parse: commaList,
    multiple: true,
    description: "what tasks run with: docker (the default), process",
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
    description: "of the engine's own log of a task's container: at this size it is emptied",
  },
  adopt: {
    type: "string",
    valueHint: "WHICH",
    multiple: true,
    description:
      "follow containers that others start, too: 'name~^web' (RE2), label=KEY, label=KEY=VALUE or all",
  },
  retain: {
    type: "string",
    valueHint: "TIME",
    parse: duration,
    description: "remove lines that are older, such as 30d",
    group: "Store",
  },
  "task-bytes-max": {
    type: "string",
    valueHint: "SIZE",
    parse: bytes,
    description: "of one task's log on disk, such as 10g; its oldest lines go",
    group: "Store",
  },
  "store-bytes-max": {
    type: "string",
    valueHint: "SIZE",
    parse: bytes,
    description: "of all logs on disk; those of the tasks that ended first go first",
    group: "Store",
  },
  "retain-every": {
    type: "string",
    valueHint: "TIME",
    parse: interval,
    default: `${retainEveryMs / 1000}s`,
    description: "how often is looked for what these three remove",
    group: "Store",
  },
  fsync: {
    type: "enum",
    options: ["roll", "second", "never", "always"],
    default: "second",
    description:
      "when lines are made to outlive a loss of power: each second, with each file, at each write, never",
    group: "Store",
  },
} as const satisfies Flags;
