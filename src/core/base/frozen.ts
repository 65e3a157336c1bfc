// Plugins see the same objects of tasks and workers as the master and all other plugins: it is copied for nobody and
// changed by nobody. A plugin that writes to it gets a TypeError, which is its own fault, instead of a master whose
// tasks are not what they were.

/** Freezes `value` with all that is in it, and gives it back. */
export function frozen<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  for (const part of Object.values(value)) frozen(part);
  return Object.freeze(value);
}
