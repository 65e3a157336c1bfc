// Process groups: signals to all of one, and their names. A name is `pid:starttime`, because a pid alone is used again
// by the system; the start time is the kernel's, in clock ticks since boot, 0 where there is no /proc.
import { readFileSync } from "node:fs";

/** The index of `starttime` behind the name in /proc/PID/stat, see proc(5): field 22, where the name is field 2. */
const starttimeField = 19;

export function groupName(pid: number): string {
  return `${pid}:${startTime(pid)}`;
}

/** True if the group's first process is the one that was named. */
export function isSame(name: string): boolean {
  const [pid = "", started = ""] = name.split(":");
  return started !== "0" && startTime(Number(pid)) === started;
}

/** Signals the whole group; returns false if there is none any more. */
export function signalGroup(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(-pid, signal);
  } catch {
    return false;
  }
}

function startTime(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field, the command in brackets, may have spaces and brackets in it.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[starttimeField] ?? "0";
  } catch {
    return "0";
  }
}
