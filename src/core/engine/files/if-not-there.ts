/**
 * Makes a handler for `catch` that returns `value` if a file is not there, or is no whole compressed one (yet), or
 * unpacks to more than the engine writes into one, and rethrows everything else.
 */
export function ifNotThere<T>(value: T): (thrown: unknown) => T {
  return (thrown) => {
    const { code } = thrown as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "EFBIG" || code?.startsWith("Z_")) return value;
    throw thrown;
  };
}
