// Errors that nobody caught and that a stranger's plugin has thrown: in a timer, an event, a promise that nobody looks
// at. They end that plugin and not the master. Whose an error is, its stack tells, because it names the plugin's
// files (the context of an AsyncLocalStorage is gone when Bun 1.4.5 reports a rejection). One that names no file of ours
// (a thrown text, a socket's error, a tail call) is the plugin's if there is but one; what can be anybody's is told, and
// ends nobody.
import { join } from "node:path";
import { TasklogError } from "../../base/errors.ts";

export interface FaultOwner {
  readonly name: string;
  readonly file: string;
  /** All files below it are the plugin's, too. */
  readonly folder: string;
  fail(error: unknown): void;
  /** Tells of an error whose owner is not known. */
  tell(message: string): void;
}

/** The folder of our own sources: a plugin that lies beside them is responsible for its own file only. */
const own = join(import.meta.dir, "../../../..");
/** The text that marks our frames in a stack: in the executable, or from source. */
const ours = import.meta.dir.startsWith("/$bunfs/") ? "/$bunfs/" : join(own, "src/");
const owners = new Set<FaultOwner>();

/** Reports faults from these files to the owner until disposed. */
export function watchFaults(owner: FaultOwner): Disposable {
  if (owners.size === 0) {
    process.on("uncaughtException", blame);
    process.on("unhandledRejection", blame);
  }
  owners.add(owner);
  return {
    [Symbol.dispose]() {
      if (!owners.delete(owner) || owners.size > 0) return;
      process.off("uncaughtException", blame);
      process.off("unhandledRejection", blame);
    },
  };
}

function blame(error: unknown): void {
  const owner = ownerOf(error);
  if (owner !== undefined) {
    owner.fail(error);
    return;
  }
  const [first, ...others] = owners;
  const names = [first, ...others].map((one) => one?.name).join(" or ");
  first?.tell(`nobody caught an error, perhaps of the plugin ${names}: ${TasklogError.from(error).message}`);
}

function ownerOf(error: unknown): FaultOwner | undefined {
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  const all = [...owners];
  const named =
    all.find(({ file }) => stack.includes(file)) ??
    all.find(({ folder }) => !own.startsWith(folder) && stack.includes(`${folder}/`));
  return named ?? (all.length === 1 && !stack.includes(ours) ? all[0] : undefined);
}
