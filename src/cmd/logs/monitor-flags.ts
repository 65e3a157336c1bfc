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
    description: "begin so many lines (of both streams) before the end",
  },
  "from-seq": {
    type: "string",
    valueHint: "N",
    parse: count(1),
    description: "begin with this line instead",
  },
  since: {
    type: "string",
    valueHint: "TIME",
    parse: time,
    description: "begin with the first line since then instead: 10m (ago), or RFC 3339",
  },
  until: {
    type: "string",
    valueHint: "TIME",
    parse: time,
    description: "leave before the first line that is later",
  },
  stream: { type: "enum", options: ["stdout", "stderr"], description: "show only lines of this one" },
  follow: {
    type: "boolean",
    alias: "f",
    default: true,
    negativeDescription: "leave at the end of what there is now",
    description: "go on until the task ends",
  },
  previous: {
    type: "boolean",
    alias: "p",
    description:
      "show the run before that one: of a task of the same name, or of a container that was started again",
  },
  timestamps: { type: "boolean", alias: "t", description: "put the time before each line" },
  json: { type: "boolean", description: "print NDJSON: seq, time, stream, text, task" },
  verify: {
    type: "boolean",
    description: "show no lines: read all of them and compare their checksum with the one of the completion",
  },
  ...clientFlags,
} as const satisfies Flags;

/** What the flags of `tasklog monitor` were read as. */
export type MonitorArgs = Values<typeof monitorFlags>;
