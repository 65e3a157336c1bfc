// One process for each data folder. The lock is an open exclusive SQLite transaction on `<dir>/lock`: the kernel
// gives it back when the process ends, however it ends, so there is no stale lock file to remove by hand.
// It does not hold between machines on a network file system without locks.
import { Database, SQLiteError } from "bun:sqlite";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { TasklogError } from "./errors.ts";

/**
 * Creates the folder if need be and holds it until disposed. `what` says who asks, in words: "master".
 * @throws TasklogError "busy" when another process holds it, "not_permitted" when it cannot be written.
 */
export async function lockDataDir(dir: string, what: string): Promise<AsyncDisposable> {
  const database = await openLock(dir, what);
  try {
    database.run("PRAGMA busy_timeout = 0");
    database.run("BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    if (error instanceof SQLiteError && error.code?.startsWith("SQLITE_BUSY")) {
      throw new TasklogError(
        "busy",
        `the data folder ${dir} is in use by another tasklog ${what}; stop that one, or choose another folder with --data-dir`,
        { cause: error },
      );
    }
    throw notWritable(dir, what, error);
  }
  return {
    async [Symbol.asyncDispose]() {
      database.close();
    },
  };
}

async function openLock(dir: string, what: string): Promise<Database> {
  try {
    await mkdir(dir, { recursive: true, mode: 0o700 });
    return new Database(join(dir, "lock"), { create: true });
  } catch (error) {
    throw notWritable(dir, what, error);
  }
}

function notWritable(dir: string, what: string, cause: unknown): TasklogError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new TasklogError(
    "not_permitted",
    `the ${what} cannot write to its data folder ${dir} (${reason}); make it writable, or choose another with --data-dir`,
    { cause },
  );
}
