// What is said where lines of an engine's log are missing.
import type { OutputGap } from "../output.ts";

export const rotatedAway = (): OutputGap => ({
  missing: { reason: "the engine's log had rotated them away" },
});
/** Where a log begins of which rotation may have removed the beginning before it was read at all. */
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
