// What is said where lines of an engine's log are missing.
import type { OutputGap } from "../../runtime.ts";

export const rotatedAway = (): OutputGap => ({
  missing: { reason: "the engine's log had rotated them away" },
});
