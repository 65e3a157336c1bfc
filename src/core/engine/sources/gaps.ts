// The gaps that are reported where lines of an engine's log are missing.
import type { OutputGap } from "../output.ts";

export const rotatedAway = (): OutputGap => ({
  missing: { reason: "the engine's log had rotated them away" },
});
/** The gap at the beginning of a log if rotation may have removed that beginning before it was read. */
export const perhapsRotatedAway = (): OutputGap => ({
  missing: { reason: "perhaps none: the engine's log had rotated before it was read" },
});
export const overtaken = (): OutputGap => ({
  missing: { reason: "the engine's log rotated away what had not been read yet" },
});
export const emptied = (): OutputGap => ({
  missing: { reason: "the engine's log file was emptied before all of it had been read" },
});
export const damaged = (): OutputGap => ({ missing: { reason: "the engine's log file is damaged here" } });
/** The gap where lines of an attach cannot be counted in the log. */
export const uncounted = (): OutputGap => ({
  missing: { reason: "perhaps none: how many lines had been taken before is not known" },
});
export const behindTaken = (): OutputGap => ({
  missing: { reason: "perhaps none: the engine's log lacks lines that had been taken before" },
});
export const otherLines = (): OutputGap => ({
  missing: { reason: "perhaps none: the engine's log has other lines than those taken before" },
});
