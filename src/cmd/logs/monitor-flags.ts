// The flags of `tasklog monitor`, in a file of their own because all that shows a log takes what they say.
import { tailLinesDefault } from "../../core/base/limits.ts";
import { clientFlags } from "../flags.ts";
import type { Flags, Values } from "../framework/define-command.ts";
import { count, countOrAll, time } from "../framework/flag-values.ts";

export const monitorFlags = {
  TASK: { type: "positional", multiple: true, required: true, description: "id, unique prefix or name" },
  tail: {
    type: "string",
    alias: "n",
    valueHint: "N|all",
    parse: countOrAll(0),
    default: String(tailLinesDefault),
    description: "start N lines before the end; both streams count",
  },
  "from-seq": {
    type: "string",
    valueHint: "N",
    parse: count(1),
    description: "start at line N",
  },
  since: {
    type: "string",
    valueHint: "TIME",
    parse: time,
    description:
      "start at the first line after this time: 10m (ago), RFC 3339, 2026-01-31 14:03 (local time), or Unix seconds",
  },
  until: {
    type: "string",
    valueHint: "TIME",
    parse: time,
    description: "stop at the first line after this time",
  },
  stream: { type: "enum", options: ["stdout", "stderr"], description: "show only this stream" },
  follow: {
    type: "boolean",
    alias: "f",
    default: true,
    negativeDescription: "exit at the end of what there is now",
    description: "follow until the task ends",
  },
  previous: {
    type: "boolean",
    alias: "p",
    description:
      "show the run before: the previous task of this name, or the previous start of the container",
  },
  timestamps: { type: "boolean", alias: "t", description: "put the time before each line" },
  raw: {
    type: "boolean",
    description: "also pass control sequences to the terminal (default: text and colours only)",
  },
  json: { type: "boolean", description: "print NDJSON: seq, time, stream, text, task" },
  verify: {
    type: "boolean",
    description:
      "print no lines; read the whole log and compare its checksum with the one recorded at the end",
  },
  ...clientFlags,
} as const satisfies Flags;

/** The parsed flags of `tasklog monitor`. */
export type MonitorArgs = Values<typeof monitorFlags>;
