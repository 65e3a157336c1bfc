// Waiting for a key on the terminal. The terminal is put into raw mode for as long as that takes and is restored
// whatever happens, also when the process ends by an error.
import { readFileSync } from "node:fs";

export type Key = "key" | "interrupt";

const ctrlCByte = 0x03;

/**
 * Resolves at the first key, or never when stdin is no terminal or belongs to another job. An aborted `signal`
 * restores the terminal and leaves the promise pending.
 */
export function nextKey(signal: AbortSignal): Promise<Key> {
  const { stdin } = process;
  const { promise, resolve } = Promise.withResolvers<Key>();
  if (!canReadKeys() || signal.aborted) return promise;
  const restore = (): void => {
    stdin.setRawMode(false);
  };
  const onData = (data: Buffer): void => {
    stop();
    resolve(data[0] === ctrlCByte ? "interrupt" : "key");
  };
  const stop = (): void => {
    stdin.off("data", onData);
    process.off("exit", restore);
    signal.removeEventListener("abort", stop);
    restore();
    stdin.pause();
    stdin.unref();
  };
  stdin.setRawMode(true);
  process.once("exit", restore);
  signal.addEventListener("abort", stop, { once: true });
  stdin.on("data", onData);
  stdin.resume();
  return promise;
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
