// Which part of a log is asked for, from the flags of `monitor`.
import { TasklogError } from "../../core/base/errors.ts";
import type { Selection } from "../../core/log/select-lines.ts";
import type { Start } from "./follow-task.ts";
import type { MonitorArgs } from "./monitor-flags.ts";

export interface MonitorRange extends Selection {
  readonly start: Start;
}

type RangeArgs = Pick<MonitorArgs, "tail" | "from-seq" | "since" | "until" | "stream">;

const beginningFlags = ["tail", "from-seq", "since"];

/** Throws TasklogError "usage" where two flags contradict each other. `given`: the flags that were really given. */
export function rangeOf(args: RangeArgs, given: ReadonlySet<string>): MonitorRange {
  const beginnings = beginningFlags.filter((name) => given.has(name));
  if (beginnings.length > 1) {
    const named = beginnings.map((name) => `--${name}`).join(" and ");
    throw new TasklogError("usage", `${named} both say where to begin: give one of them`);
  }
  const narrowing = [...beginningFlags, "until", "stream"].find((name) => given.has(name));
  if (given.has("verify") && narrowing !== undefined)
    throw new TasklogError("usage", `--verify reads the whole log: leave out --${narrowing}`);
  return {
    start: startOf(args),
    ...(args.until !== undefined && { untilTime: args.until }),
    ...(args.stream !== undefined && { streams: [args.stream] }),
  };
}

function startOf({ tail, since, "from-seq": fromSeq }: RangeArgs): Start {
  if (fromSeq !== undefined) return { $case: "fromSeq", value: fromSeq };
  if (since !== undefined) return { $case: "since", value: since };
  return tail === "all" ? { $case: "all", value: true } : { $case: "tail", value: tail };
}
