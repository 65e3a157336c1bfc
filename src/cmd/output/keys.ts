// Waiting for a key on the terminal. The terminal is put into raw mode for as long as that takes and is restored
// whatever happens, also when the process ends by an error. (A shell does that itself for a job that is stopped.)
import { readFileSync } from "node:fs";
import { startTimer, type Timer } from "../../core/base/wait.ts";
import { type Key, KeyScanner } from "./key-scanner.ts";

/** The time within which a byte after an ESC belongs to it, in ms: a terminal writes its sequences at once. */
const escapeMs = 200;

/**
 * Resolves at the first key, or never when stdin is no terminal or belongs to another job. An aborted `signal`
 * restores the terminal and leaves the promise pending.
 */
export function nextKey(signal: AbortSignal): Promise<Key> {
  const { stdin } = process;
  const { promise, resolve } = Promise.withResolvers<Key>();
  if (!canReadKeys() || signal.aborted) return promise;
  const scanner = new KeyScanner();
  let alone: Timer | undefined;
  const onData = (data: Uint8Array): void => {
    alone?.stop();
    const key = scanner.take(data);
    if (key !== undefined) end(key);
    else if (scanner.isAtEscape) alone = startTimer(() => end("key"), escapeMs);
    else alone = startTimer(() => scanner.reset(), escapeMs).unref();
  };
  const end = (key: Key): void => {
    stop();
    resolve(key);
  };
  const restore = (): void => setRaw(false);
  const stop = (): void => {
    alone?.stop();
    stdin.off("data", onData);
    process.off("exit", restore);
    signal.removeEventListener("abort", stop);
    restore();
    stdin.pause();
    stdin.unref();
  };
  setRaw(true);
  process.once("exit", restore);
  signal.addEventListener("abort", stop, { once: true });
  stdin.on("data", onData);
  stdin.resume();
  return promise;
}

/** The terminal may be gone, as after a SIGHUP. */
function setRaw(isRaw: boolean): void {
  try {
    process.stdin.setRawMode(isRaw);
  } catch {
    // There is nothing to restore.
  }
}

/** True if somebody can press a key that reaches this process. */
export function canReadKeys(): boolean {
  return process.stdin.isTTY === true && isForeground();
}

/** Setting the terminal from a background job (`monitor … &`) would stop the process. */
function isForeground(): boolean {
  try {
    const stat = readFileSync("/proc/self/stat", "utf8");
    const [, , processGroup, , , foregroundGroup] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return processGroup === foregroundGroup;
  } catch {
    return true; // no /proc: not Linux
  }
}
