// The commands, by name. A command's file is loaded when it is asked for and not before; the paths are literal, so
// that the bundler finds them.

import { commonFlags } from "./flags.ts";
import {
  type Command,
  type CommandEntry,
  type CommandTable,
  defineCommand,
} from "./framework/define-command.ts";

const start = "Start";
const tasks = "Tasks";
const look = "Look around";

const commands: readonly CommandEntry[] = [
  {
    name: "up",
    group: start,
    summary: "start a master and a worker on this host",
    load: async () => (await import("./up.ts")).default,
  },
  {
    name: "master",
    group: start,
    summary: "start a master",
    load: async () => (await import("./master.ts")).default,
  },
  {
    name: "worker",
    group: start,
    summary: "start a worker on a Docker host",
    load: async () => (await import("./worker.ts")).default,
  },
  {
    name: "run",
    group: tasks,
    summary: "run a command in a container and see what it prints",
    load: async () => (await import("./run.ts")).default,
  },
  {
    name: "monitor",
    group: tasks,
    summary: "see what tasks print, live and afterwards",
    load: async () => (await import("./monitor.ts")).default,
  },
  {
    name: "list-tasks",
    alias: "ps",
    group: tasks,
    summary: "list tasks",
    load: async () => (await import("./list-tasks.ts")).default,
  },
  {
    name: "cancel",
    group: tasks,
    summary: "cancel tasks",
    load: async () => (await import("./cancel.ts")).default,
  },
  {
    name: "inspect",
    group: tasks,
    summary: "show all about a task",
    load: async () => (await import("./inspect.ts")).default,
  },
  {
    name: "workers",
    group: look,
    summary: "list workers",
    load: async () => (await import("./workers.ts")).default,
  },
  {
    name: "plugins",
    group: look,
    summary: "show plugins and their options",
    load: async () => (await import("./plugins.ts")).default,
  },
  {
    name: "webhooks",
    group: look,
    summary: "show undelivered webhook calls, send them again, test a URL",
    load: async () => (await import("./webhooks.ts")).default,
  },
  {
    name: "store",
    group: look,
    summary: "list or verify the logs in a worker's data folder",
    load: async () => (await import("./store.ts")).default,
  },
  {
    name: "config",
    group: look,
    summary: "show what settings are in force",
    load: async () => (await import("./config.ts")).default,
  },
];

/**
 * The root command: the flags that may stand before a command, and the words of `tasklog --help`. Its `run` is never
 * called.
 */
const rootCommand: Command = defineCommand({
  meta: {
    name: "tasklog",
    description:
      "Runs tasks in containers on your Docker hosts and shows what they print, live and afterwards.",
  },
  args: { version: { type: "boolean", alias: "V", description: "show the version" }, ...commonFlags },
  examples: [
    { command: "tasklog up", what: "a master and a worker on this host" },
    { command: "tasklog run alpine -- echo hello", what: "in another terminal: run something" },
    { command: "tasklog monitor TASK", what: "watch it from anywhere, as often as you like" },
  ],
  run: async () => 2,
});

/** The table that main.ts hands to the framework, which itself knows no command. */
export const commandTable: CommandTable = { root: rootCommand, commands };
