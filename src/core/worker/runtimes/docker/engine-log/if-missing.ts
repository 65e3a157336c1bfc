/** For `catch`: `value` where a file is not there; everything else is thrown on. */
export function ifMissing<T>(value: T): (thrown: unknown) => T {
  return (thrown) => {
    if ((thrown as NodeJS.ErrnoException).code === "ENOENT") return value;
    throw thrown;
  };
}
