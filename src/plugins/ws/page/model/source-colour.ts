// A colour for a task that is the same on every screen: taken from its id.

/** The number of colours that the style sheet has for sources. */
const sourceColours = 8;

/** 0 to `sourceColours` - 1. */
export function sourceColour(taskId: string): number {
  let hash = 2166136261;
  for (let i = 0; i < taskId.length; i += 1) hash = Math.imul(hash ^ taskId.charCodeAt(i), 16777619);
  return (hash >>> 0) % sourceColours;
}
