// Errors that nobody caught and that a stranger's plugin has thrown: in a timer, an event, a promise that nobody looks
// at. They end that plugin and not the master. Whose an error is, its stack tells, because it names the plugin's
// files (the context of an AsyncLocalStorage is gone when Bun 1.4.5 reports a rejection). What is no plugin's stays
// what it was: the end of the process.
import { join } from "node:path";
import { TasklogError } from "../errors.ts";

export interface FaultOwner {
  readonly file: string;
  /** All files below it are the plugin's, too. */
  readonly folder: string;
  fail(error: unknown): void;
}

/**
 * A plugin, or a package that it uses, must not end the master without a word: from now on `process.exit` throws, which
 * is that plugin's fault. Who may end the process (main.ts) has kept the real one.
 */
export function forbidExit(): void {
  process.exit = (code) => {
    throw new TasklogError(
      "not_permitted",
      `it called process.exit(${code ?? ""}), which would end the master; throw an error instead`,
    );
  };
}

/** Where our own sources are: a plugin that lies beside them answers for its own file only. */
const own = join(import.meta.dir, "../../..");
const owners = new Set<FaultOwner>();

/** Until disposed, faults from these files are the owner's. */
export function watchFaults(owner: FaultOwner): Disposable {
  if (owners.size === 0) {
    process.on("uncaughtException", blame);
    process.on("unhandledRejection", blame);
  }
  owners.add(owner);
  return {
    [Symbol.dispose]() {
      if (owners.delete(owner) && owners.size === 0) letGo();
    },
  };
}

function letGo(): void {
  process.off("uncaughtException", blame);
  process.off("unhandledRejection", blame);
}

function blame(error: unknown): void {
  const owner = ownerOf(error);
  if (owner !== undefined) {
    owner.fail(error);
    return;
  }
  owners.clear();
  letGo();
  setImmediate(() => {
    throw error;
  });
}

function ownerOf(error: unknown): FaultOwner | undefined {
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  const all = [...owners];
  const byFile = all.find(({ file }) => stack.includes(file));
  if (byFile !== undefined) return byFile;
  return all.find(({ folder }) => !own.startsWith(folder) && stack.includes(`${folder}/`));
}
