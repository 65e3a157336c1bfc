/** For `catch`: `value` where a file is not there, or is no whole compressed one (yet); everything else is thrown on. */
export function ifNotThere<T>(value: T): (thrown: unknown) => T {
  return (thrown) => {
    const { code } = thrown as NodeJS.ErrnoException;
    if (code === "ENOENT" || code?.startsWith("Z_")) return value;
    throw thrown;
  };
}
